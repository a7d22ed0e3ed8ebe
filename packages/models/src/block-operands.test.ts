// The building blocks refuse what is missing, misspelt or too many, by the names that the caller gave.

import { input, parameter } from "@wengert/tensor";
import { expect, test } from "vitest";
import { refuses } from "../../../test/arrays.ts";
import type { ActivationName } from "./activations.ts";
import { linearActivationBackward, modelBackward, updateParameters } from "./backward.ts";
import { countLayers, linearActivationForward, modelForward } from "./forward.ts";

const X = input("X", [2, "m"]);
const [W1, b1, gamma1] = [parameter("W1", [2, 2]), parameter("b1", [2, 1]), parameter("gamma1", [2, 1])];
const layer = { W1, b1 };
const relo = "relo" as ActivationName;
const names = "identity, relu, leakyRelu, elu, sigmoid, tanh, gelu, silu, softplus, softmax";

refuses([
  ["no parameters", () => modelForward(X, {}), "modelForward: there must be W1, got none"],
  ["weights without a bias", () => modelForward(X, { W1 }), "modelForward: there must be b1, got W1"],
  [
    "a gap between layers",
    () => modelForward(X, { ...layer, W3: W1, b3: b1 }),
    "modelForward: parameters must be W1, b1 to W1, b1, got W3",
  ],
  [
    "the scales of a normalized network, which it would not apply",
    () => modelForward(X, { ...layer, gamma1 }),
    "modelForward: parameters must be W1, b1 to W1, b1, got gamma1",
  ],
  [
    "an activation that does not exist",
    () => modelForward(X, layer, { output: relo }),
    `linearActivationForward: the activation must be one of ${names}, got relo`,
  ],
  [
    "an activation named after what every record has",
    () => linearActivationForward(X, W1, b1, "constructor" as ActivationName),
    `linearActivationForward: the activation must be one of ${names}, got constructor`,
  ],
  [
    "the backward pass of an activation that does not exist",
    () => linearActivationBackward(X, { A_prev: X, W: W1, b: b1, Z: X }, relo),
    `linearActivationBackward: the activation must be one of ${names}, got relo`,
  ],
  [
    "a backward pass without caches",
    () => modelBackward(X, X, []),
    "modelBackward: there must be caches, got none",
  ],
  [
    "an update without a gradient",
    () => updateParameters(layer, { dW1: W1 }, 1),
    "updateParameters: there must be db1, got dW1",
  ],
  [
    "a learning rate that is no number",
    () => updateParameters(layer, { dW1: W1, db1: b1 }, Number.NaN),
    "updateParameters: the learning rate must be finite, got NaN",
  ],
]);

test("layers are counted up to the first gap", () => {
  expect([{}, layer, { W1, W2: W1, W4: W1 }].map((record) => countLayers(record))).toEqual([0, 1, 2]);
});
