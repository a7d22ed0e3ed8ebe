// Statistics against formulas over the elements of each group, at their edges, and every refusal.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arraysOf,
  at,
  expectClose,
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
  input,
  logSoftmax,
  logSumExp,
  mean,
  norm,
  softmax,
  standardDeviation,
  variance,
  type NdArray,
  type Tensor,
} from "../index.ts";

/** An array and some of its axes, counted from either end. */
const cases = shapes().chain((shape) =>
  fc.record({
    x: arraysOf(shape, "f64", tame),
    axes: fc
      .subarray(shape.map((_, axis) => axis))
      .chain((axes) => fc.tuple(...axes.map((axis) => fc.constantFrom(axis, axis - shape.length)))),
    keepDims: fc.boolean(),
  }),
);

interface Options {
  readonly keepDims?: boolean;
  readonly correction?: number;
  readonly order?: number;
}
type Statistic = (x: Tensor, axes?: readonly number[], options?: Options) => Tensor;

/** The elements of the group of a position, and the shape that the groups have. */
function groupOf(x: NdArray, axes: readonly number[]) {
  const gone = new Set(axes.map((axis) => (axis + x.shape.length) % x.shape.length));
  const same = (a: readonly number[], b: readonly number[]): boolean =>
    a.every((i, axis) => gone.has(axis) || i === b[axis]);
  const all = positions(x.shape);
  return {
    kept: x.shape.map((size, axis) => (gone.has(axis) ? 1 : size)),
    reduced: x.shape.filter((_, axis) => !gone.has(axis)),
    elements: (position: readonly number[]): number[] =>
      all.filter((other) => same(other, position)).map((p) => at(x, p)),
    from: (place: readonly number[]): number[] => {
      let next = 0;
      return x.shape.map((_, axis) => (gone.has(axis) ? 0 : (place[next++] ?? 0)));
    },
  };
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const average = (values: readonly number[]): number => total(values) / values.length;
const magnitude = (values: readonly number[]): number => Math.max(1, ...values.map(Math.abs));

interface Law {
  readonly name: string;
  readonly build: Statistic;
  readonly of: (values: readonly number[]) => number;
  readonly options?: Options;
  /** The bound in units of roundoff, for n elements of at most size a and the result. */
  readonly units: (n: number, a: number, out: number) => number;
}

const laws: readonly Law[] = [
  { name: "mean", build: mean, of: average, units: (n, a) => 2 * (n + 1) * a },
  {
    name: "variance",
    build: variance,
    // E x² - (E x)², the other textbook formula, which cancels.
    of: (v) => total(v.map((x) => x * x)) / v.length - average(v) ** 2,
    units: (n, a) => 8 * (n + 2) * a * a,
  },
  {
    name: "variance with correction 1",
    build: variance,
    options: { correction: 1 },
    of: (v) =>
      v.length === 1
        ? Number.NaN
        : (total(v.map((x) => x * x)) - v.length * average(v) ** 2) / (v.length - 1),
    units: (n, a) => 16 * (n + 2) * a * a,
  },
  {
    name: "norm of order 1",
    build: norm,
    options: { order: 1 },
    of: (v) => total(v.map(Math.abs)),
    units: (n, a) => 2 * n * n * a,
  },
  { name: "norm", build: norm, of: (v) => Math.hypot(...v), units: (n, _, out) => 4 * (n + 2) * out + 1 },
  {
    name: "norm of order ∞",
    build: norm,
    options: { order: Number.POSITIVE_INFINITY },
    of: (v) => Math.max(0, ...v.map(Math.abs)),
    units: () => 0,
  },
  {
    name: "logSumExp",
    build: logSumExp,
    of: (v) => Math.log(total(v.map(Math.exp))),
    units: (n, a) => 4 * (n + 4) * (a + 1),
  },
];

describe.each(laws)("$name", ({ build, of, options = {}, units }) => {
  property(
    "equals its formula over each group, for every shape and name of dimension",
    cases,
    ({ x, axes, keepDims }) => {
      const { kept, reduced, elements, from } = groupOf(x, axes);
      const result = valueOf((t) => build(t, axes, { ...options, keepDims }), [x]);
      const place = (position: readonly number[]): readonly number[] =>
        keepDims ? position : from(position);
      const wanted = tabulate(keepDims ? kept : reduced, "f64", (position) => of(elements(place(position))));
      expectClose(result, wanted, (position) => {
        const values = elements(place(position));
        return unit * units(values.length, magnitude(values), Math.abs(at(wanted, position)));
      });
    },
  );
});

property("standardDeviation is the root of the variance", cases, ({ x, axes, keepDims }) => {
  const squared = evaluate((variance as Statistic)(constant(x), axes, { keepDims, correction: 1 }));
  expectClose(
    valueOf((t) => (standardDeviation as Statistic)(t, axes, { keepDims, correction: 1 }), [x]),
    tabulate(squared.shape, "f64", (position) => Math.sqrt(at(squared, position))),
    (position) => unit * Math.sqrt(at(squared, position)),
  );
});

describe.each([
  ["softmax", softmax, (x: number, all: readonly number[]) => Math.exp(x) / total(all.map(Math.exp))],
  ["logSoftmax", logSoftmax, (x: number, all: readonly number[]) => x - Math.log(total(all.map(Math.exp)))],
] as const)("%s", (name, build, of) => {
  property("equals its formula over each group and keeps the shape", cases, ({ x, axes }) => {
    const { elements } = groupOf(x, axes);
    const along = build as (t: Tensor, axes: readonly number[]) => Tensor;
    const wanted = tabulate(x.shape, "f64", (position) => of(at(x, position), elements(position)));
    expectClose(
      valueOf((t) => along(t, axes), [x]),
      wanted,
      (position) => {
        const n = elements(position).length;
        return unit * 4 * (n + 20) * (name === "softmax" ? Math.abs(at(wanted, position)) : 17);
      },
    );
  });
});

const numbers = (t: Tensor): number[] => [...evaluate(t).data];
const { POSITIVE_INFINITY: Infinite, NaN: NAN } = Number;
const none = constant(arrayFrom(new Float64Array(0), [0]));
const f64 = (values: readonly number[]): Tensor => constant(array(values, { dtype: "f64" }));

test.each([
  ["mean over none", mean(none), NAN],
  ["mean of a scalar", mean(constant(3)), 3],
  ["variance over none", variance(none), NAN],
  ["variance of one element", variance(f64([5])), 0],
  ["unbiased variance of one element", variance(f64([5]), 0, { correction: 1 }), NAN],
  ["variance with more correction than elements", variance(f64([5, 7]), 0, { correction: 3 }), Infinite],
  ["variance of large numbers that are close", variance(f64([1e9 + 1, 1e9 - 1])), 1],
  ["standardDeviation of equal elements", standardDeviation(f64([3, 3])), 0],
  ["standardDeviation of NaN", standardDeviation(f64([3, NAN])), NAN],
  ["norm over none", norm(none), 0],
  ["norm of order 1 over none", norm(none, 0, { order: 1 }), 0],
  ["norm of order ∞ over none", norm(none, 0, { order: Infinite }), 0],
  ["norm of NaN", norm(f64([1, NAN])), NAN],
  ["norm of order ∞ of NaN", norm(f64([1, NAN]), 0, { order: Infinite }), NAN],
  ["norm of infinity", norm(f64([1, -Infinite])), Infinite],
  ["logSumExp over none", logSumExp(none), -Infinite],
  ["logSumExp of -∞ alone", logSumExp(f64([-Infinite, -Infinite])), -Infinite],
  ["logSumExp of ∞", logSumExp(f64([1, Infinite])), Infinite],
  ["logSumExp of 10⁴", logSumExp(f64([1e4, 1e4])), 1e4 + Math.LN2],
  ["logSumExp of -10⁴", logSumExp(f64([-1e4, -1e4])), -1e4 + Math.LN2],
  ["logSumExp with one -∞", logSumExp(f64([-Infinite, 2])), 2],
  ["logSumExp of NaN", logSumExp(f64([1, NAN])), NAN],
])("%s", (_, tensor, value) => {
  expect(numbers(tensor)).toEqual([value]);
});

test("softmax and logSoftmax are finite at ±10⁴, and undefined where all are -∞", () => {
  const x = f64([1e4, -1e4, 1e4]);
  expect(numbers(softmax(x, 0))).toEqual([0.5, 0, 0.5]);
  expect(numbers(logSoftmax(x, 0))).toEqual([-Math.LN2, -2e4 - Math.LN2, -Math.LN2]);
  expect(numbers(softmax(f64([-Infinite, 0]), 0))).toEqual([0, 1]);
  expect(numbers(softmax(f64([-Infinite, -Infinite]), 0))).toEqual([NAN, NAN]);
  expect(numbers(softmax(constant(7), []))).toEqual([1]);
});

test("a named axis counts as many elements as the value has", () => {
  const x = input("x", [2, "m"]);
  for (const m of [1, 2, 5]) {
    const value = { x: [Array.from({ length: m }, () => 6), Array.from({ length: m }, () => 4)] };
    expect([...evaluate(mean(x, 1), value).data]).toEqual([6, 4]);
    expect([...evaluate(mean(x), value).data]).toEqual([5]);
    expect([...evaluate(variance(x, undefined, { correction: 1 }), value).data][0]).toBeCloseTo(
      (2 * m) / (2 * m - 1),
      5,
    );
  }
});

const whole = input("n", [2], { dtype: "i32" });
const text = (op: string): string =>
  `${op}: the dtype must be floating-point, got i32\n  x      n       [2] i32  input\n  help   cast(x, "f32")`;

refuses([
  ["the mean of integers", () => mean(whole), text("mean")],
  ["the variance of integers", () => variance(whole), text("variance")],
  ["the standard deviation of integers", () => standardDeviation(whole), text("standardDeviation")],
  ["the norm of integers", () => norm(whole), text("norm")],
  ["logSumExp of integers", () => logSumExp(whole), text("logSumExp")],
  ["softmax of integers", () => softmax(whole, 0), text("softmax")],
  ["logSoftmax of integers", () => logSoftmax(whole, 0), text("logSoftmax")],
  [
    "a norm of order 3",
    () => norm(constant([1]), 0, { order: 3 }),
    "norm: the order must be 1, 2 or Infinity, got 3",
  ],
  [
    "a correction that is not finite",
    () => variance(constant([1]), 0, { correction: NAN }),
    "variance: the correction must be a finite number, got NaN",
  ],
  [
    "softmax along an axis beyond the rank",
    () => (softmax as (x: Tensor, axes: number) => Tensor)(constant([1]), 1),
    "softmax: the axis must be within the rank, got 1 for rank 1\n  help   axes are -1 to 0",
  ],
  [
    "a mean along an axis beyond the rank",
    () => (mean as Statistic)(constant([1]), [-2]),
    "mean: the axis must be within the rank, got -2 for rank 1\n  help   axes are -1 to 0",
  ],
]);
