import { div, exp, graph, input, max, mul, optimise, size, sub, sum, type Tensor } from "@wengert/tensor";
import { expect, test } from "vitest";
import { bindSizes } from "./bind-sizes.ts";
import { buildKernels } from "./build-kernels.ts";
import { groupNodes } from "./groups.ts";
import type { KernelProgram } from "./kernel.ts";
import { findSources } from "./sources.ts";
import { splitFolds } from "./split-folds.ts";

const X = input("X", [300, 1000], { dtype: "f64" });
const Y = input("Y", [1000], { dtype: "f64" });

function kernelsOf(outputs: Readonly<Record<string, Tensor>>): KernelProgram {
  return buildKernels(groupNodes(findSources(optimise(bindSizes(graph(outputs), {})))));
}

test("a large fold of everything runs in parts, and what follows once", () => {
  const program = splitFolds(kernelsOf({ mean: div(sum(mul(X, Y)), size(X, 0, { dtype: "f64" })) }));
  expect(program.kernels.map(({ name }) => name)).toEqual([
    expect.stringMatching(/ parts$/),
    expect.any(String),
  ]);
  const [parts] = program.kernels;
  expect(parts).toMatchObject({ sizes: [60, 5, 1000], reduced: [false, true, true] });
});

test("small folds, folds that keep a dimension, and folds whose result every element needs stay as they are", () => {
  const few = input("few", [100, 100]);
  for (const output of [sum(few), sum(X, 0), exp(sub(X, max(X)))]) {
    const program = kernelsOf({ output });
    expect(splitFolds(program)).toBe(program);
  }
});
