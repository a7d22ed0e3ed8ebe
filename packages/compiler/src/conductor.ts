// A program as one module: kernels are called in order, and their chunks are shared among threads.
// Chunks are claimed by an atomic counter, so a slow thread never holds up the others for more than a chunk.

import type { KernelCode } from "./kernel-code.ts";

/** One call of a kernel, with everything but the chunk and the thread settled. */
export interface KernelCall {
  /** Position in the list of kernels' code; several calls may share one. */
  readonly code: KernelCode;
  /** Bytes from the start of memory to each operand. */
  readonly addresses: readonly number[];
}
