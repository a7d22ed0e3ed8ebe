// The cipher against the published vectors of Random123, and against keys and bits made by JAX.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { threefry2x32, threefryBits } from "./threefry.ts";

interface Words {
  readonly values: readonly number[];
}
type Case = { readonly name: string } & Readonly<
  Record<"key" | "split2" | "split5" | "foldIn7" | "bits7" | "bits3x4", Words>
>;

const fixture = new URL("../../../test/fixtures/jax-random.json", import.meta.url);
const { cases } = JSON.parse(readFileSync(fixture, "utf8")) as { readonly cases: readonly Case[] };

const all = 0xffffffff;

// kat_vectors of Random123, "threefry 2 32 20": counter, key, answer.
test.each([
  [
    [0, 0],
    [0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [all, all],
    [all, all],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x243f6a88, 0x85a308d3],
    [0x13198a2e, 0x03707344],
    [0xc4923a9c, 0x483df7a0],
  ],
] as const)(
  "threefry2x32: gives Random123's known answer for counter %j and key %j",
  (counter, key, answer) => {
    expect([...threefry2x32(key, counter)]).toEqual(answer);
  },
);

describe.each(cases)("threefryBits under $name", ({ key, split2, split5, foldIn7, bits7, bits3x4 }) => {
  const words = (count: number): number[] => [...threefryBits(Uint32Array.from(key.values), count)];

  test("the pairs are the keys that JAX splits off", () => {
    expect(words(2)).toEqual(split2.values);
    expect(words(5)).toEqual(split5.values);
  });

  test("the two words of a pair, xor, are the bits of JAX in C order", () => {
    const bits = (count: number): number[] => {
      const pairs = words(count);
      return Array.from({ length: count }, (_, i) => ((pairs[2 * i] ?? 0) ^ (pairs[2 * i + 1] ?? 0)) >>> 0);
    };
    expect(bits(7)).toEqual(bits7.values);
    expect(bits(12)).toEqual(bits3x4.values);
  });

  test("the pair of counter 7 is the key into which JAX has folded 7", () => {
    expect(words(8).slice(-2)).toEqual(foldIn7.values);
  });
});

test("threefryBits: numbers the counters from 0, whatever the key", () => {
  const word = fc.integer({ min: 0, max: all });
  fc.assert(
    fc.property(word, word, fc.nat(9), (high, low, count) => {
      const one = (i: number): number[] => [...threefry2x32([high, low], [0, i])];
      const singly = Array.from({ length: count }, (_, i) => one(i)).flat();
      expect([...threefryBits(Uint32Array.of(high, low), count)]).toEqual(singly);
    }),
  );
});
