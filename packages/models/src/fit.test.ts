// Training really learns, says why it stopped, gives the same bits for the same seed, and refuses what does not fit.

import {
  array,
  interpret,
  referenceEngine,
  sameArray,
  type Arrays,
  type Engine,
  type NdArray,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { flower, spirals } from "./datasets/toy.ts";
import { splitDataset } from "./datasets/dataset.ts";
import type { BatchRecord } from "./epoch.ts";
import type { Examples } from "./examples-check.ts";
import { fit } from "./fit.ts";
import type { FitOptions } from "./fit-options.ts";
import { lLayerNetwork } from "./l-layer-network.ts";
import { evaluateNetwork, stateOf } from "./predict.ts";
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

const moons = splitDataset(flower({ m: 200 }), { testFraction: 0.25, seed: 1 });

const expectSameBits = (a: Arrays, b: Arrays): void => {
  expect(Object.keys(a)).toEqual(Object.keys(b));
  for (const [name, value] of Object.entries(a))
    expect(sameArray(value, b[name] as NdArray), name).toBe(true);
};

describe("training", () => {
  test("learns XOR", async () => {
    const { history, state, stoppedBecause, epoch } = await fit(xorStep, xor, { epochs: 150, seed: 3 });
    expect([stoppedBecause, epoch, history.length]).toEqual(["epochs", 150, 150]);
    expect(history.at(-1)?.accuracy).toBe(1);
    expect(history.at(-1)?.cost).toBeLessThan(0.05);
    const { accuracy, cost, labels } = evaluateNetwork(xorStep, state, xor);
    expect([accuracy, [...labels]]).toEqual([1, [0, 1, 1, 0]]);
    expect(cost).toBeLessThan(0.05);
  });

  test.each(["gradientDescent", "momentum", "rmsprop", "adam", "adamW"] as const)(
    "%s lowers the cost",
    async (name) => {
      const step = trainingStep({
        ...xorStep.options,
        optimizer: { name },
        learningRate: name === "gradientDescent" || name === "momentum" ? 1 : 0.05,
      });
      const { history } = await fit(step, xor, { epochs: 200, seed: 1 });
      expect(history.at(-1)?.cost).toBeLessThan(0.2 * (history[0]?.cost ?? 0));
    },
  );

  test("learns the flower, which no line separates", async () => {
    const step = trainingStep({
      ...xorStep.options,
      network: lLayerNetwork({ units: [2, 16, 1], hidden: "tanh" }),
      learningRate: 0.05,
    });
    const { state } = await fit(step, flower(), { epochs: 60, batchSize: 32, seed: 2 });
    expect(evaluateNetwork(step, state, flower()).accuracy).toBeGreaterThan(0.88);
  });

  test("learns three classes with dropout, batch normalization, a penalty and a schedule", async () => {
    const data = spirals({ classes: 3, m: 240 });
    const network = lLayerNetwork({
      units: [2, 24, 16, 3],
      output: "softmax",
      batchNormalization: true,
      dropout: 0.05,
    });
    const step = trainingStep({
      network,
      loss: "softmaxCrossEntropy",
      optimizer: { name: "adam" },
      learningRate: 0.03,
      schedules: [
        { name: "warmUp", steps: 10 },
        { name: "inverseTime", decay: 0.01 },
      ],
      l2: 0.01,
    });
    const { state, parameters } = await fit(step, data, { epochs: 40, batchSize: 50, seed: 4 });
    expect(Object.keys(parameters)).toEqual(Object.keys(network.parameters));
    expect(Object.keys(state)).toEqual(
      expect.arrayContaining(["dropoutKey", "runningMean1", "steps", "firstMoment/W1"]),
    );
    expect(state["steps"]?.data[0]).toBe(40 * 5);
    expect(evaluateNetwork(step, state, data).accuracy).toBeGreaterThan(0.9);
  });

  test("the accuracy of several classes in the graph is the share of labels that are right", async () => {
    const data = spirals({ classes: 3, m: 60 });
    const network = lLayerNetwork({ units: [2, 5, 3], output: "softmax" });
    const step = trainingStep({ network, loss: "softmaxCrossEntropy", learningRate: 0.5 });
    const { history, state } = await fit(step, data, { epochs: 20, seed: 1, validation: data });
    const { output, labels, accuracy } = evaluateNetwork(step, state, data);
    const largest = Array.from({ length: 60 }, (_, i) => {
      const column = [0, 1, 2].map((c) => output.data[c * 60 + i] ?? 0);
      return column.indexOf(Math.max(...column));
    });
    const share = largest.filter((c, i) => c === data.labels.data[i]).length / 60;
    expect([[...labels], accuracy]).toEqual([largest, share]);
    expect(history.at(-1)?.validationAccuracy).toBeCloseTo(share, 6);
    // Neither none nor all are right, and the classes differ.
    expect([share > 0.3 && share < 1, new Set(largest).size > 1]).toEqual([true, true]);
    const { outputs } = interpret(step.prediction).run({ X: data.X, ...stateOf(step.prediction, state) });
    expect([...(outputs["labels"]?.data ?? [])]).toEqual(largest);
  });

  test("takes labels in place of targets", async () => {
    const { X, Y, labels } = flower({ m: 40 });
    const [byTargets, byLabels] = await Promise.all([
      fit(xorStep, { X, Y }, { epochs: 2 }),
      fit(xorStep, { X, Y: labels }, { epochs: 2 }),
    ]);
    expectSameBits(byTargets.state, byLabels.state);
  });

  test.each(["meanSquaredError", "huber"] as const)(
    "finds a line by %s, whose targets may be any",
    async (loss) => {
      const network = lLayerNetwork({ units: [1, 1], output: "identity", dtype: "f64" });
      const step = trainingStep({ network, loss, optimizer: { name: "momentum" }, learningRate: 0.1 });
      const x = [-2, -1, 0, 1, 2, 3];
      const line = {
        X: array([x], { dtype: "f64" }),
        Y: array([x.map((each) => 3 * each - 2)], { dtype: "f64" }),
      };
      const { parameters } = await fit(step, line, { epochs: 600 });
      // Near the line the cost is a parabola of curvatures above (1 - √0.9)² / 0.01 = 0.27, where momentum oscillates and
      // shrinks what is left by √0.9 a step: 0.9^300 = 2e-14.
      expect(parameters.W1.data[0]).toBeCloseTo(3, 9);
      expect(parameters.b1.data[0]).toBeCloseTo(-2, 9);
    },
  );

  test("learns by hinge, whose classes are the sides of 0", async () => {
    const network = lLayerNetwork({ units: [2, 8, 1], hidden: "tanh", output: "identity" });
    const step = trainingStep({ ...xorStep.options, network, loss: "hinge" });
    const { history, state } = await fit(step, xor, { epochs: 100, seed: 3 });
    expect(history.at(-1)?.accuracy).toBe(1);
    expect(evaluateNetwork(step, state, xor).accuracy).toBe(1);
  });
});

describe("reproducibility", () => {
  const network = lLayerNetwork({ units: [2, 6, 1], dropout: 0.3, batchNormalization: true });
  const step = trainingStep({ ...xorStep.options, network });
  const options: FitOptions = { epochs: 3, batchSize: 7, seed: 5 };

  test("one seed gives the same bits, another gives others", async () => {
    const [a, b, c] = await Promise.all([
      fit(step, moons.train, options),
      fit(step, moons.train, options),
      fit(step, moons.train, { ...options, seed: 6 }),
    ]);
    expectSameBits(a.state, b.state);
    expect(sameArray(a.state["W1"] as NdArray, c.state["W1"] as NdArray)).toBe(false);
  });

  test("the seed is 0 unless another is given", async () => {
    const [given, none] = await Promise.all([
      fit(step, moons.train, { ...options, seed: 0 }),
      fit(step, moons.train, { epochs: 3, batchSize: 7 }),
    ]);
    expectSameBits(given.state, none.state);
  });

  test("validation and callbacks change nothing", async () => {
    const plain = await fit(step, moons.train, options);
    const watched = await fit(step, moons.train, {
      ...options,
      validation: moons.test,
      onBatch: () => undefined,
    });
    expectSameBits(plain.state, watched.state);
  });

  test("dropout differs from step to step, and training can go on where it ended", async () => {
    const first = await fit(step, moons.train, { ...options, epochs: 1, shuffle: false });
    const begun = await fit(step, moons.train, { ...options, epochs: 0 });
    expect(sameArray(first.state["dropoutKey"] as NdArray, begun.state["dropoutKey"] as NdArray)).toBe(false);
    const second = await fit(step, moons.train, {
      ...options,
      epochs: 1,
      shuffle: false,
      initial: first.state,
    });
    const both = await fit(step, moons.train, { ...options, epochs: 2, shuffle: false });
    expectSameBits(second.state, both.state);
  });

  test("every example is seen once an epoch, the last batch being smaller", async () => {
    const seen: BatchRecord[] = [];
    await fit(step, moons.train, {
      ...options,
      epochs: 2,
      batchSize: 40,
      onBatch: (record) => seen.push(record),
    });
    const sizes = seen.map(({ epoch, batch, batches, examples }) => [epoch, batch, batches, examples]);
    expect(sizes).toEqual(
      [1, 2].flatMap((epoch) => [40, 40, 40, 30].map((size, i) => [epoch, i + 1, 4, size])),
    );
  });
});

test("an epoch's cost and accuracy are means over its examples, not over its batches", async () => {
  const seen: BatchRecord[] = [];
  const onBatch = (record: BatchRecord): number => seen.push(record);
  const { history } = await fit(xorStep, moons.train, { epochs: 1, batchSize: 149, onBatch });
  const mean = (of: (record: BatchRecord) => number): number =>
    seen.reduce((total, record) => total + of(record) * record.examples, 0) / 150;
  expect(seen.map(({ examples }) => examples)).toEqual([149, 1]);
  expect(history[0]?.cost).toBeCloseTo(
    mean(({ cost }) => cost),
    12,
  );
  expect(history[0]?.accuracy).toBeCloseTo(
    mean(({ accuracy }) => accuracy),
    12,
  );
});

describe("stopping", () => {
  test("a validation cost that stays the same is no lower one", async () => {
    const step = trainingStep({
      ...xorStep.options,
      optimizer: { name: "gradientDescent" },
      learningRate: 1e-30,
    });
    const options = { epochs: 9, patience: 2, validation: moons.test };
    const { stoppedBecause, epoch, history } = await fit(step, moons.train, options);
    expect([stoppedBecause, epoch, history.length]).toEqual(["patience", 1, 3]);
  });

  test("patience takes the best parameters back, also at the last epoch", async () => {
    const step = trainingStep({ ...xorStep.options, learningRate: 2 });
    const options = { epochs: 30, batchSize: 10, seed: 1, validation: moons.test };
    const stopped = await fit(step, moons.train, { ...options, patience: 3 });
    const costs = stopped.history.map(({ validationCost = 0 }) => validationCost);
    const best = Math.min(...costs);
    expect(stopped.stoppedBecause).toBe("patience");
    expect(stopped.epoch).toBe(costs.indexOf(best) + 1);
    expect(stopped.history).toHaveLength(stopped.epoch + 3);
    expect(evaluateNetwork(step, stopped.state, moons.test).cost).toBeCloseTo(best, 5);
    const whole = await fit(step, moons.train, { ...options, epochs: stopped.epoch + 1, patience: 9 });
    expect([whole.stoppedBecause, whole.epoch]).toEqual(["epochs", stopped.epoch]);
    expectSameBits(whole.state, stopped.state);
  });

  test("a signal ends it after the batch that is under way, with what was trained", async () => {
    const controller = new AbortController();
    const onBatch = ({ epoch, batch }: BatchRecord): void => {
      if (epoch === 2 && batch === 3) controller.abort();
    };
    const options = { epochs: 50, batchSize: 10, signal: controller.signal, onBatch };
    const { stoppedBecause, history, epoch, state } = await fit(xorStep, moons.train, options);
    expect([stoppedBecause, history.length, epoch, state["steps"]?.data[0]]).toEqual(["aborted", 2, 2, 18]);
  });

  test("a signal from a timer is heard", async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 30);
    const { stoppedBecause } = await fit(xorStep, moons.train, { epochs: 1e6, signal: controller.signal });
    expect(stoppedBecause).toBe("aborted");
  });

  test("a signal that was given before ends it at once", async () => {
    const { stoppedBecause, history } = await fit(xorStep, xor, { epochs: 3, signal: AbortSignal.abort() });
    expect([stoppedBecause, history]).toEqual(["aborted", []]);
  });

  test("a cost that is not finite ends it, and the parameters are those of the epoch before", async () => {
    const network = lLayerNetwork({ units: [2, 3, 1], output: "identity" });
    const step = trainingStep({ network, loss: "meanSquaredError", learningRate: 3 });
    const options = { epochs: 500, batchSize: 50 };
    const { stoppedBecause, divergence, history, epoch, state } = await fit(step, moons.train, options);
    expect(stoppedBecause).toBe("diverged");
    expect(divergence?.error.message).toMatch(
      /^fit: the cost and all parameters must stay finite, got (NaN|Infinity) at batch \d of epoch \d+\n {2}help {3}a lower learning rate, or inputs of mean 0 and variance 1, may keep them so$/,
    );
    expect(epoch).toBe(history.length);
    const before = await fit(step, moons.train, { ...options, epochs: epoch });
    expectSameBits(state, before.state);
    expect(Object.values(state).every(({ data }) => [...data].every(Number.isFinite))).toBe(true);
  });
});

