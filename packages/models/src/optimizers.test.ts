// Every optimizer against its formula, number by number, over several steps.

import {
  array,
  evaluate,
  graph,
  interpret,
  parameter,
  input,
  scalar,
  cast,
  add,
  toNested,
  toNumber,
  type Tensor,
} from "@wengert/tensor";
import { expect, test } from "vitest";
import { optimize, optimizerNames, type Optimizer } from "./optimizers.ts";

const f64 = { dtype: "f64" } as const;
const rate = 0.1;
const gradients = [0.5, -2, 0, 3, 1e-3];

/** The values of a parameter that begins at 1 after each step. */
function trace(optimizer: Optimizer, name = "W1"): number[] {
  const p = parameter(name, [1, 1], f64);
  const steps = parameter("steps", [], { dtype: "i32" });
  const { next, state, stateNext } = optimize(optimizer, {
    name,
    parameter: p,
    gradient: input("g", [1, 1], f64),
    learningRate: scalar(rate, "f64"),
    count: add(cast(steps, "f64"), 1),
  });
  const document = graph({ p }, { updates: { ...stateNext, [name]: next, ...counted(optimizer, steps) } });
  const zeros = Object.fromEntries(Object.keys(state).map((key) => [key, [[0]]]));
  const begin = { [name]: [[1]], ...zeros, ...(usesCount(optimizer) ? { steps: 0 } : {}) };
  const resident = interpret(document).bind(begin);
  return gradients.map((g) => {
    resident.run({ g: array([[g]], f64) });
    return (toNested(resident.state()[name] ?? array([[0]])) as number[][])[0]?.[0] ?? Number.NaN;
  });
}

const usesCount = ({ name }: Optimizer): boolean => name === "adam" || name === "adamW";
const counted = (optimizer: Optimizer, steps: Tensor): Record<string, Tensor> =>
  usesCount(optimizer) ? { steps: add(steps, 1) } : {};

/** The same by a formula of plain numbers. */
function formula(step: (p: number, g: number, t: number) => number): number[] {
  let p = 1;
  return gradients.map((g, i) => (p = step(p, g, i + 1)));
}

function adam(
  beta1: number,
  beta2: number,
  epsilon: number,
  decay: number,
): (p: number, g: number, t: number) => number {
  let [v, s] = [0, 0];
  return (p, g, t) => {
    v = beta1 * v + (1 - beta1) * g;
    s = beta2 * s + (1 - beta2) * g * g;
    return p - rate * (v / (1 - beta1 ** t) / (Math.sqrt(s / (1 - beta2 ** t)) + epsilon) + decay * p);
  };
}

function momentum(beta: number, weight: number): (p: number, g: number) => number {
  let v = 0;
  return (p, g) => {
    v = beta * v + weight * g;
    return p - rate * v;
  };
}

function rmsprop(beta: number, epsilon: number): (p: number, g: number) => number {
  let s = 0;
  return (p, g) => {
    s = beta * s + (1 - beta) * g * g;
    return p - (rate * g) / (Math.sqrt(s) + epsilon);
  };
}

const cases: readonly (readonly [Optimizer, (p: number, g: number, t: number) => number])[] = [
  [{ name: "gradientDescent" }, (p, g) => p - rate * g],
  [{ name: "momentum" }, momentum(0.9, 0.1)],
  [{ name: "momentum", beta: 0.5 }, momentum(0.5, 0.5)],
  [{ name: "momentum", classical: true }, momentum(0.9, 1)],
  [{ name: "rmsprop" }, rmsprop(0.9, 1e-8)],
  [{ name: "rmsprop", beta: 0.99, epsilon: 1e-3 }, rmsprop(0.99, 1e-3)],
  [{ name: "adam" }, adam(0.9, 0.999, 1e-8, 0)],
  [{ name: "adam", beta1: 0.8, beta2: 0.9, epsilon: 0.1 }, adam(0.8, 0.9, 0.1, 0)],
  [{ name: "adamW" }, adam(0.9, 0.999, 1e-8, 0.01)],
  [{ name: "adamW", weightDecay: 0.5 }, adam(0.9, 0.999, 1e-8, 0.5)],
];

test.each(cases)("%o follows its formula", (optimizer, step) => {
  const [found, wanted] = [trace(optimizer), formula(step)];
  for (const [i, value] of wanted.entries()) expect(found[i]).toBeCloseTo(value, 13);
});

test("every optimizer has a case, and biases do not decay", () => {
  expect(new Set(cases.map(([{ name }]) => name))).toEqual(new Set(optimizerNames));
  expect(trace({ name: "adamW" }, "b1")).toEqual(trace({ name: "adam" }, "b1"));
});

test("in f32, Adam's first step is of the learning rate's size to the last digits", () => {
  // 1 - βᵗ by subtraction would lose the digits that β and 1 share: 0.999 leaves a relative error near 1e-5.
  for (const [beta1, beta2] of [
    [0.9, 0.999],
    [0.99, 0.9999],
    [0, 0],
  ] as const) {
    const step = { name: "W1", parameter: scalar(1, "f32"), gradient: scalar(0.5, "f32") };
    const rate1 = { learningRate: scalar(1, "f32"), count: scalar(1, "f32") };
    const { next, state } = optimize({ name: "adam", beta1, beta2 }, { ...step, ...rate1 });
    const found = toNumber(
      evaluate(next, Object.fromEntries(Object.keys(state).map((key) => [key, array(0)]))),
    );
    // Some ten roundings of f32.
    expect(Math.abs(found)).toBeLessThan(10 * 2 ** -24);
  }
});

test("the first step of Adam is of the learning rate's size, whatever the gradient's", () => {
  expect(trace({ name: "adam" })[0]).toBeCloseTo(1 - rate, 7);
});
