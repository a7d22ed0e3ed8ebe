import { expect, test } from "vitest";
import { messageOf } from "../../../test/arrays.ts";
import {
  editHyperparameters,
  hyperparameters,
  parseHyperparameters,
  type HyperparametersInput,
} from "./hyperparameters.ts";

const input: HyperparametersInput = {
  features: 4,
  layers: [{ units: 3 }, { units: 2, activation: "tanh" }, { units: 1 }],
  learningRate: 0.1,
  epochs: 2,
};

test("defaults follow from the layers, and nothing that was given is frozen", () => {
  const chosen = hyperparameters(input);
  expect(chosen.layers.map(({ activation }) => activation)).toEqual(["relu", "tanh", "sigmoid"]);
  expect([chosen.loss, chosen.optimizer.name, chosen.batchSize]).toEqual([
    "binaryCrossEntropy",
    "gradientDescent",
    null,
  ]);
  expect(hyperparameters({ ...input, layers: [{ units: 3 }] }).loss).toBe("softmaxCrossEntropy");
  expect(hyperparameters({ ...input, layers: [{ units: 3, activation: "identity" }] }).loss).toBe(
    "meanSquaredError",
  );
  expect(Object.isFrozen(chosen) && Object.isFrozen(chosen.layers[0])).toBe(true);
  expect(Object.isFrozen(input.layers[0])).toBe(false);
});

test("they survive JSON", () => {
  const chosen = hyperparameters({
    ...input,
    optimizer: { name: "adamW", weightDecay: 0.1 },
    schedules: [{ name: "warmUp", steps: 9 }],
  });
  expect(parseHyperparameters(JSON.stringify(chosen))).toEqual(chosen);
});

test("an edit of one layer leaves all else the same object, and an edit of nothing leaves everything", () => {
  const before = hyperparameters({ ...input, schedules: [{ name: "cosine", steps: 10 }] });
  const after = editHyperparameters(before, (draft) => {
    draft.layers[1]!.units = 7;
  });
  expect(after.layers[1]).toEqual({ units: 7, activation: "tanh" });
  expect(before.layers[1]).toEqual({ units: 2, activation: "tanh" });
  expect(after.layers[0]).toBe(before.layers[0]);
  expect(after.layers[2]).toBe(before.layers[2]);
  expect(after.schedules).toBe(before.schedules);
  expect(after.optimizer).toBe(before.optimizer);
  expect(Object.isFrozen(after.layers[1])).toBe(true);
  expect(editHyperparameters(before, () => undefined)).toBe(before);
});

test("an edit that does not fit is refused and changes nothing", () => {
  const before = hyperparameters(input);
  const text = messageOf(() =>
    editHyperparameters(before, (draft) => {
      draft.layers[1]!.units = 0;
    }),
  );
  expect(text).toBe("hyperparameters: layers[1].units must be a whole number from 1, got 0");
  expect(before.layers[1]?.units).toBe(2);
});

test.each([
  [{ learningRate: -1 }, "learningRate must be a positive finite number, got -1"],
  [{ learningRate: Number.NaN }, "learningRate must be a positive finite number, got NaN"],
  [{ learningRate: "fast" }, 'learningRate must be a positive finite number, got "fast"'],
  [{ learningRate: undefined }, "learningRate must be a positive finite number, got none"],
  [{ epochs: 0 }, "epochs must be a whole number from 1, got 0"],
  [{ epochs: 1.5 }, "epochs must be a whole number from 1, got 1.5"],
  [{ batchSize: 0 }, "batchSize must be a whole number from 1, or null for all examples, got 0"],
  [{ patience: 0 }, "patience must be a whole number from 1, or null for no early stopping, got 0"],
  [{ seed: 2 ** 32 }, "seed must be a whole number from 0 to 4294967295, got 4294967296"],
  [{ dropout: 1 }, "dropout must be a number from 0 to below 1, got 1"],
  [{ batchNormalization: 1 }, "batchNormalization must be true or false, got 1"],
  [{ l2: -0.1 }, "l2 must be a finite number from 0, got -0.1"],
  [{ dtype: "f16" }, 'dtype must be one of f32, f64, got "f16"'],
  [{ features: 0 }, "features must be a whole number from 1, got 0"],
  [{ layers: [] }, "layers must be a list of at least one layer, got []"],
  [{ layers: 3 }, "layers must be a list, got 3"],
  [{ seed: [Number.NaN] }, "seed must be a whole number from 0 to 4294967295, got [NaN]"],
  [{ layers: [3] }, "layers[0] must be a record, got 3"],
  [{ layers: [{}] }, "layers[0].units must be given, got none"],
  [{ layers: [{ units: 1, size: 3 }] }, "there is no field layers[0].size, got 3"],
  [
    { layers: [{ units: 1, activation: "relo" }] },
    'layers[0].activation must be one of identity, relu, leakyRelu, elu, sigmoid, tanh, gelu, silu, softplus, softmax, got "relo"',
  ],
  [
    { layers: [{ units: 2, activation: "softmax" }, { units: 2 }] },
    'layers[0].activation must not be softmax before the last layer, got "softmax"',
  ],
  [
    { loss: "softmaxCrossEntropy" },
    'layers[2].activation must be one of softmax for softmaxCrossEntropy, got "sigmoid"',
  ],
  [
    { loss: "entropy" },
    'loss must be one of binaryCrossEntropy, softmaxCrossEntropy, meanSquaredError, hinge, huber, got "entropy"',
  ],
  [
    { initializer: "best" },
    'initializer must be one of zeros, small, xavier, xavierUniform, he, heUniform, lecun, got "best"',
  ],
  [
    { optimizer: { name: "sgd" } },
    'optimizer.name must be one of gradientDescent, momentum, rmsprop, adam, adamW, got "sgd"',
  ],
  [{ optimizer: "adam" }, 'optimizer must be a record, got "adam"'],
  [{ optimizer: { name: "momentum", beta: 1 } }, "optimizer.beta must be a number from 0 to below 1, got 1"],
  [{ optimizer: { name: "adam", beta: 0.9 } }, "there is no field optimizer.beta, got 0.9"],
  [{ schedules: [{ name: "step", decay: 0.5 }] }, "schedules[0].every must be given, got none"],
  [
    { schedules: [{ name: "exponential", decay: 2 }] },
    "schedules[0].decay must be a number above 0 and at most 1, got 2",
  ],
  [{ learning_rate: 0.1 }, "there is no field learning_rate, got 0.1"],
])("refuses %o", (change, text) => {
  expect(messageOf(() => hyperparameters({ ...input, ...change } as HyperparametersInput))).toBe(
    `hyperparameters: ${text}`,
  );
});

test.each([
  [null, "the whole must be a record, got null"],
  [7, "the whole must be a record, got 7"],
])("refuses %o as hyperparameters", (value, text) => {
  expect(messageOf(() => hyperparameters(value as unknown as HyperparametersInput))).toBe(
    `hyperparameters: ${text}`,
  );
});

test("refuses a text that is not JSON", () => {
  expect(messageOf(() => parseHyperparameters("{"))).toBe(
    "hyperparameters: the text must be JSON, got something else",
  );
});