test("a network in f64 takes numbers beyond f32", async () => {
  const network = lLayerNetwork({ units: [1, 1], dtype: "f64" });
  const step = trainingStep({ network, loss: "binaryCrossEntropy", learningRate: 1e-300 });
  const far = { X: array([[1e100]], { dtype: "f64" }), Y: array([[1]], { dtype: "f64" }) };
  const { stoppedBecause } = await fit(step, far, { epochs: 1, initializer: "zeros" });
  expect(stoppedBecause).toBe("epochs");
});

test("an epoch's listener hears of all epochs so far, in lists of its own", async () => {
  const heard: (readonly number[])[] = [];
  const lists = new Set<unknown>();
  const { history } = await fit(xorStep, xor, {
    epochs: 3,
    onEpoch: (record, soFar) => {
      expect(soFar.at(-1)).toBe(record);
      expect(Object.isFrozen(soFar)).toBe(true);
      heard.push(soFar.map(({ epoch }) => epoch));
      lists.add(soFar);
    },
  });
  expect(heard).toEqual([[1], [1, 2], [1, 2, 3]]);
  expect([lists.size, history.length]).toEqual([3, 3]);
});

test("what is no engine is refused, the function that makes one too", async () => {
  for (const [engine, got] of [
    ["wasm", '"wasm"'],
    [null, "null"],
    [() => referenceEngine, "a function"],
  ] as const) {
    const fitted = fit(xorStep, moons.train, { epochs: 1, engine: engine as never });
    await expect(fitted).rejects.toThrow(`fit: the engine must have a method compile, got ${got}`);
  }
});

test("any engine will do", async () => {
  const compiled: string[] = [];
  const engine: Engine = {
    name: "counting",
    compile: (graph) => {
      compiled.push(Object.keys(graph.outputs).join());
      return Promise.resolve(interpret(graph));
    },
  };
  const [a, b] = await Promise.all([
    fit(xorStep, moons.train, { epochs: 2, engine, validation: moons.test }),
    fit(xorStep, moons.train, { epochs: 2, engine: referenceEngine }),
  ]);
  expect(compiled).toEqual(["cost,accuracy", "cost,accuracy,output"]);
  expectSameBits(a.state, b.state);
});
