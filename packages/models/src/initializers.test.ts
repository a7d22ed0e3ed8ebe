import { evaluate, randomKey, sameArray, type NdArray } from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { messageOf } from "../../../test/arrays.ts";
import { initializeParameters } from "./initialize-parameters.ts";
import { initializeNetwork, initializers, type InitializerName } from "./initializers.ts";
import { lLayerNetwork } from "./l-layer-network.ts";

const [n, p] = [120, 80];

const variances: Readonly<Record<InitializerName, number>> = {
  zeros: 0,
  small: 1e-4,
  xavier: 2 / (n + p),
  xavierUniform: 2 / (n + p),
  he: 2 / p,
  heUniform: 2 / p,
  lecun: 1 / p,
};

describe.each(Object.entries(variances) as [InitializerName, number][])("%s", (name, variance) => {
  test("has mean 0 and its variance", () => {
    const { data } = evaluate(initializers[name](randomKey(7), [n, p], "f64"));
    const [values, count] = [Array.from(data), n * p];
    const mean = values.reduce((a, b) => a + b) / count;
    const found = values.reduce((a, b) => a + (b - mean) ** 2, 0) / count;
    // Five standard deviations of a mean and of a variance of normal numbers.
    expect(Math.abs(mean)).toBeLessThanOrEqual(5 * Math.sqrt(variance / count));
    expect(Math.abs(found - variance)).toBeLessThanOrEqual(5 * variance * Math.sqrt(2 / count));
  });

  test("stays within its bound where it is uniform", () => {
    if (!name.endsWith("Uniform")) return;
    const { data } = evaluate(initializers[name](randomKey(7), [n, p], "f32"));
    const bound = Math.sqrt(3 * variance);
    expect(Math.max(...data)).toBeLessThanOrEqual(bound);
    expect(Math.max(...data)).toBeGreaterThan(0.99 * bound);
    expect(Math.min(...data)).toBeLessThan(-0.99 * bound);
  });
});

test("a network begins with drawn weights, biases of 0, scales and variances of 1, and a key", () => {
  const network = lLayerNetwork({ units: [3, 4, 2], batchNormalization: true, dropout: 0.5, dtype: "f64" });
  const begun = initializeNetwork(network, { seed: 1 });
  expect(Object.keys(begun).toSorted()).toEqual(
    ["W1", "W2", "b1", "b2", "dropoutKey", "gamma1", "runningMean1", "runningVariance1"].toSorted(),
  );
  const values = (name: string): number[] => Array.from((begun[name] as NdArray).data);
  expect([values("b1"), values("gamma1"), values("runningMean1"), values("runningVariance1")]).toEqual([
    [0, 0, 0, 0],
    [1, 1, 1, 1],
    [0, 0, 0, 0],
    [1, 1, 1, 1],
  ]);
  expect(begun["dropoutKey"]?.dtype).toBe("u32");
  const floats = Object.entries(begun).filter(([name]) => name !== "dropoutKey");
  expect(new Set(floats.map(([, { dtype }]) => dtype))).toEqual(new Set(["f64"]));
  expect(initializeParameters([3, 1], { seed: 1 }).b1.dtype).toBe("f32");
});

test("one seed gives the same bits, another others, and layers differ", () => {
  const draw = (seed: number) => initializeParameters([4, 4, 4], { seed });
  const [a, b, c] = [draw(1), draw(1), draw(2)];
  expect(sameArray(a.W1, b.W1) && sameArray(a.W2, b.W2)).toBe(true);
  expect(sameArray(a.W1, c.W1)).toBe(false);
  expect(sameArray(a.W1, a.W2)).toBe(false);
});

test("an unknown initializer and units that make no network are refused", () => {
  const name = "best" as InitializerName;
  expect(messageOf(() => initializeParameters([2, 1], { seed: 0, initializer: name }))).toBe(
    "initializeNetwork: the initializer must be one of zeros, small, xavier, xavierUniform, he, heUniform, lecun, got best",
  );
  const misspelt = { seed: 0, initialiser: "zeros" };
  expect(messageOf(() => initializeParameters([2, 1], misspelt))).toBe(
    "initializeNetwork: there is no option initialiser\n  help   options are seed, initializer",
  );
  expect(messageOf(() => initializeParameters([2], { seed: 0 }))).toBe(
    "lLayerNetwork: units must be at least two whole numbers from 1, got [2]",
  );
});
