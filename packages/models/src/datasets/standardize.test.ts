// Standardization: features of the measured set have mean 0 and deviation 1, others are moved in the same way.

import fc from "fast-check";
import { expect, test } from "vitest";
import { dataset, type Dataset } from "./dataset.ts";
import { measureFeatures, standardize } from "./standardize.ts";

function make(features: number, examples: readonly number[]): Dataset {
  const labels = Array.from({ length: examples.length / features }, () => 0);
  return dataset({ name: "test", examples, features, labels, classNames: ["a", "b"] });
}

test("measureFeatures: gives mean and deviation with 1/m, and 1 where a feature does not vary", () => {
  const { mean, deviation } = measureFeatures(make(2, [1, 0.1, 2, 0.1, 3, 0.1]));
  expect([mean.shape, ...mean.data]).toEqual([[2, 1], 2, Math.fround(0.1)]);
  expect([deviation.shape, ...deviation.data]).toEqual([[2, 1], Math.fround(Math.sqrt(2 / 3)), 1]);
  expect([...measureFeatures(make(1, [0, 8])).deviation.data]).toEqual([4]);
});

test("measureFeatures: keeps a small deviation about a large mean", () => {
  const { mean, deviation } = measureFeatures(make(1, [8_000_000, 8_000_001, 8_000_001]));
  // The mean itself is rounded to f32, in halves there.
  expect(mean.data[0]).toBe(8_000_000.5);
  expect(deviation.data[0]).toBeCloseTo(Math.sqrt(2 / 9), 6);
});

test("standardize: the measured set has means of 0 and deviations of 1, in every feature", () => {
  const numbers = fc.array(fc.double({ min: -100, max: 100, noNaN: true }), { minLength: 6, maxLength: 60 });
  fc.assert(
    fc.property(numbers, (list) => {
      // The last two examples keep each feature from being nearly constant.
      const data = make(3, [...list.slice(0, list.length - (list.length % 3)), -50, 0, 50, 50, 50, -50]);
      const done = measureFeatures(standardize(data, measureFeatures(data)));
      for (const mean of done.mean.data) expect(Math.abs(mean)).toBeLessThan(1e-5);
      for (const deviation of done.deviation.data) expect(deviation).toBeCloseTo(1, 5);
    }),
  );
});

test("standardize: moves other sets as the measured one, and keeps all else", () => {
  const by = measureFeatures(make(2, [0, 5, 8, 5]));
  const other = dataset({
    name: "other",
    examples: [4, 5, 12, 7, -4, 6],
    features: 2,
    labels: [1, 0, 1],
    classNames: ["no", "yes"],
  });
  const moved = standardize(other, by);
  expect([...moved.X.data]).toEqual([0, 2, -2, 0, 2, 1]);
  expect({ ...moved, X: undefined }).toEqual({ ...other, X: undefined });
});

test("standardize: refuses a set of other features", () => {
  expect(() => standardize(make(1, [1, 2]), measureFeatures(make(2, [1, 2])))).toThrow(
    "standardize test: means and deviations must be of 1 features, got 2 and 2",
  );
});
