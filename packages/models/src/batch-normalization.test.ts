import { array, constant, evaluate, toNested, type Nested, type Tensor } from "@wengert/tensor";
import { expect, test } from "vitest";
import { batchNormalization, normalizeWith, runningAverage } from "./batch-normalization.ts";

const tensor = (value: Nested): Tensor => constant(array(value, { dtype: "f64" }));
const rowsOf = (value: Tensor): number[][] => toNested(evaluate(value)) as number[][];

test("each unit is normalized by its own mean and variance over the batch, with 1e-5 under the root", () => {
  // Means 2 and 0, variances 2/3 and 1e-5: as much as what keeps the root from 0.
  const small = Math.sqrt(1.5e-5);
  const Z = tensor([
    [1, 2, 3],
    [-small, 0, small],
  ]);
  const { output, mean, variance } = batchNormalization(Z, {
    gamma: tensor([[2], [1]]),
    beta: tensor([[5], [0]]),
  });
  expect(rowsOf(mean)).toEqual([[2], [0]]);
  expect(rowsOf(variance)[0]?.[0]).toBeCloseTo(2 / 3, 15);
  expect(rowsOf(variance)[1]?.[0]).toBeCloseTo(1e-5, 19);
  const [first, second] = rowsOf(output);
  for (const [i, z] of [-1, 0, 1].entries()) {
    expect(first?.[i]).toBeCloseTo(5 + (2 * z) / Math.sqrt(2 / 3 + 1e-5), 13);
    expect(second?.[i]).toBeCloseTo((z * small) / Math.sqrt(2e-5), 13);
  }
});

test("a unit that is the same for all examples becomes its shift", () => {
  const { output } = batchNormalization(tensor([[7, 7]]), { gamma: tensor([[3]]), beta: tensor([[-1]]) });
  expect(rowsOf(output)).toEqual([[-1, -1]]);
});

test("after training, examples are normalized by what is given", () => {
  const scale = { gamma: tensor([[2]]), beta: tensor([[1]]) };
  const [row] = rowsOf(normalizeWith(tensor([[4, 6]]), tensor([[4]]), tensor([[4]]), scale));
  expect(row?.[0]).toBe(1);
  expect(row?.[1]).toBeCloseTo(1 + (2 * 2) / Math.sqrt(4 + 1e-5), 14);
});

test("a running average keeps nine tenths, or what is asked for", () => {
  expect(rowsOf(runningAverage(tensor([[10]]), tensor([[20]])))[0]?.[0]).toBeCloseTo(11, 14);
  expect(rowsOf(runningAverage(tensor([[10]]), tensor([[20]]), 0.5))).toEqual([[15]]);
});
