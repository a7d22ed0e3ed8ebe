// Gather and scatterAdd against their definitions, oneHot, and every refusal.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  arraysOf,
  at,
  expectClose,
  expectSame,
  positions,
  property,
  refuses,
  shapes,
  tabulate,
  tame,
  unit,
  valueOf,
} from "../../../../test/arrays.ts";
import {
  array,
  arrayFrom,
  constant,
  evaluate,
  gather,
  input,
  oneHot,
  scatterAdd,
  type NdArray,
  type Tensor,
} from "../index.ts";

/** An array, an axis that is not empty, and indices along it. */
const cases = fc
  .record({
    shape: shapes({ minRank: 1, maxRank: 3 }),
    indices: shapes({ maxRank: 2 }),
    axis: fc.nat(2),
    back: fc.boolean(),
    dtype: fc.constantFrom("i32" as const, "u32" as const),
  })
  .chain(({ shape, indices, axis, back, dtype }) => {
    const along = axis % shape.length;
    const whole = shape.with(along, Math.max(1, shape[along]!));
    return fc.record({
      x: arraysOf(whole, "f64", tame),
      indices: arraysOf(indices, dtype, fc.integer({ min: 0, max: whole[along]! - 1 })),
      axis: fc.constant(back ? along - shape.length : along),
      along: fc.constant(along),
    });
  });

const picked = (x: NdArray, indices: NdArray, axis: number): number[] => [
  ...x.shape.slice(0, axis),
  ...indices.shape,
  ...x.shape.slice(axis + 1),
];

property("gather puts x[…, indices[…], …] in place of the axis", cases, ({ x, indices, axis, along }) => {
  const rank = indices.shape.length;
  const wanted = tabulate(picked(x, indices, along), "f64", (position) => {
    const index = at(indices, position.slice(along, along + rank));
    return at(x, [...position.slice(0, along), index, ...position.slice(along + rank)]);
  });
  expectSame(
    valueOf((a, i) => gather(a, i, axis), [x, indices]),
    wanted,
  );
});

property("scatterAdd adds every update at its index", cases, ({ x, indices, along }) => {
  const shape = picked(x, indices, along);
  const updates = tabulate(shape, "f64", (position) => Math.sin(1 + position.reduce((a, i) => 7 * a + i, 0)));
  const terms = (place: readonly number[]): number[] =>
    positions(indices.shape)
      .filter((index) => at(indices, index) === place[along])
      .map((index) => at(updates, [...place.slice(0, along), ...index, ...place.slice(along + 1)]));
  const size = x.shape[along]!;
  const wanted = tabulate(x.shape, "f64", (place) => terms(place).reduceRight((a, b) => a + b, 0));
  expectClose(
    valueOf((u, i) => scatterAdd(u, i, { size, axis: along }), [updates, indices]),
    wanted,
    (place) => 2 * terms(place).length ** 2 * unit,
  );
});

test("scatterAdd sums f32 in double precision, and integers modulo 2³²", () => {
  const zero = constant([0, 0, 0], { dtype: "i32" });
  expect(evaluate(scatterAdd(constant([1e8, 1, -1e8]), zero, { size: 1 })).data[0]).toBe(1);
  const large = constant([2 ** 31 - 1, 1, 0], { dtype: "i32" });
  expect(evaluate(scatterAdd(large, zero, { size: 1 })).data[0]).toBe(-(2 ** 31));
});

property(
  "oneHot has a new first axis with 1 at the label",
  shapes({ maxRank: 4 }).chain((s) => arraysOf(s, "i32", fc.integer({ min: -1, max: 4 }))),
  (labels) => {
    const wanted = tabulate([4, ...labels.shape], "f32", ([label, ...position]) =>
      at(labels, position) === label ? 1 : 0,
    );
    expectSame(
      valueOf((t) => oneHot(t, 4), [labels]),
      wanted,
    );
  },
);

test("oneHot takes labels of any number dtype, a dtype of its own and a named number of classes", () => {
  expect([...evaluate(oneHot(constant([1, 0]), 2)).data]).toEqual([0, 1, 1, 0]);
  expect(oneHot(constant([1, 0]), 2, { dtype: "bool" }).dtype).toBe("bool");
  const classes = input("c", ["classes"]);
  const value = evaluate([oneHot(constant([1], { dtype: "u32" }), "classes"), classes], { c: [0, 0, 0] });
  expect([value[0].shape, [...value[0].data]]).toEqual([
    [3, 1],
    [0, 1, 0],
  ]);
});

const x = input("x", [3, 2]);
const index = (...values: number[]): Tensor => constant(values, { dtype: "i32" });
const empty = constant(arrayFrom(new Float32Array(0), [0]));

refuses([
  [
    "floats as indices",
    () => gather(x as Tensor, constant([0])),
    'gather: indices must be i32 or u32, got f32\n  x        x         [3, 2]  input\n  indices  constant  [1]     constant\n  help   cast(indices, "i32")',
  ],
  [
    "a negative index",
    () => evaluate(gather(constant([1, 2]), index(0, -1))),
    "gather: indices must be from 0 to 1, got -1 at position 1",
  ],
  [
    "an index beyond the axis",
    () => evaluate(gather(constant([1, 2]), index(2))),
    "gather: indices must be from 0 to 1, got 2 at position 0",
  ],
  [
    "an index into nothing",
    () => evaluate(gather(empty, index(0))),
    "gather: there are none to pick from, got 0 at position 0",
  ],
  [
    "an axis beyond the rank",
    () => gather(x as Tensor, index(0), 2),
    "gather: the axis must be within the rank, got 2 for rank 2\n  help   axes are -2 to 1",
  ],
  [
    "an axis of a scalar",
    () => gather(constant(array(1)), index(0)),
    "gather: the axis must be within the rank, got 0 for rank 0\n  help   a scalar has no axes",
  ],
  [
    "floats as places",
    () => scatterAdd(constant([1]), constant([0]), { size: 2 }),
    'scatterAdd: indices must be i32 or u32, got f32\n  updates  constant  [1]     constant\n  indices  constant  [1]     constant\n  help   cast(indices, "i32")',
  ],
  [
    "updates of another shape than the indices",
    () => scatterAdd(x, index(0, 1), { size: 2 }),
    "scatterAdd: updates must have the indices' shape at axis 0, got [3, 2] and [2]\n  updates  x         [3, 2]   input\n  indices  constant  [2] i32  constant",
  ],
  [
    "a place beyond the size",
    () => evaluate(scatterAdd(constant([1]), index(2), { size: 2 })),
    "scatterAdd: indices must be from 0 to 1, got 2 at position 0",
  ],
  [
    "the sum of truth values",
    () => scatterAdd(constant([true]), index(0), { size: 2 }),
    'scatterAdd: the dtype must be number, got bool\n  updates  constant  [1] bool  constant\n  indices  constant  [1] i32   constant\n  help   cast(x, "f32")',
  ],
  [
    "labels that are truth values",
    () => oneHot(constant([true]), 2),
    "oneHot: labels must be numbers, got bool",
  ],
]);
