// Orders by seed: each is a permutation, seeds tell them apart, and every order is about as likely.

import fc from "fast-check";
import { expect, test } from "vitest";
import { permutation } from "./permutation.ts";

const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

test("permutation: holds every position once, and is the same for the same seeds", () => {
  fc.assert(
    fc.property(fc.nat(300), seeds, seeds, (count, seed, stream) => {
      const order = permutation(count, seed, stream);
      expect([...order].toSorted((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i));
      expect(permutation(count, seed, stream)).toEqual(order);
    }),
  );
});

test("permutation: differs by seed and by stream", () => {
  const orders = [permutation(50, 1), permutation(50, 2), permutation(50, 1, 1), permutation(50, 1, 2)];
  expect(new Set(orders.map(String)).size).toBe(4);
  expect(permutation(50, 1, 0)).toEqual(permutation(50, 1));
});

test("permutation: gives the six orders of three about equally often", () => {
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 6000; seed++) {
    const order = String(permutation(3, seed));
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  // 1000 are expected, with a standard deviation of 29.
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(120);
});

test.each([-1, 0.5, 2 ** 32, Number.NaN])("permutation: refuses a seed and a stream of %s", (bad) => {
  const message = `permutation: a seed is a whole number from 0 to 2^32 - 1, got ${bad}`;
  expect(() => permutation(3, bad)).toThrow(message);
  expect(() => permutation(3, 0, bad)).toThrow(message);
});
