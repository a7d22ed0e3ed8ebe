// What a program may have: threads, and what 32 bits can count, which are turns of loops and bytes of memory.

import { CompileError } from "@wengert/tensor";
import type { Kernel, KernelProgram } from "./kernel.ts";
import type { Plan } from "./plan.ts";

/** Threads of a program: each has scratch memory of its own. */
export const mostThreads: number = 64;
/** Turns of a loop: their number, and one step more, are signed numbers of 32 bits. */
export const mostTurns: number = 2 ** 31 - 64;
/** Values of an index, which loops count without a sign. */
const mostIndex = 2 ** 32 - 1;

/** @throws CompileError when a loop would have more turns, or an index larger values, than 32 bits can count. */
export function requireTurns({ kernels }: KernelProgram): void {
  for (const kernel of kernels) {
    const sizes = sizesOf(kernel);
    const most = Math.max(0, ...sizes);
    const index = largestIndex(kernel);
    if (most <= mostTurns && index <= mostIndex) continue;
    const rule =
      most > mostTurns
        ? `a loop has at most ${mostTurns} turns, got ${most}`
        : `an index is at most ${mostIndex}, got ${index}`;
    const context = [`kernel  ${kernel.name} over ${sizes.join(" x ")}`];
    throw new CompileError(`compile: ${rule}`, { context });
  }
}

function sizesOf(kernel: Kernel): readonly number[] {
  if (kernel.kind === "loop") return kernel.sizes;
  if (kernel.kind !== "product") return [];
  const { batch, rows, columns, depth } = kernel.product;
  return [batch, rows, columns, depth];
}

/** The largest value of an index step whose values count: those of integers are taken modulo 2^32 anyway. */
function largestIndex(kernel: Kernel): number {
  if (kernel.kind !== "loop" || kernel.sizes.includes(0)) return 0;
  let largest = 0;
  for (const step of kernel.steps) {
    if (step.kind !== "index" || step.dtype === "i32" || step.dtype === "u32") continue;
    const last = step.strides.reduce(
      (sum, stride, loop) => sum + Math.max(0, stride) * (kernel.sizes[loop]! - 1),
      step.offset,
    );
    largest = Math.max(largest, last);
  }
  return largest;
}

/** Bytes that 32 bits can address. */
const mostBytes = 2 ** 32;

/** @throws CompileError when a program would need more memory than 32 bits can address. */
export function requireMemory(kernels: KernelProgram, plan: Plan, bytes: number): void {
  if (bytes <= mostBytes) return;
  const shown = (count: number): string =>
    count < 2 ** 30 ? `${(count / 2 ** 20).toFixed(2)} MiB` : `${(count / 2 ** 30).toFixed(2)} GiB`;
  const largest = plan.placements
    .filter((each) => each !== undefined)
    .toSorted((a, b) => b.bytes - a.bytes)
    .slice(0, 3)
    .map(({ buffer, bytes: size }) => {
      const { name, dtype, shape } = kernels.buffers[buffer]!;
      return `buffer  ${name}  ${dtype}[${shape.join(", ")}]  ${shown(size)}`;
    });
  const excess = shown(bytes - mostBytes);
  throw new CompileError(
    `compile: a program has at most 4 GiB of memory, got ${shown(bytes)}, ${excess} more`,
    {
      context: largest,
      help: "use smaller batches",
    },
  );
}
