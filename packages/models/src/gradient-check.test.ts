import { array, copyArray, type Arrays, type NdArray } from "@wengert/tensor";
import { expect, test } from "vitest";
import { messageOf } from "../../../test/arrays.ts";
import { activationNames, type ActivationName } from "./activations.ts";
import { circles, spirals } from "./datasets/toy.ts";
import { gradientCheck } from "./gradient-check.ts";
import { initializeNetwork } from "./initializers.ts";
import { lLayerNetwork } from "./l-layer-network.ts";
import type { TrainingStepOptions } from "./training-step.ts";

const data = circles({ m: 12 });
const network = lLayerNetwork({ units: [2, 4, 3, 1], hidden: "tanh" });
const options: TrainingStepOptions = { network, loss: "binaryCrossEntropy", learningRate: 1, l2: 0.3 };
const state = initializeNetwork(network, { seed: 1 });

test.each(activationNames.filter((name) => name !== "softmax"))(
  "agrees for a network of %s",
  (hidden: ActivationName) => {
    const net = lLayerNetwork({ units: [2, 4, 3, 1], hidden });
    const begun = initializeNetwork(net, { seed: 2 });
    const found = gradientCheck({ ...options, network: net }, begun, data, { sample: Infinity });
    expect(found.relativeDifference).toBeLessThan(1e-7);
    expect([found.checked, found.parameters]).toEqual([31, 31]);
  },
);

test("agrees with softmax, batch normalization and dropout, which is off", () => {
  const net = lLayerNetwork({ units: [2, 5, 3], output: "softmax", batchNormalization: true, dropout: 0.5 });
  const begun = initializeNetwork(net, { seed: 2 });
  const examples = spirals({ classes: 3, m: 12 });
  const found = gradientCheck({ ...options, network: net, loss: "softmaxCrossEntropy" }, begun, examples);
  expect(found.relativeDifference).toBeLessThan(1e-7);
});

test("finds one wrong number among gradients of one's own", () => {
  const [right] = [gradientCheck(options, state, data, { sample: Infinity })];
  expect(right.relativeDifference).toBeLessThan(1e-8);
  const wrong = Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, copyArray(value)]),
  ) as Arrays;
  const found = gradientCheck(options, state, data, { gradients: wrong, sample: Infinity });
  expect(found.relativeDifference).toBeGreaterThan(0.1);
  expect(Object.keys(state)).toContain(found.worst.name);
  expect(found.worst.derived).toBeCloseTo(wrong[found.worst.name]?.data[found.worst.index] ?? 0, 12);
});

test("a sample is the same for the same seed, and changes no parameter", () => {
  const before = Array.from((state["W1"] as NdArray).data);
  const [a, b, c] = [1, 1, 2].map((seed) => gradientCheck(options, state, data, { sample: 5, seed }));
  expect(a).toEqual(b);
  expect(a).not.toEqual(c);
  expect(a?.checked).toBe(5);
  expect(Array.from((state["W1"] as NdArray).data)).toEqual(before);
});

test("gradients that are 0 on both sides do not differ, and the seed is 0 unless another is given", () => {
  const line = lLayerNetwork({ units: [1, 1], output: "identity" });
  const zero = initializeNetwork(line, { seed: 0, initializer: "zeros" });
  const flat = { X: array([[1, 2]]), Y: array([[0, 0]]) };
  const found = gradientCheck({ network: line, loss: "meanSquaredError", learningRate: 1 }, zero, flat);
  expect(found.relativeDifference).toBe(0);
  const [none, given] = [{ sample: 5 }, { sample: 5, seed: 0 }].map((each) =>
    gradientCheck(options, state, data, each),
  );
  expect(none).toEqual(given);
});

test("refuses what it cannot check", () => {
  const { W1: _, ...rest } = state;
  expect(messageOf(() => gradientCheck(options, rest, data))).toBe(
    "gradientCheck: every parameter needs a value, got none for W1",
  );
  expect(messageOf(() => gradientCheck(options, state, data, { gradients: {} }))).toBe(
    "gradientCheck: every parameter needs a gradient, got none for W1",
  );
  expect(messageOf(() => gradientCheck(options, state, data, { distance: 0 }))).toBe(
    "gradientCheck: distance must be positive, got 0",
  );
  expect(messageOf(() => gradientCheck(options, state, data, { sample: 0 }))).toBe(
    "gradientCheck: sample must be at least 1, got 0",
  );
  expect(messageOf(() => gradientCheck(options, state, { X: array([[1]]), Y: data.Y }))).toBe(
    "gradientCheck: X must have shape [2, m], got [1, 1]",
  );
});
