// Toy sets: without noise every point lies on the curve of its class, and noise is as large as it says.

import { describe, expect, test } from "vitest";
import type { Dataset } from "./dataset.ts";
import { circles, flower, spirals, twoMoons } from "./toy.ts";

/** The points, each with its class. */
function points({ X, labels }: Dataset): { x: number; y: number; label: number }[] {
  const m = labels.data.length;
  return Array.from({ length: m }, (_, i) => ({
    x: X.data[i] ?? Number.NaN,
    y: X.data[m + i] ?? Number.NaN,
    label: labels.data[i] ?? Number.NaN,
  }));
}

/** The farthest that two of the points of a class lie from each other. */
function extent(set: Dataset, label: number): number {
  const those = points(set).filter((point) => point.label === label);
  return Math.max(...those.flatMap((a) => those.map((b) => Math.hypot(a.x - b.x, a.y - b.y))));
}

describe.each([
  ["two moons", twoMoons],
  ["circles", circles],
  ["spirals", spirals],
  ["flower", flower],
])("%s", (name, make) => {
  test("has m finite points, the same for the same seed, others for another", () => {
    const set = make({ m: 101, seed: 5 });
    expect([set.name, set.X.shape, set.Y.shape]).toEqual([name, [2, 101], [1, 101]]);
    expect(set.X.data.every(Number.isFinite)).toBe(true);
    expect(make({ m: 101, seed: 5 }).X.data).toEqual(set.X.data);
    expect(make({ m: 101, seed: 6 }).X.data).not.toEqual(set.X.data);
    expect([...set.labels.data].filter((label) => label === 0).length).toBe(51);
    expect(make().X.shape).toEqual([2, 400]);
    expect(make({ seed: 0 })).toEqual(make());
  });

  test("refuses sizes, noise and seeds that make no set", () => {
    for (const m of [1, 2.5, Number.NaN, Infinity]) {
      expect(() => make({ m })).toThrow(`${name}: m must be a whole number of at least 2 points, got ${m}`);
    }
    for (const noise of [-1, Number.NaN, Infinity]) {
      expect(() => make({ noise })).toThrow(`${name}: noise must be a finite number from 0, got ${noise}`);
    }
    for (const seed of [-1, 0.5, 2 ** 32, Number.NaN]) {
      expect(() => make({ seed })).toThrow(
        `${name}: a seed is a whole number from 0 to 2^32 - 1, got ${seed}`,
      );
    }
  });
});

test("twoMoons: without noise one class is the upper half of a circle about 0, the other a lower half about (1, ½)", () => {
  const set = twoMoons({ m: 60, noise: 0 });
  for (const { x, y, label } of points(set)) {
    const [dx, dy] = label === 0 ? [x, y] : [x - 1, 0.5 - y];
    expect(Math.hypot(dx, dy)).toBeCloseTo(1, 6);
    expect(dy).toBeGreaterThan(-1e-6);
  }
  // From one end of the half circle to the other.
  expect([extent(set, 0), extent(set, 1)].map((size) => size.toFixed(5))).toEqual(["2.00000", "2.00000"]);
});

test("circles: without noise the classes lie at radius 1 and ½, all around", () => {
  const set = circles({ m: 40, noise: 0 });
  for (const { x, y, label } of points(set)) {
    expect(Math.hypot(x, y)).toBeCloseTo(label === 0 ? 1 : 0.5, 6);
  }
  expect([extent(set, 0), extent(set, 1)].map((size) => size.toFixed(1))).toEqual(["2.0", "1.0"]);
});

test("flower: without noise every point lies on r = 4 sin 4θ, each class on its half", () => {
  const set = flower({ m: 400, noise: 0 });
  for (const { x, y, label } of points(set)) {
    // θ is the angle from the second axis, and negative radii point the other way: two candidates.
    const angles = [Math.atan2(x, y), Math.atan2(-x, -y)].map(
      (angle) => (angle + 2 * Math.PI) % (2 * Math.PI),
    );
    const radii = angles.map((angle) => 4 * Math.sin(4 * angle));
    const errors = angles.map((angle, i) =>
      Math.hypot(x - (radii[i] ?? 0) * Math.sin(angle), y - (radii[i] ?? 0) * Math.cos(angle)),
    );
    expect(Math.min(...errors)).toBeLessThan(1e-5);
    const onHalf = angles.some((angle, i) => {
      const [from, to] = [label * 3.12 - 1e-3, (label + 1) * 3.12 + 1e-3];
      return (errors[i] ?? 1) < 1e-5 && angle >= from && angle <= to;
    });
    // Near the middle all angles are one.
    expect(onHalf || Math.hypot(x, y) < 0.1, `(${x}, ${y}) of class ${label}`).toBe(true);
  }
  for (const label of [0, 1]) {
    const radii = points(set).flatMap((point) =>
      point.label === label ? [Math.hypot(point.x, point.y)] : [],
    );
    // From the middle to the tips of the petals.
    expect([Math.min(...radii) < 0.1, Math.max(...radii).toFixed(1)]).toEqual([true, "4.0"]);
  }
});

test("spirals: without noise the angle grows with the radius, and the arms differ by a whole turn over their number", () => {
  for (const classes of [2, 3, 5]) {
    const set = spirals({ classes, m: 20 * classes, noise: 0 });
    expect(set.Y.shape).toEqual([classes === 2 ? 1 : classes, 20 * classes]);
    for (const { x, y, label } of points(set)) {
      const radius = Math.hypot(x, y);
      const angle = 4 * radius + (2 * Math.PI * label) / classes;
      expect([x, y].map((value) => value.toFixed(5))).toEqual(
        [radius * Math.sin(angle), radius * Math.cos(angle)].map((value) => value.toFixed(5)),
      );
    }
    expect(Math.max(...points(set).map(({ x, y }) => Math.hypot(x, y)))).toBeCloseTo(1, 6);
  }
});

test("spirals: refuses classes that are not whole or too few", () => {
  for (const classes of [1, 0, 2.5, Number.NaN]) {
    expect(() => spirals({ classes })).toThrow(
      `spirals: classes must be a whole number of at least 2, got ${classes}`,
    );
  }
  expect(() => spirals({ classes: 5, m: 4 })).toThrow(
    "spirals: m must be a whole number of at least 5 points, got 4",
  );
});

test("noise is normal, of the deviation that it says, and independent in the two directions", () => {
  const m = 40_000;
  const clean = points(circles({ m, noise: 0 }));
  const noisy = points(circles({ m, noise: 0.3 }));
  const errors = (axis: "x" | "y"): number[] =>
    noisy.map((point, i) => (point[axis] - (clean[i]?.[axis] ?? 0)) / 0.3);
  const [u, v] = [errors("x"), errors("y")];
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / m;
  // Of a normal variable the first moments are 0, 1, 0, 3; four of their standard deviations are allowed.
  for (const each of [u, v]) {
    expect(Math.abs(mean(each))).toBeLessThan(4 / Math.sqrt(m));
    expect(Math.abs(mean(each.map((e) => e ** 2)) - 1)).toBeLessThan(4 * Math.sqrt(2 / m));
    expect(Math.abs(mean(each.map((e) => e ** 3)))).toBeLessThan(4 * Math.sqrt(15 / m));
    expect(Math.abs(mean(each.map((e) => e ** 4)) - 3)).toBeLessThan(4 * Math.sqrt(96 / m));
  }
  expect(Math.abs(mean(u.map((e, i) => e * (v[i] ?? 0))))).toBeLessThan(4 / Math.sqrt(m));
});
