// Builders that reshape, reorder and repeat: what they infer, and every refusal.

import fc from "fast-check";
import { expect, test } from "vitest";
import { arraysOf, expectSame, property, refuses, shapes, valueOf } from "../../../../test/arrays.ts";
import {
  arrayFrom,
  broadcastAlong,
  broadcastTo,
  constant,
  evaluate,
  expandDims,
  input,
  moveAxis,
  permute,
  reshape,
  reverse,
  squeeze,
  swapAxes,
  transpose,
  type Shape,
  type Tensor,
} from "../index.ts";

const x = input("x", ["m", 3, 4]);

test("reshape finds one size from the others", () => {
  expect(reshape(x, ["m", -1]).shape).toEqual(["m", 12]);
  expect(reshape(x, [-1, 6, 2]).shape).toEqual(["m", 6, 2]);
  expect(reshape(input("y", [2, 0]), [-1, 2]).shape).toEqual([0, 2]);
  expect(reshape(x, ["m", 3, 4])).toBe(x);
});

test("axes move, and count from either end", () => {
  expect(permute(x, [2, 0, 1]).shape).toEqual([4, "m", 3]);
  expect(transpose(x).shape).toEqual([4, 3, "m"]);
  expect(swapAxes(x, 0, -1).shape).toEqual([4, 3, "m"]);
  expect(moveAxis(x, 0, 2).shape).toEqual([3, 4, "m"]);
  expect(moveAxis(x, -1, 0).shape).toEqual([4, "m", 3]);
  expect(expandDims(x, 0).shape).toEqual([1, "m", 3, 4]);
  expect(expandDims(x, -1).shape).toEqual(["m", 3, 4, 1]);
  expect(transpose(constant(1)).shape).toEqual([]);
});

test("squeeze removes the given axes of size 1, or all", () => {
  const y = input("y", [1, "m", 1, 3]);
  expect(squeeze(y).shape).toEqual(["m", 3]);
  expect(squeeze(y, 0).shape).toEqual(["m", 1, 3]);
  expect(squeeze(y, [-2, 0]).shape).toEqual(["m", 3]);
  expect(squeeze(x)).toBe(x);
});

test("broadcasting to the shape that a tensor has is no node", () => {
  expect(broadcastTo(x, ["m", 3, 4])).toBe(x);
  expect(broadcastAlong(x, ["m", 3, 4], [0, 1, 2])).toBe(x);
  expect(reverse(x, [])).toBe(x);
});

property(
  "transpose undoes itself, and reverse too",
  shapes().chain((shape) => arraysOf(shape)),
  (value) => {
    expectSame(
      valueOf((t) => transpose(transpose(t)), [value]),
      value,
    );
    expectSame(
      valueOf((t) => reverse(reverse(t)), [value]),
      value,
    );
  },
);

property(
  "swapAxes exchanges two axes, and moveAxis keeps the order of the others",
  shapes({ minRank: 1 }).chain((shape) =>
    fc.tuple(arraysOf(shape), fc.nat(shape.length - 1), fc.nat(shape.length - 1)),
  ),
  ([value, a, b]) => {
    const axes = value.shape.map((_, axis) => axis);
    const swapped = axes.map((axis) => (axis === a ? b : axis === b ? a : axis));
    const moved = axes.toSpliced(a, 1).toSpliced(b, 0, a);
    const order = (axes_: readonly number[]) => evaluate(permute(constant(value), axes_));
    expectSame(
      valueOf((t) => swapAxes(t, a, b), [value]),
      order(swapped),
    );
    expectSame(
      valueOf((t) => moveAxis(t, a, b), [value]),
      order(moved),
    );
  },
);

test("the sign of zero and NaN survive every movement", () => {
  const value = arrayFrom(Float64Array.of(-0, Number.NaN, 0, -1), [2, 2]);
  const back = (t: Tensor): Tensor => reverse(reshape(reshape(broadcastTo(t, [1, 2, 2]), [4]), [2, 2]), [0]);
  expectSame(evaluate(back(back(constant(value)))), value);
});

const loose = x as Tensor;
const context = "\n  x      x       [m, 3, 4]  input";
const to = (shape: Shape) => () => reshape(loose, shape);

