import {
  add,
  graph,
  input,
  matmul,
  mul,
  optimise,
  parameter,
  sum,
  tanh,
  transpose,
  reverse,
} from "@wengert/tensor";
import { expect, test } from "vitest";
import { bindSizes } from "./bind-sizes.ts";
import { buildKernels } from "./build-kernels.ts";
import { checkKernels } from "./check-kernels.ts";
import { groupNodes } from "./groups.ts";
import type { Kernel, KernelProgram, LoopKernel, ProductKernel } from "./kernel.ts";
import { findSources } from "./sources.ts";
import { updateInPlace } from "./update-in-place.ts";

const X = input("X", [5, 7]);
const W = parameter("W", [4, 5]);
const hidden = tanh(matmul(W, X));
const document = graph(
  { cost: sum(mul(hidden, hidden)), rows: sum(reverse(hidden, [0]), 1) },
  { updates: { W: add(W, matmul(hidden, transpose(X))) } },
);
const program = updateInPlace(buildKernels(groupNodes(findSources(optimise(bindSizes(document, {}))))));

/** The program with one kernel replaced by a broken one. */
function broken<K extends Kernel>(kind: K["kind"], change: (kernel: K) => K): KernelProgram {
  const place = program.kernels.findIndex((kernel) => kernel.kind === kind);
  return { ...program, kernels: program.kernels.with(place, change(program.kernels[place] as K)) };
}

const loop = (change: (kernel: LoopKernel) => Partial<LoopKernel>): KernelProgram =>
  broken<LoopKernel>("loop", (kernel) => ({ ...kernel, ...change(kernel) }));
const product = (change: (kernel: ProductKernel) => Partial<ProductKernel>): KernelProgram =>
  broken<ProductKernel>("product", (kernel) => ({ ...kernel, ...change(kernel) }));

test("what the compiler builds is well formed", () => {
  expect(checkKernels(program)).toEqual([]);
});

test.each([
  ["a flag is missing", loop(({ reduced }) => ({ reduced: reduced.slice(1) })), "flags and strides"],
  [
    "the first dimension is folded and has a bound",
    loop(({ reduced }) => ({ reduced: reduced.map(() => true), bound: 0 })),
    "has a bound and is folded or missing",
  ],
  [
    "a step refers to a later one",
    loop(({ steps }) => ({
      steps: steps.map((step) =>
        step.kind === "apply" ? { ...step, operands: step.operands.map(() => 99) } : step,
      ),
    })),
    "refers to s99",
  ],
  [
    "a step applies what is not elementwise",
    loop(({ steps }) => ({
      steps: steps.map((step) => (step.kind === "apply" ? { ...step, primitive: "dot" } : step)),
    })),
    "which is not elementwise",
  ],
  [
    "an operand is missing",
    loop(({ steps }) => ({
      steps: steps.map((step) => (step.kind === "apply" ? { ...step, operands: [] } : step)),
    })),
    "has 0 operands",
  ],
  [
    "a load has another dtype",
    loop(({ steps }) => ({
      steps: steps.map((step) => (step.kind === "load" ? { ...step, dtype: "f64" } : step)),
    })),
    "has not its buffer's dtype",
  ],
  [
    "an access leaves its buffer",
    loop(({ steps }) => ({
      steps: steps.map((step) =>
        step.kind === "load" ? { ...step, access: { ...step.access, offset: step.access.offset + 1 } } : step,
      ),
    })),
    "are accessed, which has",
  ],
  [
    "two points write one element",
    loop(({ stores, reduced }) => ({
      reduced: reduced.map(() => false),
      stores: stores.map((store) => ({
        ...store,
        access: { ...store.access, strides: reduced.map(() => 0) },
      })),
    })),
    "writes one element at several points",
  ],
  [
    "a product is too deep",
    product((kernel) => ({ product: { ...kernel.product, depth: 9 } })),
    "are accessed",
  ],
  [
    "a product has too many rows",
    product((kernel) => ({ product: { ...kernel.product, rows: 9 } })),
    "the result has",
  ],
  [
    "a product has another dtype",
    product((kernel) => ({ product: { ...kernel.product, dtype: "f64" } })),
    "operands of f64",
  ],
  ["kernels change places", { ...program, kernels: program.kernels.toReversed() }, "before it is written"],
  ["an output is not computed", { ...program, kernels: [] }, "is never written"],
  ["there is no such buffer", { ...program, buffers: [] }, "there is no buffer"],
] as const)("%s: that is said", (_, wrong, problem) => {
  expect(checkKernels(wrong).join("\n")).toContain(problem);
});
