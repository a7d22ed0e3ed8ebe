import { gradient } from "@wengert/autodiff";
import {
  array,
  constant,
  evaluate,
  input,
  sigmoid,
  softmax,
  toNumber,
  type Nested,
  type Tensor,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { messageOf, refuses } from "../../../test/arrays.ts";
import { activationNames } from "./activations.ts";
import { computeCost, computeSoftmaxCost } from "./cost.ts";
import {
  binaryCrossEntropy,
  hinge,
  huber,
  l2Penalty,
  losses,
  meanSquaredError,
  softmaxCrossEntropy,
} from "./losses.ts";

const f64 = { dtype: "f64" } as const;
const tensor = (value: Nested): Tensor => constant(array(value, f64));
const number = (value: Tensor): number => toNumber(evaluate(value));

const Z = [
  [0.3, -1.2, 2],
  [-0.4, 0.9, 0.1],
];
const Y = [
  [1, 0, 1],
  [0, 1, 0],
];
const m = 3;

/** The sum over elements of a formula of score and target, divided by m. */
const mean = (formula: (z: number, y: number) => number): number =>
  Z.flatMap((row, i) => row.map((z, j) => formula(z, Y[i]?.[j] ?? 0))).reduce((a, b) => a + b) / m;

const logistic = (z: number): number => 1 / (1 + Math.exp(-z));

describe("values", () => {
  test.each([
    [
      "binaryCrossEntropy",
      binaryCrossEntropy,
      (z: number, y: number) => -(y * Math.log(logistic(z)) + (1 - y) * Math.log(1 - logistic(z))),
    ],
    ["meanSquaredError", meanSquaredError, (z: number, y: number) => (z - y) ** 2],
    ["hinge", hinge, (z: number, y: number) => Math.max(0, 1 - (y === 1 ? z : -z))],
    [
      "huber",
      huber,
      (z: number, y: number) => (Math.abs(z - y) <= 1 ? 0.5 * (z - y) ** 2 : Math.abs(z - y) - 0.5),
    ],
  ])("%s is the mean over examples of its formula", (_, loss, formula) => {
    expect(number(loss(tensor(Z), tensor(Y)))).toBeCloseTo(mean(formula), 14);
  });

  test("huber has its delta where the parabola ends", () => {
    expect(number(huber(tensor([[5]]), tensor([[2]]), 2))).toBe(2 * (3 - 1));
    expect(number(huber(tensor([[4]]), tensor([[2]]), 2))).toBe(2);
  });

  test("softmaxCrossEntropy is the same for one-hot targets and for labels", () => {
    const wanted = [1, 0, 1].map((label, i) => {
      const [a, b] = [Math.exp(Z[0]?.[i] ?? 0), Math.exp(Z[1]?.[i] ?? 0)];
      return -Math.log((label === 0 ? a : b) / (a + b));
    });
    const labels = constant(array([1, 0, 1], { dtype: "i32" }));
    const hot = tensor([
      [0, 1, 0],
      [1, 0, 1],
    ]);
    const value = wanted.reduce((x, y) => x + y) / m;
    expect(number(softmaxCrossEntropy(tensor(Z), hot))).toBeCloseTo(value, 14);
    expect(number(softmaxCrossEntropy(tensor(Z), labels))).toBeCloseTo(value, 14);
  });

  test("computeSoftmaxCost is the same for one-hot targets and for labels", () => {
    const probabilities = softmax(tensor(Z), 0);
    const hot = tensor([
      [0, 1, 0],
      [1, 0, 1],
    ]);
    const labels = constant(array([1, 0, 1], { dtype: "i32" }));
    const gradients = evaluate(
      [hot, labels].map((each) => gradient(computeSoftmaxCost(probabilities, each), probabilities)),
    );
    expect(number(computeSoftmaxCost(probabilities, labels))).toBe(
      number(computeSoftmaxCost(probabilities, hot)),
    );
    expect([...(gradients[0]?.data ?? [])]).toEqual([...(gradients[1]?.data ?? [1])]);
  });

  test("from logits and from probabilities they are the same", () => {
    const z = tensor(Z);
    expect(number(binaryCrossEntropy(z, tensor(Y)))).toBeCloseTo(
      number(computeCost(sigmoid(z), tensor(Y))),
      14,
    );
    expect(number(softmaxCrossEntropy(z, tensor(Y)))).toBeCloseTo(
      number(computeSoftmaxCost(softmax(z, 0), tensor(Y))),
      14,
    );
  });

  test("from probabilities, a right certainty costs nothing and a wrong one everything", () => {
    expect(number(computeCost(tensor([[1, 0]]), tensor([[1, 0]])))).toBeCloseTo(0, 15);
    expect(number(computeCost(tensor([[1, 0]]), tensor([[0, 0]])))).toBe(Number.POSITIVE_INFINITY);
    expect(number(computeSoftmaxCost(tensor([[1], [0]]), tensor([[1], [0]])))).toBeCloseTo(0, 15);
    expect(number(computeSoftmaxCost(tensor([[1], [0]]), tensor([[0], [1]])))).toBe(Number.POSITIVE_INFINITY);
  });

  test("batches of any size use one graph", () => {
    const cost = binaryCrossEntropy(input("Z", [1, "m"]), input("Y", [1, "m"]));
    for (const size of [1, 2, 7]) {
      const zeros = array([Array.from({ length: size }, () => 0)]);
      expect(toNumber(evaluate(cost, { Z: zeros, Y: zeros }))).toBeCloseTo(Math.log(2), 6);
    }
  });
});

describe.each(["f32", "f64"] as const)("in %s", (dtype) => {
  test.each(Object.keys(losses) as (keyof typeof losses)[])(
    "%s is finite with finite gradients at ±1e4",
    (name) => {
      const far = input("far", [2, 4], { dtype });
      const targets = constant(
        array(
          [
            [1, 0, 1, 0],
            [0, 1, 0, 1],
          ],
          { dtype },
        ),
      );
      const cost = losses[name].cost(far, targets);
      const value = array(
        [
          [1e4, -1e4, -1e4, 1e4],
          [-1e4, 1e4, 1e4, -1e4],
        ],
        { dtype },
      );
      const found = evaluate({ cost, g: gradient(cost, far) }, { far: value });
      expect([...found.cost.data, ...found.g.data].every(Number.isFinite)).toBe(true);
      // Where the prediction is right beyond doubt, and where it is wrong.
      if (name === "binaryCrossEntropy") {
        expect(toNumber(found.cost)).toBeCloseTo(1e4, 0);
        expect([...found.g.data]).toEqual([0, 0, -0.25, 0.25, 0, 0, 0.25, -0.25]);
      }
      if (name === "softmaxCrossEntropy") expect(toNumber(found.cost)).toBe(1e4);
    },
  );
});

test("labels of another type are refused", () => {
  const labels = constant(array([[1, 0]], { dtype: "i32" }));
  expect(messageOf(() => softmaxCrossEntropy(tensor([[1, 2]]), labels))).toBe(
    "softmaxCrossEntropy: labels must be i32 [m], got i32 [1, 2]",
  );
  expect(messageOf(() => computeSoftmaxCost(tensor([[1, 2]]), labels))).toBe(
    "computeSoftmaxCost: labels must be i32 [m], got i32 [1, 2]",
  );
});

refuses([
  ["a delta of 0", () => huber(tensor([[1]]), tensor([[0]]), 0), "huber: delta must be positive, got 0"],
  [
    "a delta that is no number",
    () => huber(tensor([[1]]), tensor([[0]]), Number.NaN),
    "huber: delta must be positive, got NaN",
  ],
  [
    "a penalty on nothing",
    () => l2Penalty([], 1, tensor([[1]])),
    "l2Penalty: there must be weights, got none",
  ],
  [
    "a negative penalty",
    () => l2Penalty([tensor([[1]])], -1, tensor([[1]])),
    "l2Penalty: lambda must be finite and from 0, got -1",
  ],
  [
    "a penalty without end",
    () => l2Penalty([tensor([[1]])], Infinity, tensor([[1]])),
    "l2Penalty: lambda must be finite and from 0, got Infinity",
  ],
]);

test("every activation that is a last layer's has a loss that takes it", () => {
  const taken = new Set(Object.values(losses).flatMap(({ outputs }) => outputs));
  expect(activationNames.filter((name) => !taken.has(name))).toEqual([]);
});
