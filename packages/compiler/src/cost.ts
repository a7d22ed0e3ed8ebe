// What a kernel costs at least: operations on numbers, and bytes that go to and from memory.

import { bytesPerElement, elements } from "@wengert/tensor";
import { readsOf, writesOf, type Kernel, type KernelProgram } from "./kernel.ts";

/** The work of one run of a kernel. */
export interface KernelCost {
  /** Arithmetic operations; a transcendental function counts as one. */
  readonly flop: number;
  /** Bytes of all operands, each once. */
  readonly bytes: number;
}

/** The work of a kernel of a program. */
export function costOf({ buffers }: KernelProgram, kernel: Kernel): KernelCost {
  const bytes = [...new Set([...readsOf(kernel), ...writesOf(kernel)])].reduce((sum, buffer) => {
    const { dtype, shape } = buffers[buffer]!;
    return sum + bytesPerElement(dtype) * elements(shape);
  }, 0);
  if (kernel.kind === "product") {
    const { batch, rows, columns, depth } = kernel.product;
    return { flop: 2 * batch * rows * columns * depth, bytes };
  }
  if (kernel.kind !== "loop") return { flop: 0, bytes };
  const points = elements(kernel.sizes);
  const operations = kernel.steps.filter(({ kind }) => kind === "apply" || kind === "reduce").length;
  return { flop: points * operations, bytes };
}

/** Milliseconds for which threads wait for each other at least: one that has died says nothing. */
const leastPatience = 10_000;
/** Operations, or bytes, that a thread does in a millisecond at least: about a hundredth of what one does alone. */
const slowest = 1e5;

/**
 * Milliseconds after which a thread that has not finished a chunk is taken for lost: as long as the largest kernel could
 * take as a whole, on a slow machine that others use.
 */
export function patienceOf(program: KernelProgram): number {
  let most = 0;
  for (const kernel of program.kernels) {
    const { flop, bytes } = costOf(program, kernel);
    most = Math.max(most, flop + bytes);
  }
  return leastPatience + Math.ceil(most / slowest);
}
