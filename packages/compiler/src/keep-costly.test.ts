import { div, exp, graph, input, max, optimise, softmax, sub, sum, type Tensor } from "@wengert/tensor";
import { expect, test } from "vitest";
import { bindSizes } from "./bind-sizes.ts";
import { buildKernels } from "./build-kernels.ts";
import { groupNodes } from "./groups.ts";
import { keepCostly } from "./keep-costly.ts";
import type { KernelProgram } from "./kernel.ts";
import { findSources } from "./sources.ts";

const x = input("x", [10, 64]);

function kernelsOf(output: Tensor): KernelProgram {
  return buildKernels(groupNodes(findSources(optimise(bindSizes(graph(output), {})))));
}

test("the exponentials of a softmax are computed once, the differences twice", () => {
  const e = exp(sub(x, max(x, 0)));
  const program = kernelsOf(div(e, sum(e, 0)));
  expect(program.kernels).toHaveLength(1);
  const kept = keepCostly(program);
  expect(kept.buffers.slice(program.buffers.length)).toMatchObject([{ dtype: "f32", shape: [10, 64] }]);
  const [kernel] = kept.kernels;
  if (kernel?.kind !== "loop") throw new Error("a softmax is one loop");
  expect(kernel.stores.map(({ step }) => kernel.steps[step])).toMatchObject([
    { primitive: "exp" },
    { primitive: "div" },
  ]);
});

test("what one pass computes alone, and what is stored anyway, gets no buffer", () => {
  const e = exp(x);
  for (const output of [sum(e, 0), sub(x, max(x, 0))]) {
    const program = kernelsOf(output);
    expect(keepCostly(program)).toBe(program);
  }
});

test("a buffer that a program has hardly room for is not made", () => {
  const rows = (size: number): KernelProgram => kernelsOf(softmax(input("rows", [size, 16]), 1));
  const [most, more] = [rows(2 ** 22), rows(2 ** 22 + 1)];
  expect(keepCostly(most).buffers).toHaveLength(most.buffers.length + 1);
  expect(keepCostly(more)).toBe(more);
});
