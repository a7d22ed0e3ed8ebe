// Loop kernel → code. Loops are written from the outermost inwards; every step where it is known first.

import type { DType } from "@wengert/tensor";
import type { KernelCode } from "../kernel-code.ts";
import type { LoopKernel } from "../kernel.ts";
import { writeFunction, type Features } from "../wasm/code.ts";
import { basePointers, type Scope } from "./accesses.ts";
import { lengthsOf, outermostBounds } from "./chunk-bounds.ts";
import { chunksOf, unrollOf } from "./chunks.ts";
import { nestOf } from "./nest.ts";
import { keptSteps, stepsAt, withSteps } from "./steps.ts";
import { writeTurns, type Writer } from "./turns.ts";
import { writePasses } from "./write-passes.ts";

/**
 * The code of a loop kernel whose accesses name operands by number.
 * @param operands the dtype of every operand, in the order of the entry's addresses
 * @param boundsAddress where the numbers lie that bound loops when they run, as u32
 */
export function writeLoop(
  kernel: LoopKernel,
  operands: readonly DType[],
  features: Features,
  boundsAddress = 0,
): KernelCode {
  const nest = nestOf(kernel, operands);
  const chunks = chunksOf(nest);
  const parameters = ["i32", "i32", ...operands.map(() => "i32" as const)] as const;
  // Without a point nothing is written. Strides of an empty array tell nothing, not even which loops they vary over.
  const empty = nest.loops.some(({ size, reduced }) => size === 0 && !reduced);
  const entry = writeFunction("loop", { parameters }, features, (code) => {
    if (empty) return;
    const outermost = outermostBounds(code, { nest, chunks, boundsAddress });
    const bounds = outermost === undefined ? [] : [{ ...outermost, lengths: lengthsOf(nest, chunks) }];
    writeNest({ code, nest, unroll: unrollOf(nest), kept: keptSteps(nest), bounds });
  });
  return { functions: [entry], chunks: chunks.count, scratchBytes: 0 };
}

function writeNest(writer: Writer): void {
  const { nest } = writer;
  const width = { vectors: 1, single: nest.vectorLoop < 0 };
  const scope: Scope = { values: [], pointers: basePointers(writer), indices: [], width };
  writeKept(writer, withSteps(writer, scope, stepsAt(writer, 0, -1)), 0);
}

/** Writes the loops from `depth` on that are not reduced. */
function writeKept(writer: Writer, scope: Scope, depth: number): void {
  const { nest } = writer;
  if (depth === nest.kept) {
    writePasses(writer, scope);
    return;
  }
  writeTurns(writer, scope, depth, (inner) => {
    writeKept(writer, withSteps(writer, inner, stepsAt(writer, depth + 1, -1)), depth + 1);
  });
}
