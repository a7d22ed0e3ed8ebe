// Matrix, inner and outer products, their remedies and refusals.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  arraysOf,
  at,
  expectClose,
  property,
  refuses,
  tabulate,
  tame,
  unit,
  valueOf,
} from "../../../../test/arrays.ts";
import {
  constant,
  evaluate,
  inner,
  input,
  matmul,
  outer,
  parameter,
  type NdArray,
  type Tensor,
} from "../index.ts";

const size = fc.integer({ min: 0, max: 4 });
const batches = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.constantFrom("both", "left", "right")), {
  maxLength: 2,
});

/** Matrices with batches, some of size 1 or missing on one side. */
const products = fc
  .record({
    rows: size,
    inner: size,
    columns: size,
    batch: batches,
    skipLeft: fc.nat(2),
    skipRight: fc.nat(2),
  })
  .chain(({ rows, inner: middle, columns, batch, skipLeft, skipRight }) => {
    const sizes = (side: string): number[] =>
      batch.map(([n, owner]) => (owner === side || owner === "both" ? n : 1));
    return fc.tuple(
      arraysOf([...sizes("left").slice(skipLeft), rows, middle], "f64", tame),
      arraysOf([...sizes("right").slice(skipRight), middle, columns], "f64", tame),
    );
  });

function product(
  x: NdArray,
  y: NdArray,
): { shape: number[]; terms: (position: readonly number[]) => number[] } {
  const rank = Math.max(x.shape.length, y.shape.length);
  const batch = Array.from({ length: rank - 2 }, (_, axis) => {
    const sizes = [x, y].map((a) => a.shape[axis - rank + a.shape.length] ?? 1);
    return sizes.find((n) => n !== 1) ?? 1;
  });
  const pick = (a: NdArray, position: readonly number[], row: number, column: number): number => {
    const own = a.shape.length === 2 ? [] : position.slice(0, -2).slice(2 - a.shape.length);
    return at(a, [...own.map((i, axis) => (a.shape[axis] === 1 ? 0 : i)), row, column]);
  };
  return {
    shape: [...batch, x.shape.at(-2)!, y.shape.at(-1)!],
    terms: (p) =>
      Array.from({ length: x.shape.at(-1)! }, (_, k) => pick(x, p, p.at(-2)!, k) * pick(y, p, k, p.at(-1)!)),
  };
}

property("matmul is the sum over the inner dimension, for broadcast batches", products, ([x, y]) => {
  const { shape, terms } = product(x, y);
  const wanted = tabulate(shape, "f64", (p) => terms(p).reduce((a, b) => a + b, 0));
  expectClose(
    valueOf((a, b) => matmul(a, b), [x, y]),
    wanted,
    (p) => {
      const all = terms(p);
      return 2 * (all.length + 1) * unit * all.reduce((a, b) => a + Math.abs(b), 0);
    },
  );
});

property(
  "outer has a product for each pair of elements",
  fc.tuple(arraysOf([2, 3], "f64", tame), arraysOf([4], "f64", tame)),
  ([x, y]) => {
    const wanted = tabulate([2, 3, 4], "f64", ([i, j, k]) => at(x, [i!, j!]) * at(y, [k!]));
    expectClose(
      valueOf((a, b) => outer(a, b), [x, y]),
      wanted,
      0,
    );
  },
);

test("inner sums over the last axes", () => {
  const x = constant([
    [1, 2],
    [3, 4],
  ]);
  expect([...evaluate(inner(x, constant([[10, 20]]))).data]).toEqual([50, 110]);
  expect(inner(x, x).shape).toEqual([2, 2]);
  expect([...evaluate(inner(constant([1, 2]), constant([3, 4]))).data]).toEqual([11]);
  expect([...evaluate(outer(constant(3), constant([1, 2]))).data]).toEqual([3, 6]);
});

const X = input("X", [3, "m"]) as Tensor;
const W = parameter("W", [4, 2]) as Tensor;
const lines = (left: string, right: string): string => `\n  left   ${left}\n  right  ${right}`;

refuses([
  [
    "inner dimensions that differ",
    () => matmul(W, X),
    `matmul: inner dimensions differ: [4, 2] x [3, m] needs 2 = 3${lines("W       [4, 2]  parameter", "X       [3, m]  input")}`,
  ],
  [
    "a right operand to be transposed",
    () => matmul(parameter("W", [4, 3]) as Tensor, input("X", ["m", 3]) as Tensor),
    `matmul: inner dimensions differ: [4, 3] x [m, 3] needs 3 = m${lines("W       [4, 3]  parameter", "X       [m, 3]  input")}\n  help   matmul(W, transpose(X)) has shape [4, m]`,
  ],
  [
    "a left operand to be transposed",
    () => matmul(parameter("W", [3, 4]) as Tensor, X),
    `matmul: inner dimensions differ: [3, 4] x [3, m] needs 4 = 3${lines("W       [3, 4]  parameter", "X       [3, m]  input")}\n  help   matmul(transpose(W), X) has shape [4, m]`,
  ],
  [
    "operands to be exchanged",
    () => matmul(X, parameter("W", [4, 3]) as Tensor),
    `matmul: inner dimensions differ: [3, m] x [4, 3] needs m = 4${lines("X       [3, m]  input", "W       [4, 3]  parameter")}\n  help   matmul(W, X) has shape [4, m]`,
  ],
  [
    "a vector",
    () => matmul(X, input("v", ["m"]) as Tensor),
    `matmul: operands must be matrices, got [3, m] x [m]${lines("X       [3, m]  input", "v       [m]     input")}\n  help   reshape a vector to [n, 1] or [1, n]`,
  ],
  [
    "batches that do not broadcast",
    () => matmul(input("a", [2, 3, 4]) as Tensor, input("b", [5, 4, 3]) as Tensor),
    `matmul: batch dimensions do not broadcast: [2, 3, 4] x [5, 4, 3]${lines("a       [2, 3, 4]  input", "b       [5, 4, 3]  input")}`,
  ],
  ...(
    [
      ["matmul", matmul],
      ["outer", outer],
      ["inner", inner],
    ] as const
  ).map(([op, build]): readonly [string, () => unknown, string] => [
    `two dtypes in ${op}`,
    () =>
      (build as (x: Tensor, y: Tensor) => Tensor)(input("a", [1, 1]), input("b", [1, 1], { dtype: "f64" })),
    `${op}: dtypes must agree, got f32 and f64${lines("a       [1, 1]      input", "b       [1, 1] f64  input")}\n  help   cast one of them, as in cast(x, "f64")`,
  ]),
  [
    "last axes that differ",
    () => inner(X, W),
    `inner: last axes must be equal, got [3, m] and [4, 2]${lines("X       [3, m]  input", "W       [4, 2]  parameter")}`,
  ],
  [
    "the inner product of a scalar",
    () => inner(constant(1), W),
    `inner: last axes must be equal, got [] and [4, 2]${lines("constant  []      constant", "W         [4, 2]  parameter")}`,
  ],
]);
