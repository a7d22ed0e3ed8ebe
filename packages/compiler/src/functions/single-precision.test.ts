// Every function of floats against doubles: every 1,499th of all 2^32 bit patterns, dense ranges around the points where
// an algorithm changes, and pairs of bit patterns; with fused multiplications allowed and not.

import { setFlagsFromString } from "node:v8";
import { beforeAll, describe, expect, test } from "vitest";
import type { VectorFunctionName } from "./index.ts";
import { binaryNames, errorOf, referenceOf, unaryNames } from "./measure-error.ts";
import { runFunction, type Runner } from "./run-function.ts";

/** What the headers of the files say, rounded up: the rest, up to 4, is a margin that no change may use unnoticed. */
const bounds: Readonly<Record<VectorFunctionName, number>> = {
  exp: 1.1,
  expm1: 1.9,
  log: 1.2,
  log1p: 1.8,
  // Rounded in double first, of which Math is the reference.
  sqrt: 0.5001,
  rsqrt: 1.6,
  sin: 0.52,
  cos: 0.52,
  tan: 0.53,
  asin: 2.5,
  acos: 1.3,
  atan: 2.1,
  sinh: 2.4,
  cosh: 1.6,
  tanh: 2.6,
  sigmoid: 2.5,
  erf: 1.6,
  pow: 0.55,
  atan2: 2.2,
  rem: 0,
};

/** Where an algorithm changes, overflows or begins to be 0 or 1. */
const critical = [
  2 ** -25,
  2 ** -13,
  0.25,
  Math.SQRT2 - 1,
  0.5,
  Math.SQRT1_2,
  Math.PI / 4,
  0.875,
  1,
  Math.SQRT2,
  Math.PI / 2,
  2,
  Math.SQRT2 + 1,
  3.9,
  4,
  9,
  16.6,
  17.3,
  87.3,
  88.02,
  88.72,
  89.4,
  103.3,
  103.97,
  254 * Math.LN2,
  2 ** 20,
  2 ** 23,
  2 ** 24,
];

const half = 2 ** 16;

beforeAll(() => setFlagsFromString("--experimental-wasm-relaxed-simd"));

/** The largest error of both runners on an array, and where. */
function worstOf(
  name: VectorFunctionName,
  runners: readonly Runner<"f32">[],
  ...operands: readonly Float32Array[]
) {
  const values = referenceOf(name, ...operands);
  let worst = { error: 0, at: [] as number[], result: 0 };
  for (const run of runners) {
    const results = run(...operands);
    for (let i = 0; i < results.length; i++) {
      // Most results are those that rounding gives, and need no closer look.
      if (Object.is(results[i], Math.fround(values[i]!))) continue;
      const error = errorOf(results[i]!, values[i]!, "f32");
      if (error > worst.error) worst = { error, at: operands.map((x) => x[i]!), result: results[i]! };
    }
  }
  return worst;
}

const runnersOf = (name: VectorFunctionName): Runner<"f32">[] =>
  [false, true].map((relaxed) => runFunction(name, "f32", relaxed));

/** Arrays of the bit patterns from `first` on, `step` apart, until they begin again. */
function* patterns(first: number, step: number): Generator<Float32Array> {
  for (let next = first; next < 2 ** 32; next += half * step) {
    const bits = new Uint32Array(half);
    for (let i = 0; i < half; i++) bits[i] = next + i * step;
    yield new Float32Array(bits.buffer);
  }
}

describe.each(unaryNames)("%s of floats", (name) => {
  test("is within its bound everywhere", () => {
    const runners = runnersOf(name);
    for (const x of patterns(0, 1499)) {
      const worst = worstOf(name, runners, x);
      expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(bounds[name]);
    }
  });

  test("is within its bound on every number next to critical ones", () => {
    const runners = runnersOf(name);
    const near = critical.flatMap((centre) => [centre, -centre]).map((centre) => neighbours(centre, 2048));
    const worst = worstOf(name, runners, Float32Array.from(near.flatMap((numbers) => [...numbers])));
    expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(bounds[name]);
  });
});

/** The floats around one. */
function neighbours(centre: number, count: number): Float32Array {
  const bits = new Uint32Array(Float32Array.of(centre).buffer)[0]!;
  return new Float32Array(Uint32Array.from({ length: count }, (_, i) => bits + i - count / 2).buffer);
}

describe.each(binaryNames)("%s of floats", (name) => {
  test("is within its bound for pairs of any numbers, and of numbers near 1", () => {
    const runners = runnersOf(name);
    const random = randomBits();
    for (let round = 0; round < 6; round++) {
      const draw = (): Float32Array => {
        const bits = Uint32Array.from({ length: half }, () => random());
        const any = new Float32Array(bits.buffer);
        // The bits of numbers between 1/4 and 4, of either sign.
        const near = new Float32Array(bits.map((each) => (each & 0x81ff_ffff) + 0x3e80_0000).buffer);
        return round % 2 === 0 ? any : near;
      };
      const worst = worstOf(name, runners, draw(), draw());
      expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(bounds[name]);
    }
  });
});

/** Marsaglia's xorshift32. */
function randomBits(): () => number {
  let state = 2_463_534_242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

test("pow is within its bound up to the largest and the smallest results", () => {
  const random = randomBits();
  const uniform = (low: number, high: number): number => low + ((high - low) * random()) / 2 ** 32;
  const x = Float32Array.from({ length: half }, () => 2 ** uniform(-149, 128));
  const y = x.map((each) => uniform(-104, 89) / Math.log(each));
  const worst = worstOf("pow", runnersOf("pow"), x, y);
  expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(bounds.pow);
});
