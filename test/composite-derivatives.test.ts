// Derivatives of composites, derived from their graphs: finite at the ends of the number line, right at the kinks,
// and equal to central differences in between.

import { gradient } from "@wengert/autodiff";
import {
  array,
  clip,
  constant,
  diagonal,
  diagonalMatrix,
  einsum,
  elu,
  erfInverse,
  evaluate,
  gelu,
  inner,
  input,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  logSumExp,
  mean,
  mul,
  norm,
  outer,
  pad,
  reciprocal,
  relu,
  repeat,
  roll,
  selu,
  silu,
  softmax,
  softplus,
  square,
  standardDeviation,
  sum,
  tile,
  trace,
  tril,
  triu,
  variance,
  type Tensor,
} from "@wengert/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arraysOf, property, tame, unit } from "./arrays.ts";

type Build = (x: Tensor) => Tensor;

/** Numbers of f64 in a vector. */
const vector = (values: readonly number[]): Tensor => constant(array(values, { dtype: "f64" }));

/** The first and second derivatives of Σ f(x), element by element. */
function derivatives(build: Build, values: readonly number[]): { first: number[]; second: number[] } {
  const x = input("x", [values.length], { dtype: "f64" }) as Tensor;
  const first = gradient(sum(build(x)), x);
  const second = gradient(sum(first), x);
  const result = evaluate({ first, second }, { x: values as number[] });
  return { first: [...result.first.data], second: [...result.second.data] };
}

const { POSITIVE_INFINITY: Infinite } = Number;

/** Each at a point where a naive form has no derivative, an infinite one or NaN. */
const kinks: readonly (readonly [string, Build, readonly number[], readonly number[]])[] = [
  ["relu at 0", relu, [0, -0, 1, -1], [0, 0, 1, 0]],
  ["leakyRelu at 0", leakyRelu, [0, 1, -1], [0.01, 1, 0.01]],
  ["elu at 0 and where eˣ overflows", elu, [0, 1e4, -1e4], [1, 1, 0]],
  ["selu where eˣ overflows", selu, [1e4, -1e4], [1.0507009873554805, 0]],
  ["softplus at 0 and ±10⁴", softplus, [0, 1e4, -1e4], [0.5, 1, 0]],
  ["logSigmoid at 0 and ±10⁴", logSigmoid, [0, 1e4, -1e4], [0.5, 0, 1]],
  ["gelu at 0 and ±10⁴", gelu, [0, 1e4, -1e4], [0.5, 1, 0]],
  ["gelu by tanh at ±10²⁰⁰", (x) => gelu(x, { approximation: "tanh" }), [1e200, -1e200], [1, 0]],
  ["gelu by tanh at 0 and ±10⁴", (x) => gelu(x, { approximation: "tanh" }), [0, 1e4, -1e4], [0.5, 1, 0]],
  ["silu at 0 and ±10⁴", silu, [0, 1e4, -1e4], [0.5, 1, 0]],
  ["clip at its bounds", (x) => clip(x, -1, 1), [-1, 1, 0, 2, -2], [0.5, 0.5, 1, 0, 0]],
  ["norm at 0", norm, [0, 0], [0, 0]],
  ["norm of order 1 at 0", (x) => norm(x, undefined, { order: 1 }), [0, -2], [0, -1]],
  ["norm of order ∞ at 0", (x) => norm(x, undefined, { order: Infinite }), [0, 0], [0, 0]],
  ["standardDeviation of equal elements", standardDeviation, [3, 3], [0, 0]],
  ["logSumExp of -∞ alone", logSumExp, [-Infinite, -Infinite], [0, 0]],
  ["logSumExp at ±10⁴", logSumExp, [1e4, -1e4], [1, 0]],
  ["logSumExp of equal elements", logSumExp, [7, 7], [0.5, 0.5]],
  ["logSoftmax at ±10⁴", (x) => mul(logSoftmax(x, [0]), vector([1, 0])), [1e4, -1e4], [0, 0]],
  ["softmax at ±10⁴", (x) => mul(softmax(x, [0]), vector([1, 0])), [1e4, -1e4], [0, 0]],
  ["erfInverse at 0 and 1", erfInverse, [0, 1], [Math.sqrt(Math.PI) / 2, 0]],
];

