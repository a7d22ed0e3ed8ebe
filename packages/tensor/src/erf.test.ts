// erf against mpmath, over its range, where its pieces meet, and at what is no ordinary number.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { erf } from "./erf.ts";

const fixture = join(import.meta.dirname, "../../../test/fixtures/erf.json");
const { rows } = JSON.parse(readFileSync(fixture, "utf8")) as { rows: [x: number, value: number][] };

/** How many doubles lie from one positive number to another. */
function doublesBetween(a: number, b: number): number {
  const [first, second] = new BigInt64Array(Float64Array.of(a, b).buffer);
  return Math.abs(Number((first ?? 0n) - (second ?? 0n)));
}

test("erf: is the double nearest to what mpmath gives, or the next", () => {
  expect(rows.length).toBeGreaterThan(1000);
  for (const [x, value] of rows) {
    expect(doublesBetween(erf(x), value), `erf(${x}) = ${erf(x)}, not ${value}`).toBeLessThanOrEqual(1);
    expect(erf(-x)).toBe(-erf(x));
  }
});

test("erf: is odd, and no larger than 1", () => {
  fc.assert(
    fc.property(fc.oneof(fc.double({ min: 0, max: 7, noNaN: true }), fc.double({ noNaN: true })), (x) => {
      expect(erf(-x)).toBe(-erf(x));
      expect(Math.abs(erf(x))).toBeLessThanOrEqual(1);
    }),
  );
});

test("erf: keeps the sign of zero, reaches ±1 and passes NaN on", () => {
  expect([erf(0), erf(-0)]).toEqual([0, -0]);
  expect([erf(Number.POSITIVE_INFINITY), erf(Number.NEGATIVE_INFINITY)]).toEqual([1, -1]);
  expect(erf(Number.NaN)).toBeNaN();
});
