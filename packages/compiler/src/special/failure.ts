// What a kernel that is given data out of range leaves behind: four words, of the first failure alone. Whoever changes
// the status from 0 writes the rest, so that it tells of one failure, however many threads fail.

import type { Code, Local } from "../wasm/code.ts";
import { storeAt } from "./rows.ts";

/** The values of the status: the first word of the block, before kernel number, position and index, all i32. */
const failureStatus: { readonly none: 0; readonly indexOutOfRange: 1 } = {
  none: 0,
  indexOutOfRange: 1,
};

/** The parameters of a kernel that may fail, after the addresses of its operands. */
export interface FailureParameters {
  /** The address of the block, a multiple of 4. */
  readonly block: Local;
  /** The number of the kernel in its program. */
  readonly kernel: Local;
}

/** Runs the body where the index is one of `size`; elsewhere keeps the failure unless there is one already. */
export function whereInRange(
  code: Code,
  { block, kernel }: FailureParameters,
  { index, position, size }: { index: Local; position: Local; size: number },
  body: () => void,
): void {
  // Unsigned: a negative index is far too large.
  code.emit("local.get", code.op("i32.lt_u", index, code.i32(size)));
  code.emit("if");
  body();
  code.emit("else");
  const { none, indexOutOfRange } = failureStatus;
  const before = code.op("i32.atomic.rmw.cmpxchg", block, code.i32(none), code.i32(indexOutOfRange));
  code.emit("local.get", code.op("i32.eqz", before));
  code.emit("if");
  for (const [place, value] of [kernel, position, index].entries())
    storeAt(code, "i32.store", { address: block, offset: 4 * (place + 1), value });
  code.emit("end");
  code.emit("end");
}
