// Datasets: examples become columns, splits lose and repeat nothing, and what is not well formed does not come about.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dataset, selectExamples, splitDataset, type Dataset, type SplitOptions } from "./dataset.ts";

const classNames = ["a", "b", "c"];

/** m examples of `features` numbers, each another one, in three classes. */
function make(m: number, features = 2): Dataset {
  const examples = Float64Array.from({ length: features * m }, (_, i) => i);
  const labels = Array.from({ length: m }, (_, i) => i % 3);
  return dataset({ name: "test", examples, features, labels, classNames });
}

/** The examples, each as its label and its features. */
function rows({ X, labels }: Dataset): number[][] {
  const [features, m] = X.shape as [number, number];
  const column = (i: number): number[] =>
    Array.from({ length: features }, (_, f) => X.data[f * m + i] ?? NaN);
  return Array.from({ length: m }, (_, i) => [labels.data[i] ?? NaN, ...column(i)]);
}

describe("dataset", () => {
  test("puts examples into columns and labels into one-hot columns", () => {
    const { X, Y, labels } = make(4);
    expect([X.shape, X.dtype, [...X.data]]).toEqual([[2, 4], "f32", [0, 2, 4, 6, 1, 3, 5, 7]]);
    expect([Y.shape, Y.dtype, [...Y.data]]).toEqual([[3, 4], "f32", [1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0]]);
    expect([labels.shape, labels.dtype, ...labels.data]).toEqual([[4], "i32", 0, 1, 2, 0]);
  });

  test("keeps every number in its place, however many examples and features there are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 20 }), (m, features) => {
        const { X } = make(m, features);
        for (let i = 0; i < m * features; i++) {
          expect(X.data[(i % features) * m + Math.floor(i / features)]).toBe(i);
        }
      }),
    );
  });

  test("has the label itself as target where there are two classes", () => {
    const parts = { name: "two", examples: [1, 2], features: 1, labels: [1, 0], classNames: ["no", "yes"] };
    const { Y } = dataset(parts);
    expect([Y.shape, [...Y.data]]).toEqual([
      [1, 2],
      [1, 0],
    ]);
  });

  test("is frozen, and shares nothing with what it was made of", () => {
    const names = ["a", "b", "c"];
    const examples = Float32Array.of(1, 2);
    const labels = Int32Array.of(0, 2);
    const made = dataset({ name: "own", examples, features: 1, labels, classNames: names });
    names[0] = "z";
    examples.fill(9);
    labels.fill(1);
    expect([made.classNames[0], ...made.X.data, ...made.labels.data]).toEqual(["a", 1, 2, 0, 2]);
    expect([Object.isFrozen(made), Object.isFrozen(made.classNames)]).toEqual([true, true]);
  });

  const parts = { name: "bad", examples: [1, 2], features: 1, labels: [0, 1], classNames };
  const finite = "dataset bad: features must be finite numbers of f32, got";
  const classes = "dataset bad: labels must be whole numbers from 0 to 2, got";
  test.each([
    [{ labels: [] }, "dataset bad: there must be examples with features, got none"],
    [{ features: 0, examples: [] }, "dataset bad: there must be examples with features, got none"],
    [{ classNames: [] }, "dataset bad: there must be classes, got none"],
    [{ examples: [1] }, "dataset bad: 2 labels need 2 rows of 1 features, got 1 numbers"],
    [{ examples: [1, 2, 3] }, "dataset bad: 2 labels need 2 rows of 1 features, got 3 numbers"],
    [{ examples: [1, Number.NaN] }, `${finite} NaN as feature 0 of example 1`],
    [{ features: 2, examples: [1, 2, 3, Infinity] }, `${finite} Infinity as feature 1 of example 1`],
    [{ examples: Float32Array.of(Number.NaN, 1) }, `${finite} NaN as feature 0 of example 0`],
    [{ examples: [1e39, 1] }, `${finite} 1e+39 as feature 0 of example 0`],
    [{ examples: [1, null as unknown as number] }, `${finite} null as feature 0 of example 1`],
    [{ labels: [0, 3] }, `${classes} 3 for example 1`],
    [{ labels: [-1, 0] }, `${classes} -1 for example 0`],
    [{ labels: [0, 0.5] }, `${classes} 0.5 for example 1`],
    [{ labels: [Number.NaN, 0] }, `${classes} NaN for example 0`],
  ])("refuses %j", (change, message) => {
    expect(() => dataset({ ...parts, ...change })).toThrow(message);
  });
});

