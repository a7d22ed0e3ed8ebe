import { sameArray, type NdArray } from "@wengert/tensor";
import { expect, test } from "vitest";
import { refuses } from "../../../test/arrays.ts";
import { splitDataset } from "./datasets/dataset.ts";
import { circles } from "./datasets/toy.ts";
import { fit } from "./fit.ts";
import { hyperparameters } from "./hyperparameters.ts";
import { gridChoices, randomChoices } from "./sweep-choices.ts";
import { formatSweep, sweep } from "./sweep.ts";
import { networkOf, train, trainingStepOf } from "./train.ts";

const base = hyperparameters({
  features: 2,
  layers: [{ units: 6, activation: "tanh" }, { units: 1 }],
  learningRate: 0.5,
  epochs: 15,
  batchSize: 20,
  seed: 3,
});
const { train: data, test: validation } = splitDataset(circles({ m: 80 }), { testFraction: 0.25, seed: 0 });

test("training by hyperparameters is fit by their parts", async () => {
  const chosen = { ...base, batchNormalization: true, dropout: 0.1, l2: 0.01, dtype: "f64" } as const;
  const network = networkOf(chosen);
  expect(network.specification).toEqual({
    units: [2, 6, 1],
    activations: ["tanh", "sigmoid"],
    dropout: 0.1,
    batchNormalization: true,
    dtype: "f64",
  });
  const trained = await train(chosen, data, { validation });
  const again = await fit(trainingStepOf(chosen), data, {
    epochs: 15,
    batchSize: 20,
    seed: 3,
    initializer: "he",
    validation,
  });
  expect(trained.history.map(({ cost }) => cost)).toEqual(again.history.map(({ cost }) => cost));
  expect(sameArray(trained.parameters["W1"] as NdArray, again.parameters["W1"] as NdArray)).toBe(true);
  expect(trained.step.options.l2).toBe(0.01);
});

test("patience of hyperparameters is that of fit", async () => {
  const { stoppedBecause } = await train({ ...base, patience: 1, learningRate: 20, epochs: 100 }, data, {
    validation,
  });
  expect(stoppedBecause).toBe("patience");
});

test("a grid has every combination, the last field changing fastest", () => {
  const grid = gridChoices({ learningRate: [0.1, 1], optimizer: [{ name: "adam" }, { name: "momentum" }] });
  expect(grid.map(({ learningRate, optimizer }) => [learningRate, optimizer?.name])).toEqual([
    [0.1, "adam"],
    [0.1, "momentum"],
    [1, "adam"],
    [1, "momentum"],
  ]);
});

test("random choices lie in their ranges, and are the same for the same seed", () => {
  const ranges = {
    learningRate: { low: 1e-4, high: 1, scale: "logarithmic" },
    epochs: { low: 2, high: 9, whole: true },
  } as const;
  const choices = randomChoices(ranges, { count: 400, seed: 1 });
  expect(choices).toEqual(randomChoices(ranges, { count: 400, seed: 1 }));
  expect(choices).not.toEqual(randomChoices(ranges, { count: 400, seed: 2 }));
  // The same on every machine, and in every version.
  const first = randomChoices({ l2: { low: 0, high: 1 } }, { count: 2, seed: 7 });
  expect(first.map(({ l2 = 0 }) => l2.toFixed(9))).toEqual(["0.844106945", "0.045412585"]);
  const rates = choices.map(({ learningRate = 0 }) => learningRate);
  expect(Math.min(...rates) >= 1e-4 && Math.max(...rates) <= 1).toBe(true);
  // Half of them below 0.01, the middle of the logarithms; 5 deviations are 50.
  expect(Math.abs(rates.filter((rate) => rate < 0.01).length - 200)).toBeLessThan(50);
  expect(new Set(choices.map(({ epochs }) => epochs))).toEqual(new Set([2, 3, 4, 5, 6, 7, 8, 9]));
});

test("a sweep has a row a choice, in order, and keeps what a choice leaves alone", async () => {
  const seen: number[] = [];
  const choices = gridChoices({ learningRate: [0.0001, 0.5], l2: [0, 0.1] });
  const rows = await sweep(base, choices, data, { validation, onRow: (_, index) => seen.push(index) });
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(rows.map(({ change }) => change)).toEqual(choices);
  expect(rows.every((row) => row.hyperparameters.layers === base.layers)).toBe(true);
  expect(rows.map(({ epochs, stoppedBecause }) => [epochs, stoppedBecause])).toEqual(
    choices.map(() => [15, "epochs"]),
  );
  expect(rows[2]?.validationCost).toBeLessThan(rows[0]?.validationCost ?? 0);
  const alone = await train({ ...base, learningRate: 0.5 }, data, { validation });
  expect(rows[2]?.cost).toBe(alone.history.at(-1)?.cost);
  const lines = formatSweep(rows).split("\n");
  expect(lines[0]).toMatch(
    /^learningRate +l2 +epochs +ended by +cost +accuracy +validation cost +validation accuracy$/,
  );
  expect(lines[2]).toMatch(/^0\.5 +0 +15 +epochs/);
  expect(lines).toHaveLength(6);
});

