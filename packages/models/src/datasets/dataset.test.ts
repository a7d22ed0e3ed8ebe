import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dataset, selectExamples, splitDataset } from "./dataset.ts";

const classNames = ["a", "b", "c"];

function make(m: number): ReturnType<typeof dataset> {
  const examples = Float64Array.from({ length: 2 * m }, (_, i) => i);
  return dataset({
    name: "test",
    examples,
    features: 2,
    labels: Array.from({ length: m }, (_, i) => i % 3),
    classNames,
  });
}

describe("dataset", () => {
  test("puts examples into columns and labels into one-hot columns", () => {
    const { X, Y, labels } = make(4);
    expect([X.shape, [...X.data]]).toEqual([
      [2, 4],
      [0, 2, 4, 6, 1, 3, 5, 7],
    ]);
    expect([Y.shape, [...Y.data]]).toEqual([
      [3, 4],
      [1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0],
    ]);
    expect([labels.dtype, ...labels.data]).toEqual(["i32", 0, 1, 2, 0]);
  });

  test("has the label itself as target where there are two classes", () => {
    const { Y } = dataset({
      name: "two",
      examples: [1, 2],
      features: 1,
      labels: [1, 0],
      classNames: ["no", "yes"],
    });
    expect([Y.shape, [...Y.data]]).toEqual([
      [1, 2],
      [1, 0],
    ]);
  });

  const parts = { name: "bad", examples: [1, 2], features: 1, labels: [0, 1], classNames };
  test.each([
    [{ labels: [] }, "dataset bad: there must be examples with features, got none"],
    [{ examples: [1] }, "dataset bad: 2 labels need 2 rows of 1 features, got 1 numbers"],
    [
      { examples: [1, Number.NaN] },
      "dataset bad: features must be finite numbers, got NaN as feature 0 of example 1",
    ],
    [{ labels: [0, 3] }, "dataset bad: labels must be whole numbers from 0 to 2, got 3 for example 1"],
    [{ labels: [0, 0.5] }, "dataset bad: labels must be whole numbers from 0 to 2, got 0.5 for example 1"],
  ])("refuses %j", (change, message) => {
    expect(() => dataset({ ...parts, ...change })).toThrow(message);
  });
});

describe("splitDataset", () => {
  test("gives every example to one side, and the same seed the same split", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 60 }), fc.nat(1000), (m, seed) => {
        const options = { testFraction: 0.3, seed };
        const { train, test: held } = splitDataset(make(m), options);
        const seen = [train, held].flatMap(({ X }) => [...X.data.subarray(0, X.shape[1])]);
        expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: m }, (_, i) => 2 * i));
        expect(held.labels.data.length).toBe(Math.round(m * 0.3));
        expect(splitDataset(make(m), options).test.X.data).toEqual(held.X.data);
      }),
    );
  });

  test("differs from seed to seed", () => {
    const order = (seed: number): number[] => [
      ...splitDataset(make(50), { testFraction: 0.5, seed }).test.X.data,
    ];
    expect(order(1)).not.toEqual(order(2));
  });

  test.each([0, 1, -0.2, 0.001, Number.NaN])("refuses a test fraction of %s", (testFraction) => {
    expect(() => splitDataset(make(10), { testFraction, seed: 0 })).toThrow(
      `splitDataset: a test fraction between 0 and 1 must leave examples on both sides, got ${testFraction} of 10`,
    );
  });
});

test("selectExamples: refuses a position that does not exist", () => {
  expect(() => selectExamples(make(3), [0, 3])).toThrow(
    "dataset test: positions are whole numbers from 0 to 2, got 3",
  );
});
