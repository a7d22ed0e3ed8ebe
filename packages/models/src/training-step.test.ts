import {
  array,
  arrayFrom,
  feedsOf,
  fromJSON,
  interpret,
  toJSON,
  type Graph,
  type GraphJSON,
  type NdArray,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { messageOf } from "../../../test/arrays.ts";
import { lLayerNetwork } from "./l-layer-network.ts";
import type { LossName } from "./losses.ts";
import { stateOf } from "./predict.ts";
import { initialState, trainingStep, type TrainingStepOptions } from "./training-step.ts";

const options: TrainingStepOptions = {
  network: lLayerNetwork({ units: [2, 3, 1], dtype: "f64" }),
  loss: "binaryCrossEntropy",
  learningRate: 0.5,
};

const X = array(
  [
    [1, 2, 3, 4],
    [0, 1, 0, -1],
  ],
  { dtype: "f64" },
);
const Y = array([[0, 1, 1, 0]], { dtype: "f64" });

const toF32 = ({ data, shape }: NdArray): NdArray => arrayFrom(Float32Array.from(data), shape);

const feeds = (graph: Graph, kind: "input" | "parameter"): string[] =>
  Object.keys(feedsOf(graph, kind)).toSorted();

describe("a training step", () => {
  test("is one graph with an update for everything that persists", () => {
    const network = lLayerNetwork({ units: [2, 3, 1], dropout: 0.1, batchNormalization: true });
    const step = trainingStep({ ...options, network, optimizer: { name: "momentum" } });
    const persists = [...step.parameterNames, ...step.stateNames].toSorted();
    expect(step.parameterNames).toEqual(["W1", "b1", "gamma1", "W2", "b2"]);
    expect(step.stateNames).toEqual([
      "dropoutKey",
      "runningMean1",
      "runningVariance1",
      "steps",
      ...["W1", "b1", "gamma1", "W2", "b2"].map((name) => `velocity/${name}`),
    ]);
    expect(Object.keys(step.graph.updates).toSorted()).toEqual(persists);
    expect(feeds(step.graph, "parameter")).toEqual(persists);
    expect(feeds(step.graph, "input")).toEqual(["X", "Y"]);
    expect(Object.keys(initialState(step, { seed: 0 })).toSorted()).toEqual(persists);
  });

  test("has an evaluation and a prediction that change nothing", () => {
    const { evaluation, prediction } = trainingStep(options);
    expect([evaluation.updates, prediction.updates]).toEqual([{}, {}]);
    expect(Object.keys(evaluation.outputs)).toEqual(["cost", "accuracy", "output"]);
    expect(feeds(prediction, "input")).toEqual(["X"]);
    const state = stateOf(prediction, initialState(trainingStep(options), { seed: 3 }));
    const { outputs } = interpret(prediction).run({ X, ...state });
    expect(outputs["labels"]?.shape).toEqual([4]);
    const sides = Array.from(outputs["output"]?.data ?? [], (a) => (a > 0.5 ? 1 : 0));
    expect(Array.from(outputs["labels"]?.data ?? [])).toEqual(sides);
  });

  test("takes an example for class 1 where a single output is above ½", () => {
    const network = lLayerNetwork({ units: [1, 1], output: "identity", dtype: "f64" });
    const { prediction } = trainingStep({ network, loss: "meanSquaredError", learningRate: 1 });
    const values = { X: array([[0.49, 0.5, 0.51, 0.6]], { dtype: "f64" }), W1: [[1]], b1: [[0]] };
    expect([...(interpret(prediction).run(values).outputs["labels"]?.data ?? [])]).toEqual([0, 0, 1, 1]);
  });

  test("descends by the learning rate of its step, counted from 0", () => {
    const step = trainingStep({ ...options, schedules: [{ name: "inverseTime", decay: 1 }] });
    const state = initialState(step, { seed: 1 });
    const program = interpret(step.graph);
    const plain = interpret(trainingStep(options).graph);
    const change = (result: ReturnType<typeof program.run>): number =>
      (result.updates["b2"]?.data[0] ?? 0) - (state["b2"]?.data[0] ?? 0);
    const whole = change(plain.run({ X, Y, ...state }));
    expect(change(program.run({ X, Y, ...state }))).toBeCloseTo(whole, 14);
    const steps = array(3, { dtype: "i32" });
    const later = program.run({ X, Y, ...state, steps });
    expect(change(later)).toBeCloseTo(whole / 4, 14);
    expect(later.updates["steps"]?.data[0]).toBe(4);
  });

  test("counts steps from 1 for the optimizer: the first step of Adam is of the learning rate's size", () => {
    const step = trainingStep({ ...options, optimizer: { name: "adam" } });
    const state = initialState(step, { seed: 1 });
    const { updates } = interpret(step.graph).run({ X, Y, ...state });
    expect(Math.abs(updates["b2"]?.data[0] ?? 0)).toBeCloseTo(options.learningRate, 6);
  });

  test("is evaluated without dropout and by running averages", () => {
    const network = lLayerNetwork({ units: [2, 3, 1], dropout: 0.1, batchNormalization: true });
    const { evaluation, prediction } = trainingStep({ ...options, network });
    const needed = ["W1", "W2", "b1", "b2", "gamma1", "runningMean1", "runningVariance1"];
    expect(feeds(evaluation, "parameter")).toEqual(needed);
    expect(feeds(prediction, "parameter")).toEqual(needed);
    // Nothing of the batch's own statistics is left.
    const sums = Object.values(prediction.nodes).filter(({ primitive }) => primitive === "sum");
    expect(sums).toEqual([]);
    const costs = Object.values(evaluation.nodes).filter(({ name }) => name === "Z1");
    expect(costs).toHaveLength(1);
  });

  test("is plain data: written as JSON and read again, it makes the same bits of the same state", () => {
    const network = lLayerNetwork({ units: [2, 3, 1], dropout: 0.3, batchNormalization: true });
    const optimizer = { name: "adam", beta1: 0 } as const;
    const step = trainingStep({ ...options, network, optimizer, schedules: [{ name: "cosine", steps: 9 }] });
    const again = fromJSON(JSON.parse(JSON.stringify(toJSON(step.graph))) as GraphJSON);
    const feeds32 = { X: toF32(X), Y: toF32(Y), ...initialState(step, { seed: 1 }) };
    const [a, b] = [step.graph, again].map((each) => interpret(each).run(feeds32));
    for (const kind of ["outputs", "updates"] as const) {
      expect(Object.keys(b?.[kind] ?? {})).toEqual(Object.keys(a?.[kind] ?? {}));
      for (const [name, value] of Object.entries(a?.[kind] ?? {})) {
        expect([...(b?.[kind][name]?.data ?? [])], name).toEqual([...value.data]);
      }
    }
  });

  test.each([1, 2])(
    "adds the penalty of weight %d to the cost of training and not to that of evaluation",
    (l2) => {
      const [plain, step] = [trainingStep(options), trainingStep({ ...options, l2 })];
      const state = initialState(step, { seed: 1 });
      const costOf = (graph: Graph): number =>
        interpret(graph).run({ X, Y, ...stateOf(graph, state) }).outputs["cost"]?.data[0] ?? Number.NaN;
      const squares = ["W1", "W2"].flatMap((name) => Array.from(state[name]?.data ?? [])).map((w) => w * w);
      const penalty = (l2 / (2 * 4)) * squares.reduce((a, b) => a + b);
      expect(costOf(step.graph)).toBeCloseTo(costOf(plain.graph) + penalty, 13);
      expect(costOf(step.evaluation)).toBe(costOf(plain.evaluation));
    },
  );
});

test.each([
  [
    { loss: "entropy" as LossName },
    "the loss must be one of binaryCrossEntropy, softmaxCrossEntropy, meanSquaredError, hinge, huber, got entropy",
  ],
  [{ loss: "softmaxCrossEntropy" as const }, "softmaxCrossEntropy goes with the output softmax, got sigmoid"],
  [{ learningRate: 0 }, "the learning rate must be positive and finite, got 0"],
  [{ learningRate: Number.NaN }, "the learning rate must be positive and finite, got NaN"],
  [
    { optimizer: { name: "sgd" } },
    'optimizer.name must be one of gradientDescent, momentum, rmsprop, adam, adamW, got "sgd"',
  ],
  [{ optimizer: { name: "adam", beta1: 1 } }, "optimizer.beta1 must be a number from 0 to below 1, got 1"],
  [
    { schedules: [{ name: "step", decay: 0.5, every: 0 }] },
    "schedules[0].every must be a whole number from 1, got 0",
  ],
  [
    { regularization: 1 },
    "there is no option regularization\n  help   options are network, loss, optimizer, learningRate, schedules, l2",
  ],
  [{ l2: Infinity }, "l2 must be finite and from 0, got Infinity"],
  [{ learningRate: Infinity }, "the learning rate must be positive and finite, got Infinity"],
  [{ l2: -1 }, "l2 must be finite and from 0, got -1"],
])("refuses %o", (change, text) => {
  expect(messageOf(() => trainingStep({ ...options, ...change } as TrainingStepOptions))).toBe(
    `trainingStep: ${text}`,
  );
});