test.each(kinks)("the derivative of %s", (_, build, at, wanted) => {
  const { first, second } = derivatives(build, at);
  expect(first.map((d, i) => Math.abs(d - wanted[i]!) <= 4 * unit + 1e-15 * Math.abs(wanted[i]!))).toEqual(
    wanted.map(() => true),
  );
  expect(second.filter((d) => !Number.isFinite(d))).toEqual([]);
});

test("softplus has the second derivative of its formula at 0 too", () => {
  expect(derivatives(softplus, [0]).second).toEqual([0.25]);
  expect(derivatives(logSigmoid, [0]).second).toEqual([-0.25]);
});

/** Composites with how they take a vector of 6 numbers. */
const smooth: readonly (readonly [string, Build])[] = [
  ["square", square],
  ["reciprocal", reciprocal],
  ["elu", elu],
  ["gelu", gelu],
  ["gelu by tanh", (x) => gelu(x, { approximation: "tanh" })],
  ["silu", silu],
  ["softplus", softplus],
  ["logSigmoid", logSigmoid],
  ["mean", mean],
  ["variance", (x) => variance(x, undefined, { correction: 1 })],
  ["standardDeviation", standardDeviation],
  ["norm", norm],
  ["logSumExp", logSumExp],
  ["softmax", (x) => softmax(x, [0])],
  ["logSoftmax", (x) => logSoftmax(x, [0])],
  ["erfInverse", (x) => erfInverse(mul(x, 0.1))],
  ["outer", (x) => outer(x, square(x))],
  ["inner", (x) => inner(square(x), x)],
  ["einsum", (x) => einsum("i,j,i->j", x, x, square(x))],
  ["trace of outer", (x) => trace(outer(x, x))],
  ["diagonal of outer", (x) => diagonal(outer(x, square(x)), { offset: 1 })],
  ["diagonalMatrix", (x) => square(diagonalMatrix(x))],
  ["tril", (x) => tril(outer(x, x))],
  ["triu", (x) => triu(outer(x, x), 1)],
  ["roll", (x) => mul(roll(x, 2, 0), x)],
  ["tile", (x) => square(tile(x, [2]))],
  ["repeat", (x) => square(repeat(x, 2, 0))],
  ["pad", (x) => square(pad(x, [[1, 2]], { value: 3 }))],
];

const step = 2 ** -10;

describe.each(smooth)("%s", (_, build) => {
  // Away from kinks and poles: distinct numbers, none near 0.
  const points = arraysOf([6], "f64", tame).map((x) =>
    [...x.data].map((v, i) => 0.3 + (i % 2) * 0.11 + Math.abs(v) / 4),
  );
  property(
    "its derivative agrees with a five-point central difference",
    fc.tuple(points, arraysOf([6], "f64", tame)),
    ([at, direction]) => {
      const x = input("x", [6], { dtype: "f64" }) as Tensor;
      const weights = (y: Tensor): Tensor => {
        const size = y.shape.reduce<number>((a, b) => a * Number(b), 1);
        const numbers = Float64Array.from({ length: size }, (__, i) => Math.sin(i + 1));
        return constant({ shape: y.shape as number[], dtype: "f64", data: numbers });
      };
      const value = build(x);
      const cost = sum(mul(value, weights(value)));
      const slope = sum(mul(gradient(cost, x), constant(direction)));
      const f = (h: number): number =>
        evaluate(cost, { x: at.map((v, i) => v + h * direction.data[i]!) }).data[0]!;
      const difference = (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step);
      const actual = evaluate({ slope, x }, { x: at }).slope.data[0]!;
      const size = Math.max(1, ...at, ...direction.data.map(Math.abs));
      // Truncation h⁴·f⁽⁵⁾/30 with derivatives of size up to (8/0.3)⁵ relative; rounding 2⁻⁵³·f/h.
      expect(Math.abs(actual - difference)).toBeLessThanOrEqual(1e-6 * size ** 5);
    },
  );
});
