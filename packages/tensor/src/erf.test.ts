import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { erf } from "./erf.ts";

const fixture = join(import.meta.dirname, "../../../test/fixtures/erf.json");
const { rows } = JSON.parse(readFileSync(fixture, "utf8")) as { rows: [x: number, value: number][] };

/** The distance to the next double. */
function ulp(x: number): number {
  return Math.max(Number.MIN_VALUE, 2 ** (Math.floor(Math.log2(Math.abs(x))) - 52));
}

test("erf: agrees with mpmath within 2 units in the last place", () => {
  for (const [x, value] of rows) {
    const error = Math.abs(erf(x) - value) / ulp(value);
    expect(error, `erf(${x}) = ${erf(x)}, not ${value}`).toBeLessThanOrEqual(2);
    expect(erf(-x)).toBe(-erf(x));
  }
});

test("erf: keeps the sign of zero, reaches ±1 and passes NaN on", () => {
  expect(Object.is(erf(-0), -0)).toBe(true);
  expect([erf(Number.POSITIVE_INFINITY), erf(Number.NEGATIVE_INFINITY)]).toEqual([1, -1]);
  expect(erf(Number.NaN)).toBeNaN();
});
