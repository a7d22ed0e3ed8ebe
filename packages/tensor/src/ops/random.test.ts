// Random numbers against those of JAX, and the refusals.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { expectSame, refuses } from "../../../../test/arrays.ts";
import {
  arrayFrom,
  bernoulli,
  cast,
  constant,
  evaluate,
  foldIn,
  input,
  normal,
  randomBits,
  randomKey,
  splitKey,
  stack,
  uniform,
  type NdArray,
  type Tensor,
} from "../index.ts";

interface Words {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

interface Floats extends Words {
  readonly dtype: "f32" | "f64";
}

type Case = { readonly name: string } & Readonly<
  Record<"key" | "split2" | "split5" | "foldIn7" | "bits7" | "bits3x4" | "bits0" | "bernoulli20", Words>
> &
  Readonly<Record<"uniform8" | "uniformRange2x4" | "normal256" | "uniform8f64" | "normal64f64", Floats>>;

const fixture = new URL("../../../../test/fixtures/jax-random.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(fixture, "utf8")) as { readonly cases: readonly Case[] };

const u32 = ({ shape, values }: Words): NdArray => arrayFrom(Uint32Array.from(values), shape);
const floats = ({ shape, values, dtype }: Floats): NdArray =>
  arrayFrom(dtype === "f32" ? Float32Array.from(values) : Float64Array.from(values), shape);

/** The distance in units in the last place of the expected number. */
function ulps(actual: number, expected: number, dtype: "f32" | "f64"): number {
  const bits = dtype === "f32" ? 23 : 52;
  return Math.abs(actual - expected) / 2 ** (Math.floor(Math.log2(Math.abs(expected))) - bits);
}

describe.each(cases)("$name", (each) => {
  const key = constant(u32(each.key)) as Tensor<readonly [2]>;

  test("splitKey, foldIn and randomBits are bit-equal to JAX", () => {
    expectSame(evaluate(stack(splitKey(key))), u32(each.split2));
    expectSame(evaluate(stack(splitKey(key, 5) as readonly Tensor[])), u32(each.split5));
    expectSame(evaluate(foldIn(key, 7)), u32(each.foldIn7));
    expectSame(evaluate(foldIn(key, cast(constant(7), "i32"))), u32(each.foldIn7));
    expectSame(evaluate(randomBits(key, [7])), u32(each.bits7));
    expectSame(evaluate(randomBits(key, [3, 4])), u32(each.bits3x4));
    expectSame(evaluate(randomBits(key, [0])), u32(each.bits0));
  });

  test("uniform and bernoulli are bit-equal to JAX", () => {
    expectSame(evaluate(uniform(key, [8])), floats(each.uniform8));
    expectSame(evaluate(uniform(key, [8], { dtype: "f64" })), floats(each.uniform8f64));
    expectSame(evaluate(uniform(key, [2, 4], { minval: -2.5, maxval: 3.75 })), floats(each.uniformRange2x4));
    expect([...evaluate(bernoulli(key, 0.3, [20])).data]).toEqual(each.bernoulli20.values);
  });

  // In f64 the larger distance is the error of JAX: its log1p near -0.4 is off, ours agrees with exact arithmetic.
  test.each([
    ["normal256", 4],
    ["normal64f64", 32],
  ] as const)("%s is within %d units in the last place of JAX", (name, bound) => {
    const { shape, values, dtype } = each[name];
    const actual = evaluate(normal(key, shape, { dtype }));
    expect([actual.shape, actual.dtype]).toEqual([shape, dtype]);
    const worst = Math.max(...values.map((value, i) => ulps(actual.data[i]!, value, dtype)));
    expect(worst).toBeLessThanOrEqual(bound);
  });
});

test.each([
  [0, "key(0)"],
  [1, "key(1)"],
  [42, "key(42)"],
  [2 ** 32 - 1, "key(4294967295)"],
  [2 ** 40 + 5, "key(1099511627781)"],
])("randomKey(%d) is the key of JAX", (seed, name) => {
  const found = cases.find((each) => each.name === name);
  expectSame(evaluate(randomKey(seed)), u32(found!.key));
});

test("shapes may hold names, and the numbers do not depend on them", () => {
  const x = input("x", ["m"]);
  const draw = (shape: readonly (number | string)[]): Tensor[] => [
    randomBits(randomKey(5), shape),
    uniform(randomKey(5), shape),
    normal(randomKey(5), shape),
    bernoulli(randomKey(5), 0.5, shape),
  ];
  for (const m of [0, 1, 5]) {
    const named = evaluate([...draw(["m", 3]), x], { x: Array.from({ length: m }, () => 0) });
    for (const [i, value] of evaluate(draw([m, 3])).entries()) expectSame(named[i]!, value);
  }
});

test("foldIn takes an i32 by its bits", () => {
  const folded = evaluate(foldIn(randomKey(9), 2 ** 32 - 1));
  expectSame(evaluate(foldIn(randomKey(9), cast(constant(-1), "i32"))), folded);
});

test("bernoulli takes a probability for each position", () => {
  const chances = constant([0, 1, 0, 1]);
  expect([...evaluate(bernoulli(randomKey(1), chances, [2, 4])).data]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
});

test("uniform numbers stay in their range, and of equal bounds are the bound", () => {
  const { data } = evaluate(uniform(randomKey(3), [10_000], { minval: 1, maxval: 2 }));
  expect(Math.min(...data)).toBeGreaterThanOrEqual(1);
  expect(Math.max(...data)).toBeLessThan(2);
  expect([...evaluate(uniform(randomKey(3), [2], { minval: 7, maxval: 7 })).data]).toEqual([7, 7]);
});

test("splitting into no keys gives none", () => {
  expect(splitKey(randomKey(0), 0)).toEqual([]);
});

const key = randomKey(0);
const wrongKey = input("key", [3]);

refuses([
  ["a negative seed", () => randomKey(-1), "randomKey: a seed is a whole number from 0 to 2^53 - 1, got -1"],
  [
    "a seed beyond 2⁵³",
    () => randomKey(2 ** 53),
    "randomKey: a seed is a whole number from 0 to 2^53 - 1, got 9007199254740992",
  ],
  [
    "a count that is not whole",
    () => splitKey(key, 1.5),
    "splitKey: the count must be a whole number from 0, got 1.5",
  ],
  ...(["splitKey", "foldIn", "randomBits", "uniform", "normal", "bernoulli"] as const).map(
    (op): readonly [string, () => unknown, string] => [
      `what is no key, in ${op}`,
      () =>
        ({
          splitKey: () => splitKey(wrongKey),
          foldIn: () => foldIn(wrongKey, 1),
          randomBits: () => randomBits(wrongKey, [1]),
          uniform: () => uniform(wrongKey, [1]),
          normal: () => normal(wrongKey, [1]),
          bernoulli: () => bernoulli(wrongKey, 0.5, [1]),
        })[op](),
      `${op}: a key must be u32 [2], got f32 [3]\n  help   randomKey(seed) makes a key`,
    ],
  ),
  [
    "a number for a key",
    () => uniform(42 as unknown as Tensor, [1]),
    "uniform: a key must be u32 [2], got number\n  help   randomKey(seed) makes a key",
  ],
  [
    "data that is not whole",
    () => foldIn(key, 0.5),
    "foldIn: data must be a whole number from 0 to 2^32 - 1, got 0.5",
  ],
  [
    "data beyond 2³²",
    () => foldIn(key, 2 ** 32),
    "foldIn: data must be a whole number from 0 to 2^32 - 1, got 4294967296",
  ],
  [
    "data that is no scalar",
    () => foldIn(key, input("step", [1], { dtype: "i32" })),
    "foldIn: data must be an i32 or u32 scalar, got i32 [1]\n  data   step    [1] i32  input",
  ],
  [
    "bounds out of order",
    () => uniform(key, [1], { minval: 2, maxval: 1 }),
    "uniform: minval must not exceed maxval, got 2 and 1",
  ],
  [
    "uniform integers",
    () => uniform(key, [1], { dtype: "i32" }),
    "uniform: the dtype must be floating-point, got i32",
  ],
  [
    "normal truth values",
    () => normal(key, [1], { dtype: "bool" }),
    "normal: the dtype must be floating-point, got bool",
  ],
  [
    "a probability above 1",
    () => bernoulli(key, 1.5, [1]),
    "bernoulli: a probability is from 0 to 1, got 1.5",
  ],
  [
    "a probability that does not broadcast",
    () => bernoulli(key, constant([0.5, 0.5]), [3]),
    "broadcastTo: sizes must be equal or 1, got [2] to [3]",
  ],
  [
    "a probability of an integer dtype",
    () => bernoulli(key, constant([1], { dtype: "i32" }), [1]),
    "bernoulli: the dtype must be floating-point, got i32",
  ],
]);
