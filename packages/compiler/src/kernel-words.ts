// Steps and loops in words: equal words, equal code. Written by hand, since a program has thousands of parts and a
// general printer asks about each of them.

import type { BufferId, LoopKernel, Step } from "./kernel.ts";

/** How a buffer is called. */
export type BufferName = (buffer: BufferId) => number;

/** What a step computes, with its buffer called by another number. */
export function wordsOfStep(step: Step, nameOf: BufferName): string {
  return `${step.kind} ${step.dtype} ${wordsOfKind(step, nameOf)}`;
}

function wordsOfKind(step: Step, nameOf: BufferName): string {
  switch (step.kind) {
    case "load":
      return `${nameOf(step.access.buffer)} ${step.access.offset} ${step.access.strides.join()}`;
    case "constant":
      return Object.is(step.value, -0) ? "-0" : String(step.value);
    case "index":
      return `${step.offset} ${step.strides.join()}`;
    case "apply":
      return `${step.primitive} ${step.operands.join()}`;
    case "reduce":
      return `${step.primitive} ${step.operand}`;
  }
}

/** What a loop kernel computes, whatever its name. */
export function wordsOfLoop(
  { sizes, reduced, steps, stores, bound = -1 }: LoopKernel,
  nameOf: BufferName,
): string {
  const words = [`loop ${sizes.join()} ${reduced.join()} ${bound}`];
  for (const step of steps) words.push(wordsOfStep(step, nameOf));
  for (const { step, access } of stores)
    words.push(`${step} ${nameOf(access.buffer)} ${access.offset} ${access.strides.join()}`);
  return words.join("\n");
}
