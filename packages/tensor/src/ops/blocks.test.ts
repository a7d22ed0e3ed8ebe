// Builders that cut and join, against Python's slices and plain lists, and every refusal.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  arraysOf,
  at,
  expectSame,
  property,
  refuses,
  shapes,
  tabulate,
  valueOf,
} from "../../../../test/arrays.ts";
import {
  array,
  concat,
  constant,
  evaluate,
  input,
  pad,
  slice,
  split,
  stack,
  type NdArray,
  type Range,
  type Tensor,
} from "../index.ts";

const ranges: fc.Arbitrary<Range> = fc.option(
  fc.tuple(
    fc.integer({ min: -6, max: 6 }),
    fc.option(fc.integer({ min: -6, max: 6 }), { nil: null }),
    fc.constantFrom(-3, -2, -1, 1, 2, 3),
  ),
);

/** The places that Python's `range(*slice(from, to, step).indices(size))` visits, by walking. */
function places(size: number, range: Range): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  if (range === null) return all;
  const [from, to, step = 1] = range;
  const end = (x: number, low: number, high: number): number =>
    Math.min(high, Math.max(low, x < 0 ? x + size : x));
  const found: number[] = [];
  if (step > 0)
    for (let i = end(from, 0, size); i < (to === null ? size : end(to, 0, size)); i += step) found.push(i);
  else
    for (let i = end(from, -1, size - 1); i > (to === null ? -1 : end(to, -1, size - 1)); i += step)
      found.push(i);
  return found;
}

property(
  "slice takes the elements that Python's slice takes",
  shapes().chain((shape) => fc.tuple(arraysOf(shape), fc.array(ranges, { maxLength: shape.length }))),
  ([x, list]) => {
    const kept = x.shape.map((size, axis) => places(size, list[axis] ?? null));
    const wanted = tabulate(
      kept.map((k) => k.length),
      "f64",
      (position) =>
        at(
          x,
          position.map((i, axis) => kept[axis]![i]!),
        ),
    );
    expectSame(
      valueOf((t) => slice(t, list), [x], { named: false }),
      wanted,
    );
  },
);

test("a named axis is sliced whole, or between ends that are known", () => {
  const x = input("x", ["m", 2]);
  const values = {
    x: [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
  };
  expect(slice(x, [null, [0, 1]]).shape).toEqual(["m", 1]);
  expect(slice(x, [[0, null]])).toBe(x);
  expect([
    ...evaluate(
      slice(x, [
        [1, 3],
        [1, 2],
      ]),
      values,
    ).data,
  ]).toEqual([4, 6]);
  expect([
    ...evaluate(
      slice(x, [
        [0, 3, 2],
        [0, 1],
      ]),
      values,
    ).data,
  ]).toEqual([1, 5]);
  expect(slice(x, [[2, 2]]).shape).toEqual([0, 2]);
  expect(slice(x, [])).toBe(x);
});

property(
  "pad puts a value around the elements",
  shapes({ maxRank: 3 }).chain((shape) =>
    fc.tuple(
      arraysOf(shape),
      fc.array(fc.tuple(fc.nat(2), fc.nat(2)), { maxLength: shape.length }),
      fc.constantFrom(0, 7, Number.NEGATIVE_INFINITY, undefined),
    ),
  ),
  ([x, widths, value]) => {
    const shape = x.shape.map((size, axis) => size + (widths[axis]?.[0] ?? 0) + (widths[axis]?.[1] ?? 0));
    const wanted = tabulate(shape, "f64", (position) => {
      const inner = position.map((i, axis) => i - (widths[axis]?.[0] ?? 0));
      return inner.every((i, axis) => i >= 0 && i < x.shape[axis]!) ? at(x, inner) : (value ?? 0);
    });
    const options = value === undefined ? {} : { value };
    expectSame(
      valueOf((t) => pad(t, widths, options), [x], { named: false }),
      wanted,
    );
  },
);

test("pad leaves a named axis as it is", () => {
  const x = input("x", ["m", 1]);
  const value = evaluate(
    pad(
      x,
      [
        [0, 0],
        [1, 1],
      ],
      { value: 9 },
    ),
    { x: [[1], [2]] },
  );
  expect([value.shape, [...value.data]]).toEqual([
    [2, 3],
    [9, 1, 9, 9, 2, 9],
  ]);
  expect(pad(x, [])).toBe(x);
  expect([...evaluate(pad(constant([true]), [[1, 0]])).data]).toEqual([0, 1]);
});

property(
  "stack puts parts along a new axis",
  shapes({ maxRank: 3 }).chain((shape) =>
    fc.tuple(
      fc.array(arraysOf(shape, "i32"), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: -shape.length - 1, max: shape.length }),
    ),
  ),
  ([parts, axis]) => {
    const first = parts[0] as NdArray;
    const at0 = (axis + first.shape.length + 1) % (first.shape.length + 1);
    const wanted = tabulate(first.shape.toSpliced(at0, 0, parts.length), "i32", (position) =>
      at(parts[position[at0]!]!, position.toSpliced(at0, 1)),
    );
    expectSame(
      valueOf((...t) => stack(t as readonly Tensor[], axis), parts),
      wanted,
    );
  },
);

