// The kernels that move elements, against the position each element comes from, and every refusal of the primitives.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  arraysOf,
  at,
  elementsOf,
  expectSame,
  property,
  refuses,
  shapes,
  tabulate,
  valueOf,
} from "../../../../test/arrays.ts";
import {
  apply,
  arrayFrom,
  broadcastAlong,
  broadcastTo,
  concat,
  constant,
  dtypes,
  elements,
  evaluate,
  input,
  padInto,
  permute,
  primitives,
  reshape,
  reverse,
  sliceBlock,
  type Attributes,
  type NdArray,
  type PrimitiveName,
  type Tensor,
} from "../index.ts";

const anyDType = fc.constantFrom(...dtypes);
const arrays = anyDType.chain((dtype) =>
  shapes().chain((shape) => arraysOf(shape, dtype, elementsOf(dtype))),
);

property(
  "reshape keeps the elements in C order",
  fc.tuple(arrays, fc.integer({ min: 0, max: 5 })),
  ([x, cut]) => {
    const merged = [elements(x.shape.slice(0, cut)), ...x.shape.slice(cut)];
    expectSame(
      valueOf((t) => reshape(t, merged), [x], { named: false }),
      arrayFrom(x.data, merged),
    );
  },
);

property(
  "permute takes axis i from axis order[i]",
  arrays.chain((x) =>
    fc.tuple(
      fc.constant(x),
      fc.shuffledSubarray(
        x.shape.map((_, axis) => axis),
        { minLength: x.shape.length },
      ),
    ),
  ),
  ([x, order]) => {
    const shape = order.map((axis) => x.shape[axis]);
    const wanted = tabulate(shape as number[], x.dtype, (position) =>
      at(
        x,
        x.shape.map((_, axis) => position[order.indexOf(axis)] ?? 0),
      ),
    );
    expectSame(
      valueOf((t) => permute(t, order), [x]),
      wanted,
    );
    const backwards = order.map((axis) => axis - x.shape.length);
    expectSame(evaluate(permute(constant(x), backwards)), wanted);
  },
);

/** An array and a shape that it broadcasts to: leading axes, and sizes in place of 1. */
const broadcasts = fc.tuple(shapes({ maxRank: 3 }), shapes({ maxRank: 2 })).chain(([tail, lead]) =>
  fc.tuple(
    fc.tuple(...tail.map((size) => fc.constantFrom(1, size))).chain((sizes) => arraysOf(sizes, "f64")),
    fc.constant([...lead, ...tail]),
  ),
);

property("broadcast repeats along axes of size 1 and new axes", broadcasts, ([x, shape]) => {
  const lead = shape.length - x.shape.length;
  const wanted = tabulate(shape, "f64", (position) =>
    at(
      x,
      x.shape.map((size, axis) => (size === 1 ? 0 : (position[axis + lead] ?? 0))),
    ),
  );
  expectSame(
    valueOf((t) => broadcastTo(t, shape), [x], { named: false }),
    wanted,
  );
});

test("broadcastAlong puts the axes where they are told", () => {
  const x = constant([1, 2]);
  expect(evaluate(broadcastAlong(x, [2, 3], [0])).data).toEqual(new Float32Array([1, 1, 1, 2, 2, 2]));
  expect(evaluate(broadcastAlong(x, [3, 2], [1])).data).toEqual(new Float32Array([1, 2, 1, 2, 1, 2]));
});

test("a named dimension broadcasts along others, also where its size is 1", () => {
  const x = input("x", ["m"]);
  for (const values of [[], [7], [7, 8]]) {
    const value = evaluate(broadcastTo(x, [2, "m"]), { x: values });
    expect([value.shape, [...value.data]]).toEqual([
      [2, values.length],
      [...values, ...values],
    ]);
  }
});

