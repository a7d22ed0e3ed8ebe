// The library on integers of any length: π by Machin's formula, products, and remainders of angles to 2^-100.

import { describe, expect, test } from "vitest";
import { assemble } from "../wasm/assemble.ts";
import { libraryFunctions } from "./library.ts";

declare const WebAssembly: {
  Memory: new (descriptor: { initial: number; maximum: number }) => object;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
};

const functions = libraryFunctions({ relaxed: false, wide: false });

function libraryFunction<F>(name: string): F {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const module = {
    memory: { pages: 1, maximumPages: 1, shared: false },
    imports: [],
    functions,
    exports: [name],
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(module)), { env: { memory } });
  return exports[name] as F;
}

const scale = 1600n;

/** π · 2^1600 = (16 arctan 1/5 - 4 arctan 1/239) · 2^1600. */
function pi(): bigint {
  const arctan = (x: bigint): bigint => {
    let [sum, power] = [0n, (1n << (scale + 32n)) / x];
    for (let k = 1n; power !== 0n; k += 2n) {
      sum += k % 4n === 1n ? power / k : -power / k;
      power /= x * x;
    }
    return sum;
  };
  return (16n * arctan(5n) - 4n * arctan(239n)) >> 32n;
}

/** A double times 2^1600, exactly where it is at least 2^-500. */
function scaled(x: number): bigint {
  const bits = new BigUint64Array(Float64Array.of(Math.abs(x)).buffer)[0]!;
  const fraction = (bits & ((1n << 52n) - 1n)) | (bits === 0n ? 0n : 1n << 52n);
  const value = (fraction << (scale + (bits >> 52n))) >> 1075n;
  return x < 0 ? -value : value;
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

describe("the library", () => {
  test("reduces any large angle to the nearest multiple of π/2, to 2^-100", () => {
    const reduceAngle =
      libraryFunction<(x: number) => [high: number, low: number, n: bigint]>("lib.reduceAngle");
    const [quarter, random] = [pi() / 2n, randomBits()];
    // One in 2,048 has a carry from the third word of the product to the first.
    for (let i = 0; i < 20_000; i++) {
      const size = 2 ** (20 + (i % 1003)) * (1 + random() / 2 ** 32 + random() / 2 ** 52);
      const x = i % 2 === 0 ? size : -size;
      const [high, low, n] = reduceAngle(x);
      const rest = scaled(x) - scaled(high) - scaled(low);
      const nearest = (2n * rest + (rest > 0n ? quarter : -quarter)) / (2n * quarter);
      const error = rest - nearest * quarter;
      if (error < -(1n << (scale - 100n)) || error > 1n << (scale - 100n) || (nearest - n) % 4n !== 0n)
        expect({ x, high, low, n, nearest, error }).toBe("reduced");
      if (Math.abs(high) > Math.PI / 4 + 1e-15) expect({ x, high }).toBe("nearest");
    }
    expect(reduceAngle(Number.POSITIVE_INFINITY)[0]).toBeNaN();
    expect(reduceAngle(Number.NaN)[0]).toBeNaN();
  });

  test("multiplies unsigned integers to their upper halves", () => {
    const multiplyHigh = libraryFunction<(x: bigint, y: bigint) => bigint>("lib.multiplyHigh");
    const random = randomBits();
    const word = (): bigint => (BigInt(random()) << 32n) | BigInt(random());
    const most = (1n << 64n) - 1n;
    const pairs = [
      [most, most],
      [0n, most],
      [1n, most],
      [1n << 32n, 1n << 32n],
      [most, 0xffff_ffffn],
    ];
    for (let i = 0; i < 1000; i++) pairs.push([word(), word()]);
    for (const [x, y] of pairs)
      expect(BigInt.asUintN(64, multiplyHigh(x!, y!)), `${x!} ${y!}`).toBe((x! * y!) >> 64n);
  });

  test("has 2/π from any bit on, and zeros before the first", () => {
    const bitsAt = libraryFunction<(position: number) => bigint>("lib.twoOverPiBits");
    const bits = (1n << (2n * scale + 1n)) / pi();
    for (let position = -64; position < 1180; position++) {
      const expected = BigInt.asUintN(64, bits >> (scale - 64n - BigInt(position)));
      expect(BigInt.asUintN(64, bitsAt(position)), String(position)).toBe(expected);
    }
  });

  test("has the remainders of JavaScript, however large the quotient", () => {
    const remainder = libraryFunction<(x: number, y: number) => number>("lib.remainder");
    const random = randomBits();
    const any = (): number => new Float64Array(Uint32Array.of(random(), random()).buffer)[0]!;
    for (let i = 0; i < 5000; i++) {
      const [x, y] = [any(), any()];
      expect(remainder(x, y), `${x} % ${y}`).toBe(x % y);
    }
  });
});
