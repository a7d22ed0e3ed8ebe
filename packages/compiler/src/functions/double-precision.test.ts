// Every function of doubles against results of 2,400 bits (references.test.py, by mpmath), which also say what their
// rounding lost, and against Math on many more arguments; with fused multiplications allowed and not.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { beforeAll, describe, expect, test } from "vitest";
import { vectorFunctions, type VectorFunctionName } from "./index.ts";
import { binaryNames, errorOf, referenceOf, unaryNames } from "./measure-error.ts";
import { runFunction } from "./run-function.ts";

/** What the headers of the files say, rounded up. */
const bounds: Readonly<Record<VectorFunctionName, number>> = {
  exp: 1.1,
  expm1: 2.5,
  log: 1,
  log1p: 1.4,
  sqrt: 0.5,
  rsqrt: 1.5,
  sin: 1,
  cos: 1,
  tan: 2.2,
  asin: 2.4,
  acos: 1.3,
  atan: 2.1,
  sinh: 2.4,
  cosh: 1.5,
  tanh: 2.6,
  sigmoid: 2.2,
  erf: 1.1,
  pow: 1.4,
  atan2: 2,
  rem: 0,
};

type Row = readonly [...operands: number[], value: number, lost: number];

const references = JSON.parse(
  readFileSync(join(import.meta.dirname, "references.test.json"), "utf8"),
) as Readonly<Record<VectorFunctionName, readonly Row[]>>;

const names = Object.keys(vectorFunctions) as VectorFunctionName[];

beforeAll(() => setFlagsFromString("--experimental-wasm-relaxed-simd"));

describe.each([false, true])("with fused multiplications allowed: %s", (relaxed) => {
  test.each(names)("%s of doubles is within its bound of the exact value", (name) => {
    const rows = references[name];
    const operands = Array.from({ length: rows[0]!.length - 2 }, (_, i) =>
      Float64Array.from(rows, (row) => row[i]!),
    );
    const results = runFunction(name, "f64", relaxed)(...operands);
    for (const [i, row] of rows.entries()) {
      const error = errorOf(results[i]!, row.at(-2)!, "f64", row.at(-1)! / 1000);
      expect(error, `${row.join(", ")}: ${results[i]!}`).toBeLessThanOrEqual(bounds[name] + 0.001);
    }
  });

  test.each([...unaryNames, ...binaryNames])("%s of doubles is within its bound of Math", (name) => {
    const run = runFunction(name, "f64", relaxed);
    const random = randomBits();
    for (const draw of draws(random)) {
      const operands = [0, 1].map(() => Float64Array.from({ length: 2 ** 14 }, draw));
      const used = (binaryNames as readonly string[]).includes(name) ? operands : operands.slice(1);
      const values = referenceOf(name, ...used);
      const results = run(...used);
      const worst = results.reduce(
        (least, result, i) => {
          const error = errorOf(result, values[i]!, "f64");
          return error > least.error ? { error, at: used.map((x) => x[i]!), result } : least;
        },
        { error: 0, at: [] as number[], result: 0 },
      );
      // Math is itself within 1; the last half is that of rounding both.
      expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(
        bounds[name] === 0 ? 0 : bounds[name] + 1.5,
      );
    }
  });
});

/** Any bits, and numbers of ordinary sizes. */
function draws(random: () => number): (() => number)[] {
  const uniform = (size: number) => () => size * (random() / 2 ** 31 - 1);
  const bits = new Uint32Array(2);
  const any = (): number => {
    bits.set([random(), random()]);
    return new Float64Array(bits.buffer)[0]!;
  };
  return [any, uniform(1), uniform(4), uniform(100), uniform(1000)];
}

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
