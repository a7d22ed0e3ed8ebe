// Which code stands for a primitive that no loop nest expresses, from its attributes and the shapes of its operands.

import { CompileError } from "@wengert/tensor";
import type { KernelCode } from "./kernel-code.ts";
import type { KernelProgram, SpecialKernel } from "./kernel.ts";
import type { Features } from "./wasm/code.ts";

/** What a special kernel is, before it is written. */
export interface SpecialCode {
  /** Equal for kernels that may share their code. */
  readonly descriptor: unknown;
  readonly write: () => KernelCode;
  /** Whether the entry takes the address of a failure block and the kernel's number. */
  readonly mayFail: boolean;
}

/** The code of a special kernel. */
export function lowerSpecial(
  _program: KernelProgram,
  kernel: SpecialKernel,
  _features: Features,
): SpecialCode {
  throw new CompileError(`compile: every primitive must have a lowering, got none for ${kernel.primitive}`);
}