/** A shape, and for each axis a block of it: start, step and size. */
const blocks = shapes().chain((shape) =>
  fc.tuple(
    fc.constant(shape),
    fc.tuple(
      ...shape.map((size) =>
        fc
          .record({ start: fc.integer({ min: 0, max: size }), step: fc.integer({ min: 1, max: 3 }) })
          .chain(({ start, step }) =>
            fc
              .integer({ min: 0, max: Math.ceil((size - start) / step) })
              .map((count) => ({ start, step, count })),
          ),
      ),
    ),
  ),
);
const withElements = blocks.chain(([shape, parts]) =>
  fc.tuple(
    arraysOf(shape),
    arraysOf(parts.map((part) => part.count)),
    fc.constant({
      shape: parts.map((part) => part.count),
      start: parts.map((part) => part.start),
      step: parts.map((part) => part.step),
    }),
  ),
);

property("slice takes element start + i·step of every axis", withElements, ([x, , block]) => {
  const wanted = tabulate(block.shape, "f64", (position) =>
    at(
      x,
      position.map((i, axis) => block.start[axis]! + i * block.step[axis]!),
    ),
  );
  expectSame(
    valueOf((t) => sliceBlock(t, block.shape, block.start, block.step), [x], { named: false }),
    wanted,
  );
});

property(
  "pad puts the elements where slice takes them, and 0 elsewhere",
  withElements,
  ([large, small, block]) => {
    const build = (t: Tensor): Tensor => padInto(t, large.shape, block.start, block.step);
    const wanted = tabulate(large.shape, "f64", (position) => {
      const inside = position.map((i, axis) => (i - block.start[axis]!) / block.step[axis]!);
      const fits = inside.every((i, axis) => Number.isInteger(i) && i >= 0 && i < block.shape[axis]!);
      return fits ? at(small, inside) : 0;
    });
    expectSame(valueOf(build, [small], { named: false }), wanted);
    expectSame(evaluate(sliceBlock(build(constant(small)), block.shape, block.start, block.step)), small);
  },
);

property(
  "concat puts parts one after another along the axis",
  shapes({ minRank: 1 }).chain((shape) =>
    fc
      .tuple(
        fc.integer({ min: -shape.length, max: shape.length - 1 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 }),
      )
      .chain(([axis, sizes]) =>
        fc.tuple(
          fc.constant(axis),
          fc.tuple(...sizes.map((size) => arraysOf(shape.with(axis, size), "i32"))),
        ),
      ),
  ),
  ([axis, parts]) => {
    const first = parts[0] as NdArray;
    const along = (axis + first.shape.length) % first.shape.length;
    const owners = parts.flatMap((part) =>
      Array.from({ length: part.shape[along]! }, (_, i) => [part, i] as const),
    );
    const wanted = tabulate(first.shape.with(along, owners.length), "i32", (position) => {
      const [part, i] = owners[position[along]!]!;
      return at(part, position.with(along, i));
    });
    expectSame(
      valueOf((...t) => concat(t, axis), parts, { named: parts.length === 1 }),
      wanted,
    );
  },
);

property(
  "reverse runs the axes backwards",
  arrays.chain((x) => fc.tuple(fc.constant(x), fc.subarray(x.shape.map((_, axis) => axis)))),
  ([x, axes]) => {
    const wanted = tabulate(x.shape, x.dtype, (position) =>
      at(
        x,
        position.map((i, axis) => (axes.includes(axis) ? x.shape[axis]! - 1 - i : i)),
      ),
    );
    expectSame(
      valueOf((t) => reverse(t, axes), [x]),
      wanted,
    );
  },
);

const x = input("x", [2, "m"]);
const make = (name: PrimitiveName, attributes: Attributes, ...inputs: Tensor[]): Tensor =>
  apply(primitives[name], inputs, attributes);
const context = "\n  x      x       [2, m]  input";

