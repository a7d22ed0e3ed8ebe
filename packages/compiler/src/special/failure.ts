// What a kernel that is given data out of range leaves behind: four words, of the first failure alone, in the order of
// kernels and positions, however many threads fail and whichever of them is faster.

import type { Code, Local } from "../wasm/code.ts";
import { storeAt } from "./rows.ts";

/** The values of the status: the first word of the block, before kernel number, position and index, all i32. */
const failureStatus: { readonly none: 0; readonly indexOutOfRange: 1; readonly beingWritten: 2 } = {
  none: 0,
  indexOutOfRange: 1,
  beingWritten: 2,
};

/** The parameters of a kernel that may fail, after the addresses of its operands. */
export interface FailureParameters {
  /** The address of the block, a multiple of 4. */
  readonly block: Local;
  /** The number of the kernel in its program. */
  readonly kernel: Local;
}

/** Runs the body where the index is one of `size`; elsewhere keeps the failure unless there is one before it. */
export function whereInRange(
  code: Code,
  parameters: FailureParameters,
  { index, position, size }: { index: Local; position: Local; size: number },
  body: () => void,
): void {
  // Unsigned: a negative index is far too large.
  code.emit("local.get", code.op("i32.lt_u", index, code.i32(size)));
  code.emit("if");
  body();
  code.emit("else");
  keep(code, parameters, { position, index });
  code.emit("end");
}

/** One thread writes at a time. Kernels run one after the other, so what another kernel has left came before. */
function keep(
  code: Code,
  { block, kernel }: FailureParameters,
  { position, index }: { readonly position: Local; readonly index: Local },
): void {
  const { indexOutOfRange, beingWritten } = failureStatus;
  const before = code.local("i32");
  code.emit("loop");
  code.emit("local.get", code.op("i32.atomic.rmw.xchg", block, code.i32(beingWritten)));
  code.emit("local.tee", before);
  code.emit("local.get", code.i32(beingWritten));
  code.emit("i32.eq");
  code.emit("br_if", 0);
  code.emit("end");
  const lastKernel = code.opWith("i32.load", [4], block);
  const lastPosition = code.opWith("i32.load", [8], block);
  const isEarlier = code.op("i32.lt_u", position, lastPosition);
  const isOfSame = code.op("i32.eq", kernel, lastKernel);
  const isFirst = code.op("i32.eqz", before);
  code.emit("local.get", code.op("i32.or", isFirst, code.op("i32.and", isOfSame, isEarlier)));
  code.emit("if");
  [kernel, position, index].forEach((value, place) =>
    storeAt(code, "i32.store", { address: block, offset: 4 * (place + 1), value }),
  );
  code.emit("end");
  code.emit("local.get", block);
  code.emit("local.get", code.i32(indexOutOfRange));
  code.emit("i32.atomic.store", 0);
}
