// What fit refuses before anything runs, with the whole text of each error.

import { array, arrayFrom } from "@wengert/tensor";
import { expect, test } from "vitest";
import type { Examples } from "./examples-check.ts";
import { fit } from "./fit.ts";
import type { FitOptions } from "./fit-options.ts";
import { lLayerNetwork } from "./l-layer-network.ts";
import { trainingStep } from "./training-step.ts";

const xor: Examples = {
  X: array([
    [0, 0, 1, 1],
    [0, 1, 0, 1],
  ]),
  Y: array([[0, 1, 1, 0]]),
};

const xorStep = trainingStep({
  network: lLayerNetwork({ units: [2, 8, 1], hidden: "tanh" }),
  loss: "binaryCrossEntropy",
  optimizer: { name: "adam" },
  learningRate: 0.1,
});

const messageOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => (error as Error).message,
  );

const bad = (X: number[][], Y: number[][]): Examples => ({ X: array(X), Y: array(Y) });
const refusals: readonly (readonly [string, Examples, Partial<FitOptions>, string])[] = [
  [
    "NaN",
    bad(
      [
        [1, 2],
        [3, Number.NaN],
      ],
      [[0, 1]],
    ),
    {},
    "fit: X must be finite, got NaN in row 1 of example 1",
  ],
  [
    "infinity",
    bad(
      [
        [1, 2],
        [3, 4],
      ],
      [[0, Infinity]],
    ),
    {},
    "fit: Y must be finite, got Infinity in row 0 of example 1",
  ],
  [
    "shares beyond 1",
    bad(
      [
        [1, 2],
        [3, 4],
      ],
      [[0, 2]],
    ),
    {},
    "fit: Y must be from 0 to 1, got 2 in row 0 of example 1",
  ],
  [
    "nothing",
    { X: arrayFrom(new Float32Array(0), [2, 0]), Y: arrayFrom(new Float32Array(0), [1, 0]) },
    {},
    "fit: there must be examples, got none",
  ],
  [
    "two counts",
    bad(
      [
        [1, 2],
        [3, 4],
      ],
      [[0, 1, 1]],
    ),
    {},
    "fit: X and Y must have as many examples, got 2 and 3",
  ],
  [
    "numbers beyond f32",
    { X: array([[1], [1e300]], { dtype: "f64" }), Y: array([[1]]) },
    {},
    "fit: X must be finite in f32, got 1e+300 in row 1 of example 0",
  ],
  [
    "targets beyond f32",
    { X: array([[1], [2]]), Y: array([[-1e39]], { dtype: "f64" }) },
    {},
    "fit: Y must be finite in f32, got -1e+39 in row 0 of example 0",
  ],
  [
    "examples without targets",
    { X: xor.X } as Examples,
    {},
    "fit: Y must be an array of the library, got undefined\n  help   array([[1, 2]]) makes one of nested lists",
  ],
  [
    "lists in place of arrays",
    { X: [[1], [2]], Y: xor.Y } as unknown as Examples,
    {},
    "fit: X must be an array of the library, got object\n  help   array([[1, 2]]) makes one of nested lists",
  ],
  [
    "an initial value that is not finite",
    xor,
    { initial: { b2: array([[Number.NaN]]) } },
    "fit: initial b2 must be finite, got NaN as element 0",
  ],
  ["other features", bad([[1, 2]], [[0, 1]]), {}, "fit: X must have shape [2, m], got [1, 2]"],
  ["other outputs", bad([[1], [2]], [[0], [1]]), {}, "fit: Y must have shape [1, m], got [2, 1]"],
  [
    "integers",
    { X: array([[1], [2]], { dtype: "i32" }), Y: array([[1]]) },
    {},
    "fit: X must be f32 or f64, got i32",
  ],
  [
    "a label too large",
    { X: xor.X, Y: array([0, 1, 2, 0], { dtype: "i32" }) },
    {},
    "fit: labels must be whole numbers from 0 to 1, got 2 for example 2",
  ],
  ["a batch too large", xor, { batchSize: 5 }, "fit: batchSize must be a whole number from 1 to 4, got 5"],
  [
    "a misspelt option",
    xor,
    { batchsize: 2 } as object,
    "fit: there is no option batchsize\n  help   options are epochs, batchSize, seed, shuffle, initializer, initial, engine, validation, patience, onBatch, onEpoch, signal",
  ],
  ["no batch", xor, { batchSize: 0 }, "fit: batchSize must be a whole number from 1 to 4, got 0"],
  ["half an epoch", xor, { epochs: 0.5 }, "fit: epochs must be a whole number from 0, got 0.5"],
  ["a seed below 0", xor, { seed: -1 }, "fit: seed must be a whole number from 0 to 4294967295, got -1"],
  ["patience without validation", xor, { patience: 2 }, "fit: patience needs validation examples, got none"],
  [
    "other validation",
    xor,
    { validation: bad([[1]], [[0]]) },
    "fit: validation: X must have shape [2, m], got [1, 1]",
  ],
  [
    "an unknown initial value",
    xor,
    { initial: { W3: array(0) } },
    "fit: initial values are for W1, b1, W2, b2, steps, firstMoment/W1, secondMoment/W1, firstMoment/b1, secondMoment/b1, firstMoment/W2, secondMoment/W2, firstMoment/b2, secondMoment/b2, got W3",
  ],
  [
    "an initial value of another shape",
    xor,
    { initial: { W1: array([[1, 2]]) } },
    "fit: initial W1 must be f32 [8, 2], got f32 [1, 2]",
  ],
];

test.each(refusals)("refuses %s", async (_, data, options, text) => {
  let ran = 0;
  const onBatch = (): number => ran++;
  expect(await messageOf(fit(xorStep, data, { epochs: 1, onBatch, ...options }))).toBe(text);
  expect(ran).toBe(0);
});