refuses([
  [
    "a reshape to another number of elements",
    to(["m", 3, 5]),
    `reshape: the number of elements must stay, got [m, 3, 4] to [m, 3, 5]${context}`,
  ],
  [
    "two sizes to be found",
    to([-1, -1]),
    "reshape: one size may follow from the others, got [m, 3, 4] to [-1, -1]",
  ],
  [
    "a size that does not divide",
    to(["m", -1, 5]),
    "reshape: one size may follow from the others, got [m, 3, 4] to [m, -1, 5]",
  ],
  [
    "a name that would vanish in a size",
    to([-1, 3, 8]),
    "reshape: one size may follow from the others, got [m, 3, 4] to [-1, 3, 8]",
  ],
  [
    "a name that is not there",
    to(["n", -1]),
    "reshape: one size may follow from the others, got [m, 3, 4] to [n, -1]",
  ],
  [
    "a negative size",
    to(["m", -2]),
    "reshape: dimensions are whole numbers from 0 or names, got -2 in [m, -2]",
  ],
  [
    "an order of another rank",
    () => permute(loose, [0, 1]),
    `permute: the order must name every axis once, got [0, 1] for [m, 3, 4]${context}`,
  ],
  [
    "an axis too many",
    () => permute(loose, [0, 1, 2, -3]),
    `permute: the order must name every axis once, got [0, 1, 2, -3] for [m, 3, 4]${context}`,
  ],
  [
    "an axis twice, from both ends",
    () => permute(loose, [0, 2, -1]),
    `permute: the order must name every axis once, got [0, 2, -1] for [m, 3, 4]${context}`,
  ],
  [
    "an axis beyond the rank",
    () => permute(loose, [0, 1, 3]),
    `permute: the order must name every axis once, got [0, 1, 3] for [m, 3, 4]${context}`,
  ],
  [
    "an axis that is not whole",
    () => permute(loose, [0, 1, 1.5]),
    `permute: the order must name every axis once, got [0, 1, 1.5] for [m, 3, 4]${context}`,
  ],
  [
    "swapping an axis beyond the rank",
    () => swapAxes(loose, 0, 3),
    "swapAxes: the axis must be within the rank, got 3 for rank 3\n  help   axes are -3 to 2",
  ],
  [
    "moving an axis beyond the rank",
    () => moveAxis(loose, 3, 0),
    "moveAxis: the axis must be within the rank, got 3 for rank 3\n  help   axes are -3 to 2",
  ],
  [
    "moving beyond the rank",
    () => moveAxis(loose, 0, -4),
    "moveAxis: the axis must be within the rank, got -4 for rank 3\n  help   axes are -3 to 2",
  ],
  [
    "a new axis beyond the rank",
    () => expandDims(loose, 4),
    "expandDims: the axis must be within the rank, got 4 for rank 4\n  help   axes are -4 to 3",
  ],
  [
    "squeezing an axis of another size",
    () => squeeze(loose, [1]),
    "squeeze: the axis must have size 1, got 3 on axis 1",
  ],
  ["squeezing a named axis", () => squeeze(loose, 0), "squeeze: the axis must have size 1, got m on axis 0"],
  [
    "a broadcast to another size",
    () => broadcastTo(loose, ["m", 3, 5]),
    "broadcastTo: sizes must be equal or 1, got [m, 3, 4] to [m, 3, 5]",
  ],
  [
    "a broadcast to a lower rank",
    () => broadcastTo(loose, [3, 4]),
    "broadcastTo: sizes must be equal or 1, got [m, 3, 4] to [3, 4]",
  ],
  [
    "a broadcast to a negative size",
    () => broadcastTo(loose, [-1]),
    "broadcastTo: dimensions are whole numbers from 0 or names, got -1 in [-1]",
  ],
  [
    "a broadcast along axes that do not rise",
    () => broadcastAlong(loose, [3, "m", 4], [1, 0, 2]),
    `broadcast: sizes must be equal or 1, got [m, 3, 4] to [3, m, 4] at axes [1, 0, 2]${context}`,
  ],
  [
    "reversing an axis twice",
    () => reverse(loose, [0, -3]),
    "reverse: axes must differ, got [0, -3] for rank 3",
  ],
]);