test("the table rounds numbers, and writes other values as JSON", () => {
  const row = {
    hyperparameters: base,
    stoppedBecause: "epochs",
    epochs: 1,
    cost: 2 / 3,
    accuracy: 1,
  } as const;
  const change = { learningRate: 1 / 3, optimizer: { name: "adam" }, initializer: "he" } as const;
  const table = formatSweep([{ ...row, change, hyperparameters: { ...base, ...change } }]);
  expect(table.split("\n").at(-1)).toMatch(/^0\.3333 +\{"name":"adam"\} +he +1 +epochs +0\.6667 +1$/);
});

test("a diverged choice is a row like others, and the last of the table", async () => {
  const steep = {
    ...base,
    layers: [
      { units: 6, activation: "relu" },
      { units: 1, activation: "identity" },
    ],
    loss: "meanSquaredError",
  } as const;
  const rows = await sweep(steep, gridChoices({ learningRate: [1e6, 0.01] }), data);
  expect(rows.map(({ stoppedBecause }) => stoppedBecause)).toEqual(["diverged", "epochs"]);
  expect(formatSweep(rows).split("\n").at(-1)).toMatch(/diverged/);
});

test("a signal ends a sweep with the rows so far", async () => {
  const controller = new AbortController();
  const rows = await sweep(base, gridChoices({ l2: [0, 1, 2] }), data, {
    signal: controller.signal,
    onRow: () => controller.abort(),
  });
  expect(rows).toHaveLength(1);
});

test("a choice that does not fit is refused before any training", async () => {
  let trained = 0;
  const choices = [{}, { learningRate: -1 }];
  await expect(sweep(base, choices, data, { onRow: () => trained++ })).rejects.toThrow(
    "hyperparameters: learningRate must be a positive finite number, got -1",
  );
  await expect(sweep(base, [{ rate: 1 } as object], data)).rejects.toThrow(
    "hyperparameters: there is no field rate, got 1",
  );
  expect(trained).toBe(0);
});

test.each([
  [
    "a batch larger than the data",
    gridChoices({ batchSize: [1, 2, 99] }),
    "fit: batchSize must be a whole number from 1 to 60, got 99\n  choice 2",
  ],
  [
    "other features than the data's",
    gridChoices({ features: [2, 3] }),
    "fit: X must have shape [3, m], got [2, 60]\n  choice 1",
  ],
  [
    "patience without validation",
    gridChoices({ patience: [null, 1] }),
    "fit: patience needs validation examples, got none\n  choice 1",
  ],
])("%s of a later choice is refused before any training", async (_, choices, text) => {
  let trained = 0;
  const swept = sweep(base, choices, data, { onRow: () => trained++ });
  expect(await swept.then(String, (error: Error) => error.message)).toBe(text);
  expect(trained).toBe(0);
});

refuses([
  [
    "a seed below 0",
    () => randomChoices({ l2: { low: 0, high: 1 } }, { count: 1, seed: -1 }),
    "sweep: a seed is a whole number from 0 to 2^32 - 1, got -1",
  ],
  [
    "half a seed",
    () => randomChoices({ l2: { low: 0, high: 1 } }, { count: 1, seed: 0.5 }),
    "sweep: a seed is a whole number from 0 to 2^32 - 1, got 0.5",
  ],
  [
    "a scale that does not exist",
    () => randomChoices({ l2: { low: 1, high: 2, scale: "log" as "linear" } }, { count: 1, seed: 0 }),
    "sweep: the scale of l2 must be linear or logarithmic, got log",
  ],
  ["a field without values", () => gridChoices({ l2: [] }), "sweep: l2 must have values, got none"],
  [
    "no choice",
    () => randomChoices({}, { count: 0, seed: 1 }),
    "sweep: count must be a whole number from 1, got 0",
  ],
  [
    "an empty range",
    () => randomChoices({ l2: { low: 2, high: 1 } }, { count: 1, seed: 1 }),
    "sweep: the range of l2 must have low <= high, got 2 and 1",
  ],
  [
    "a logarithmic range from 0",
    () => randomChoices({ l2: { low: 0, high: 1, scale: "logarithmic" } }, { count: 1, seed: 1 }),
    "sweep: the range of l2 must have 0 < low <= high, got 0 and 1",
  ],
]);