refuses([
  [
    "a reshape that changes the number of elements",
    () => make("reshape", { shape: [3, "m"] }, x),
    `reshape: the number of elements must stay, got [2, m] to [3, m]${context}`,
  ],
  [
    "a reshape that loses a name",
    () => make("reshape", { shape: [2, 5] }, x),
    `reshape: the number of elements must stay, got [2, m] to [2, 5]${context}`,
  ],
  [
    "an order that names an axis twice",
    () => make("permute", { order: [0, 0] }, x),
    `permute: the order must name every axis once, got [0, 0] for [2, m]${context}`,
  ],
  [
    "an order with an axis between axes",
    () => make("permute", { order: [0, 0.5] }, x),
    `permute: the order must name every axis once, got [0, 0.5] for [2, m]${context}`,
  ],
  [
    "an order of another rank",
    () => make("permute", { order: [0] }, x),
    `permute: the order must name every axis once, got [0] for [2, m]${context}`,
  ],
  [
    "a broadcast to another size",
    () => make("broadcast", { shape: [3, "m"], axes: [0, 1] }, x),
    `broadcast: sizes must be equal or 1, got [2, m] to [3, m] at axes [0, 1]${context}`,
  ],
  [
    "a broadcast with axes out of order",
    () => make("broadcast", { shape: ["m", 2], axes: [1, 0] }, x),
    `broadcast: sizes must be equal or 1, got [2, m] to [m, 2] at axes [1, 0]${context}`,
  ],
  [
    "a broadcast with too few axes",
    () => make("broadcast", { shape: [2, "m"], axes: [0] }, x),
    `broadcast: sizes must be equal or 1, got [2, m] to [2, m] at axes [0]${context}`,
  ],
  [
    "a block that sticks out",
    () => sliceBlock(x, [2, "m"], [1, 0], [1, 1]),
    `slice: the block must lie within the shape, got [2, m] from [1, 0] by [1, 1] in [2, m]${context}`,
  ],
  [
    "a block with a step of 0",
    () => sliceBlock(x, [1, "m"], [0, 0], [0, 1]),
    `slice: the block must lie within the shape, got [1, m] from [0, 0] by [0, 1] in [2, m]${context}`,
  ],
  [
    "a block of another rank",
    () => sliceBlock(x, [2], [0], [1]),
    `slice: the block must lie within the shape, got [2] from [0] by [1] in [2, m]${context}`,
  ],
  [
    "a block that is larger than its place",
    () => padInto(x, [2, "m"], [1, 0], [1, 1]),
    `pad: the block must lie within the shape, got [2, m] from [1, 0] by [1, 1] in [2, m]${context}`,
  ],
  [
    "a block that sticks out once the size is known",
    () =>
      evaluate(sliceBlock(x, [2, 3], [0, 2], [1, 1]), {
        x: [
          [1, 2, 3, 4],
          [1, 2, 3, 4],
        ],
      }),
    "slice: the block must lie within the shape, got element 4 of 4 on axis 1",
  ],
  [
    "a padding that is too small once the size is known",
    () =>
      evaluate([padInto(input("y", [3]), ["m"], [1], [1]), x], {
        x: [
          [1, 2, 3],
          [1, 2, 3],
        ],
        y: [1, 2, 3],
      }),
    "pad: the block must lie within the shape, got element 3 of 3 on axis 0",
  ],
  [
    "a concatenation of nothing",
    () => make("concat", { axis: 0 }),
    "concat: at least one part is needed, got none",
  ],
  [
    "parts of unequal sizes",
    () => make("concat", { axis: 0 }, x, input("y", [2, 3])),
    "concat: parts must agree on every axis but 0, got [2, m] and [2, 3]\n  part1  x       [2, m]  input\n  part2  y       [2, 3]  input",
  ],
  [
    "parts of unequal dtypes",
    () => make("concat", { axis: 0 }, x, input("y", [2, "m"], { dtype: "i32" })),
    'concat: dtypes must agree, got f32 and i32\n  part1  x       [2, m]      input\n  part2  y       [2, m] i32  input\n  help   cast one of them, as in cast(x, "i32")',
  ],
  [
    "named sizes along the axis",
    () => make("concat", { axis: 1 }, x, x),
    "concat: sizes along the axis must be numbers, got m on axis 1\n  part1  x       [2, m]  input\n  part2  x       [2, m]  input",
  ],
]);