const sizes = fc.integer({ min: 4, max: 60 });
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe("splitDataset", () => {
  test("gives every example, with its label, to one side, and the same seed the same split", () => {
    fc.assert(
      fc.property(sizes, seeds, (m, seed) => {
        const options = { testFraction: 0.3, seed };
        const { train, test: held } = splitDataset(make(m), options);
        const seen = [...rows(train), ...rows(held)];
        expect(seen.toSorted((a, b) => (a[1] ?? 0) - (b[1] ?? 0))).toEqual(rows(make(m)));
        expect(held.labels.data.length).toBe(Math.round(m * 0.3));
        expect(rows(splitDataset(make(m), options).test)).toEqual(rows(held));
        for (const side of [train, held]) {
          const { name, examples, labels } = {
            ...side,
            examples: rows(side).flatMap(([, ...x]) => x),
            labels: side.labels.data,
          };
          expect(side).toEqual(dataset({ name, examples, features: 2, labels, classNames }));
        }
      }),
    );
  });

  test("takes the size of the test set as a number too", () => {
    fc.assert(
      fc.property(sizes, seeds, fc.nat(), (m, seed, size) => {
        const testCount = 1 + (size % (m - 1));
        const { train, test: held } = splitDataset(make(m), { testCount, seed });
        expect([held.labels.data.length, train.labels.data.length]).toEqual([testCount, m - testCount]);
      }),
    );
    const half = (options: SplitOptions): number[][] => rows(splitDataset(make(10), options).test);
    expect(half({ testCount: 5, seed: 3 })).toEqual(half({ testFraction: 0.5, seed: 3 }));
  });

  test("differs from seed to seed, and from the order of the examples", () => {
    const order = (seed: number): number[][] => rows(splitDataset(make(50), { testCount: 25, seed }).test);
    expect(order(1)).not.toEqual(order(2));
    expect(order(1)).not.toEqual(rows(make(25)));
  });

  const sides = "must leave examples on both sides, got";
  test.each([0, 1, -0.2, 0.001, 0.999, Number.NaN])("refuses a test fraction of %s", (testFraction) => {
    expect(() => splitDataset(make(10), { testFraction, seed: 0 })).toThrow(
      `splitDataset: a test fraction between 0 and 1 ${sides} ${testFraction} of 10`,
    );
  });

  test.each([0, 10, 2.5, -1, Number.NaN])("refuses a test count of %s out of 10", (testCount) => {
    expect(() => splitDataset(make(10), { testCount, seed: 0 })).toThrow(
      `splitDataset: a test count is a whole number that ${sides} ${testCount} of 10`,
    );
  });

  test.each([-1, 0.5, 2 ** 32, Number.NaN])("refuses a seed of %s", (seed) => {
    expect(() => splitDataset(make(10), { testCount: 5, seed })).toThrow(
      `splitDataset: a seed is a whole number from 0 to 2^32 - 1, got ${seed}`,
    );
  });
});

describe("selectExamples", () => {
  test("gives the examples in the order of their positions, repeated where they are", () => {
    const all = rows(make(5));
    expect(rows(selectExamples(make(5), [4, 0, 4]))).toEqual([all[4], all[0], all[4]]);
  });

  test("refuses positions that do not exist, and none", () => {
    for (const position of [3, -1, 0.5, Number.NaN]) {
      expect(() => selectExamples(make(3), [0, position])).toThrow(
        `dataset test: positions are whole numbers from 0 to 2, got ${position}`,
      );
    }
    expect(() => selectExamples(make(3), [])).toThrow(
      "dataset test: there must be positions to select, got none",
    );
  });
});