property(
  "split undoes concat",
  shapes({ minRank: 1, maxRank: 3 }).chain((shape) =>
    fc.nat(shape.length - 1).chain((axis) =>
      fc.tuple(
        fc
          .array(fc.nat(3), { minLength: 1, maxLength: 3 })
          .chain((sizes) => fc.tuple(...sizes.map((size) => arraysOf(shape.with(axis, size))))),
        fc.constant(axis),
      ),
    ),
  ),
  ([parts, axis]) => {
    const whole = concat(parts.map((part) => constant(part)) as readonly Tensor[], axis);
    const back = split(
      whole,
      parts.map((part) => part.shape[axis]!),
      axis - whole.shape.length,
    );
    for (const [i, value] of evaluate(back).entries()) expectSame(value, parts[i]!);
    expect(back).toHaveLength(parts.length);
  },
);

test("split into equal parts", () => {
  const parts = evaluate(split(constant([1, 2, 3, 4, 5, 6]), 3));
  expect(parts.map((part) => [...part.data])).toEqual([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);
});

const x = input("x", [3, "m"]);
const loose = x as Tensor;
const y = input("y", [2, 3]) as Tensor;

refuses([
  [
    "more ranges than axes",
    () => slice(constant([1]), [null, null]),
    "slice: at most one range an axis, got 2 for [1]",
  ],
  [
    "a range that is no list",
    () => slice(constant([1]), [{} as never]),
    "slice: a range is [from, to, step] or null, got {}",
  ],
  [
    "a step of 0",
    () => slice(constant([1]), [[0, 1, 0]]),
    "slice: ranges are whole numbers with a step that is not 0, got [0, 1, 0]",
  ],
  [
    "an end that is not whole",
    () => slice(constant([1]), [[0.5, 1]]),
    "slice: ranges are whole numbers with a step that is not 0, got [0.5, 1]",
  ],
  [
    "a named axis from the end",
    () => slice(x, [null, [-1, null]]),
    "slice: on the named axis m both ends must be counted from the front, got [-1, null, 1] of [3, m]",
  ],
  [
    "a named axis backwards",
    () => slice(x, [null, [2, 0, -1]]),
    "slice: on the named axis m both ends must be counted from the front, got [2, 0, -1] of [3, m]",
  ],
  [
    "a named axis to its end",
    () => slice(x, [null, [1, null]]),
    "slice: on the named axis m both ends must be counted from the front, got [1, null, 1] of [3, m]",
  ],
  [
    "a range beyond a named axis",
    () => evaluate(slice(x, [null, [0, 3]]), { x: [[1], [2], [3]] }),
    "slice: the block must lie within the shape, got element 2 of 1 on axis 1",
  ],
  ["a negative width", () => pad(x, [[-1, 0]]), "pad: widths are whole numbers from 0, got [-1, 0]"],
  [
    "a width that is not whole",
    () => pad(x, [[0, 0.5]]),
    "pad: widths are whole numbers from 0, got [0, 0.5]",
  ],
  [
    "a named axis that would grow",
    () =>
      pad(x, [
        [0, 0],
        [1, 0],
      ]),
    "pad: a named axis cannot grow, got m with [1, 0]",
  ],
  [
    "more widths than axes",
    () =>
      pad(constant([1]), [
        [0, 0],
        [0, 0],
      ]),
    "pad: at most one pair of widths an axis, got 2 for [1]",
  ],
  ["a concatenation of nothing", () => concat([]), "concat: at least one part is needed, got none"],
  [
    "a concatenation along an axis beyond the rank",
    () => concat([y, y], 2),
    "concat: the axis must be within the rank, got 2 for rank 2\n  help   axes are -2 to 1",
  ],
  [
    "parts that differ",
    () => concat([loose, y]),
    "concat: parts must agree on every axis but 0, got [3, m] and [2, 3]\n  part1  x       [3, m]  input\n  part2  y       [2, 3]  input",
  ],
  ["a stack of nothing", () => stack([]), "stack: at least one part is needed, got none"],
  [
    "a stack of unequal shapes",
    () => stack([loose, y]),
    "stack: parts must have one shape, got [3, m] and [2, 3]\n  part1  x       [3, m]  input\n  part2  y       [2, 3]  input",
  ],
  [
    "a stack of unequal dtypes",
    () => stack([constant([1]), constant([1], { dtype: "i32" })]),
    'stack: dtypes must agree, got f32 and i32\n  part1  constant  [1]      constant\n  part2  constant  [1] i32  constant\n  help   cast one of them, as in cast(x, "i32")',
  ],
  [
    "a stack along an axis beyond the rank",
    () => stack([y], 3),
    "stack: the axis must be within the rank, got 3 for rank 3\n  help   axes are -3 to 2",
  ],
  [
    "sizes that do not add up",
    () => split(constant(array([1, 2, 3])), [1, 1]),
    "split: the sizes must add up to the axis, got [1, 1] for 3 on axis 0",
  ],
  [
    "a negative size",
    () => split(constant(array([1, 2, 3])), [4, -1]),
    "split: the sizes must add up to the axis, got [4, -1] for 3 on axis 0",
  ],
  [
    "a named axis to be split",
    () => split(x, [1], 1),
    "split: the sizes must add up to the axis, got [1] for m on axis 1",
  ],
  [
    "unequal parts",
    () => split(constant(array([1, 2, 3])), 2),
    "split: the axis must divide into equal parts, got 3 into 2",
  ],
  [
    "equal parts of a named axis",
    () => split(x, 2, 1),
    "split: the axis must divide into equal parts, got m into 2",
  ],
  [
    "no parts",
    () => split(constant(array([1])), 0),
    "split: the axis must divide into equal parts, got 1 into 0",
  ],
]);
