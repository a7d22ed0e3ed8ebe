import { constant, evaluate, scalar, toNumber } from "@wengert/tensor";
import { expect, test } from "vitest";
import { learningRateAt, scheduleFactor, type Schedule } from "./schedules.ts";

const cases: readonly (readonly [Schedule, (t: number) => number])[] = [
  [{ name: "constant" }, () => 1],
  [{ name: "inverseTime", decay: 0.5 }, (t) => 1 / (1 + 0.5 * t)],
  [{ name: "inverseTime", decay: 1, every: 10 }, (t) => 1 / (1 + Math.floor(t / 10))],
  [{ name: "exponential", decay: 0.95 }, (t) => 0.95 ** t],
  [{ name: "exponential", decay: 0.5, every: 4 }, (t) => 0.5 ** (t / 4)],
  [{ name: "step", decay: 0.1, every: 7 }, (t) => 0.1 ** Math.floor(t / 7)],
  [{ name: "cosine", steps: 20 }, (t) => (t >= 20 ? 0 : (1 + Math.cos((Math.PI * t) / 20)) / 2)],
  [
    { name: "cosine", steps: 20, minimum: 0.2 },
    (t) => (t >= 20 ? 0.2 : 0.2 + (0.8 * (1 + Math.cos((Math.PI * t) / 20))) / 2),
  ],
  [{ name: "warmUp", steps: 5 }, (t) => Math.min(1, (t + 1) / 5)],
  [{ name: "warmUp", steps: 1 }, () => 1],
];

test.each(cases)("%o follows its formula", (schedule, formula) => {
  for (const t of [0, 1, 4, 6, 7, 10, 19, 20, 21, 35]) {
    expect(toNumber(evaluate(scheduleFactor(schedule, scalar(t, "f64"))))).toBeCloseTo(formula(t), 12);
  }
});

test("factors multiply, and none leave the initial rate", () => {
  const t = constant(3, { dtype: "f64" });
  expect(toNumber(evaluate(learningRateAt(0.3, [], t)))).toBe(0.3);
  const both = learningRateAt(
    0.4,
    [
      { name: "warmUp", steps: 8 },
      { name: "inverseTime", decay: 1 },
    ],
    t,
  );
  expect(toNumber(evaluate(both))).toBeCloseTo(0.4 * 0.5 * 0.25, 15);
});
