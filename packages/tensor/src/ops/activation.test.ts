// Activations against formulas of another kind, at their kinks and at the ends of the number line.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arraysOf,
  at,
  expectClose,
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
  clip,
  constant,
  elu,
  evaluate,
  gelu,
  input,
  isNaN,
  leakyRelu,
  logSigmoid,
  reciprocal,
  relu,
  selu,
  silu,
  softplus,
  square,
  type Tensor,
} from "../index.ts";

/** Φ(x) by the series of erf, whose terms stay below e^(x²/2). */
function normalDistribution(x: number): number {
  let [sum, term] = [0, x];
  for (let n = 1; n < 200; n++) {
    sum += term;
    term *= (x * x) / (2 * n + 1);
  }
  return 0.5 + (sum * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI);
}

interface Law {
  readonly name: string;
  readonly build: (x: Tensor) => Tensor;
  readonly of: (x: number) => number;
  readonly units: (x: number, out: number) => number;
}

const bend = Math.sqrt(2 / Math.PI);
const laws: readonly Law[] = [
  { name: "square", build: square, of: (x) => x ** 2, units: (_, out) => 2 * out },
  { name: "reciprocal", build: reciprocal, of: (x) => x ** -1, units: (_, out) => 2 * Math.abs(out) },
  { name: "relu", build: relu, of: (x) => (x + Math.abs(x)) / 2, units: () => 0 },
  {
    name: "leakyRelu",
    build: leakyRelu,
    of: (x) => Math.max(x, x / 100),
    units: (_, out) => 4 * Math.abs(out),
  },
  { name: "elu", build: elu, of: (x) => (x > 0 ? x : Math.exp(x) - 1), units: () => 4 },
  {
    name: "elu with α",
    build: (x) => elu(x, 0.5),
    of: (x) => (x > 0 ? x : (Math.exp(x) - 1) / 2),
    units: () => 4,
  },
  {
    name: "selu",
    build: selu,
    of: (x) => 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.exp(x) - 1)),
    units: (_, out) => 8 + 4 * Math.abs(out),
  },
  { name: "gelu", build: gelu, of: (x) => x * normalDistribution(x), units: (x) => 300 * (1 + Math.abs(x)) },
  {
    name: "gelu by tanh",
    build: (x) => gelu(x, { approximation: "tanh" }),
    of: (x) => x / (1 + Math.exp(-2 * bend * (x + 0.044715 * x ** 3))),
    units: (x) => 64 * (1 + Math.abs(x)),
  },
  {
    name: "silu",
    build: silu,
    of: (x) => (x + x * Math.tanh(x / 2)) / 2,
    units: (x) => 8 * (1 + Math.abs(x)),
  },
  { name: "softplus", build: softplus, of: (x) => Math.log(1 + Math.exp(x)), units: () => 40 },
  { name: "logSigmoid", build: logSigmoid, of: (x) => -Math.log(1 + Math.exp(-x)), units: () => 40 },
  { name: "clip", build: (x) => clip(x, -1, 2), of: (x) => (x < -1 ? -1 : x > 2 ? 2 : x), units: () => 0 },
];

describe.each(laws)("$name", ({ build, of, units }) => {
  property(
    "equals its formula, for every shape and name of dimension",
    shapes().chain((s) => arraysOf(s, "f64", tame)),
    (x) => {
      const wanted = tabulate(x.shape, "f64", (position) => of(at(x, position)) + 0);
      const value = valueOf(build, [x]);
      const plain = tabulate(x.shape, "f64", (position) => at(value, position) + 0);
      expectClose(plain, wanted, (position) => unit * units(at(x, position), at(wanted, position)));
    },
  );
});

const { POSITIVE_INFINITY: Infinite, NaN: NAN } = Number;
const f64 = (...values: number[]): Tensor => constant(array(values, { dtype: "f64" }));
const numbers = (t: Tensor): number[] => [...evaluate(t).data];
const ends = f64(1e4, -1e4, Infinite, -Infinite, NAN, 0);

test.each([
  ["relu", relu, [1e4, 0, Infinite, 0, NAN, 0]],
  ["leakyRelu", leakyRelu, [1e4, -100, Infinite, -Infinite, NAN, 0]],
  ["elu", elu, [1e4, -1, Infinite, -1, NAN, 0]],
  ["gelu", gelu, [1e4, -0, Infinite, NAN, NAN, 0]],
  ["gelu by tanh", (x: Tensor) => gelu(x, { approximation: "tanh" }), [1e4, -0, Infinite, NAN, NAN, 0]],
  ["silu", silu, [1e4, -0, Infinite, NAN, NAN, 0]],
  ["softplus", softplus, [1e4, 0, Infinite, 0, NAN, Math.LN2]],
  ["logSigmoid", logSigmoid, [-0, -1e4, -0, -Infinite, NAN, -Math.LN2]],
  ["clip", (x: Tensor) => clip(x, -1, 1), [1, -1, 1, -1, NAN, 0]],
  ["isNaN", isNaN, [0, 0, 0, 0, 1, 0]],
  ["square", square, [1e8, 1e8, Infinite, Infinite, NAN, 0]],
  ["reciprocal", reciprocal, [1e-4, -1e-4, 0, -0, NAN, Infinite]],
] as const)("%s at ±10⁴, ±∞, NaN and 0", (_, build, values) => {
  expect(numbers(build(ends))).toEqual(values);
});

test("softplus and logSigmoid keep tiny tails", () => {
  expect(numbers(softplus(f64(-50)))[0]).toBe(Math.exp(-50));
  expect(numbers(logSigmoid(f64(50)))[0]).toBe(-Math.exp(-50));
});

test("relu, square, clip and reciprocal take integers", () => {
  const n = constant([-3, 0, 4], { dtype: "i32" });
  expect(numbers(relu(n))).toEqual([0, 0, 4]);
  expect(numbers(square(n))).toEqual([9, 0, 16]);
  expect(numbers(clip(n, -1, 2))).toEqual([-1, 0, 2]);
  expect(numbers(reciprocal(constant([-1, 0, 4], { dtype: "i32" })))).toEqual([-1, 0, 0]);
});

property("clip takes tensors as bounds", fc.tuple(tame, tame, tame), ([x, a, b]) => {
  const [low, high] = [Math.min(a, b), Math.max(a, b)];
  expect(numbers(clip(f64(x), f64(low), f64(high)))).toEqual([x < low ? low : x > high ? high : x]);
});

const whole = input("n", [2], { dtype: "i32" });
refuses([
  ...(
    [
      ["leakyRelu", leakyRelu],
      ["elu", elu],
      ["selu", selu],
      ["gelu", gelu],
      ["silu", silu],
      ["softplus", softplus],
      ["logSigmoid", logSigmoid],
    ] as const
  ).map(([op, build]): readonly [string, () => unknown, string] => [
    `integers in ${op}`,
    () => (build as (x: Tensor) => Tensor)(whole),
    `${op}: the dtype must be floating-point, got i32\n  x      n       [2] i32  input\n  help   cast(x, "f32")`,
  ]),
  [
    "bounds out of order",
    () => clip(constant([1]), 2, 1),
    "clip: the low bound must not exceed the high one, got 2 and 1",
  ],
  [
    "a bound that is NaN",
    () => clip(constant([1]), NAN, 1),
    "clip: the low bound must not exceed the high one, got NaN and 1",
  ],
]);
