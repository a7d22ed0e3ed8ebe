import { describe, expect, test } from "vitest";
import type { Dataset } from "./dataset.ts";
import { circles, flower, spirals, twoMoons } from "./toy.ts";

/** The points as pairs. */
function points({ X }: Dataset): [x: number, y: number][] {
  const m = X.shape[1] ?? 0;
  return Array.from({ length: m }, (_, i) => [X.data[i] ?? 0, X.data[m + i] ?? 0]);
}

describe.each([
  ["twoMoons", twoMoons],
  ["circles", circles],
  ["spirals", spirals],
  ["flower", flower],
])("%s", (name, make) => {
  test("has m finite points, the same for the same seed, others for another", () => {
    const set = make({ m: 101, seed: 5 });
    expect([set.X.shape, set.Y.shape]).toEqual([
      [2, 101],
      [1, 101],
    ]);
    expect(set.X.data.every(Number.isFinite)).toBe(true);
    expect(make({ m: 101, seed: 5 }).X.data).toEqual(set.X.data);
    expect(make({ m: 101, seed: 6 }).X.data).not.toEqual(set.X.data);
    expect([...set.labels.data].filter((label) => label === 0).length).toBe(51);
  });

  test("refuses sizes and noise that make no set", () => {
    const title = name === "twoMoons" ? "two moons" : name;
    expect(() => make({ m: 1 })).toThrow(`${title}: m must be a whole number of at least 2 points, got 1`);
    expect(() => make({ noise: -1 })).toThrow(`${title}: noise must be a finite number from 0, got -1`);
  });
});

test("circles: without noise the classes lie at radius 1 and ½", () => {
  const set = circles({ m: 40, noise: 0 });
  for (const [i, [x, y]] of points(set).entries()) {
    expect(Math.hypot(x, y)).toBeCloseTo(set.labels.data[i] === 0 ? 1 : 0.5, 6);
  }
});

test("flower: without noise every point lies on r = 4 sin 4θ", () => {
  for (const [x, y] of points(flower({ m: 60, noise: 0 }))) {
    const theta = Math.atan2(x, y);
    expect(Math.abs(Math.hypot(x, y) - Math.abs(4 * Math.sin(4 * theta)))).toBeLessThan(1e-5);
  }
});

test("spirals: makes as many arms as asked for", () => {
  expect(spirals({ classes: 3, m: 30 }).Y.shape).toEqual([3, 30]);
});
