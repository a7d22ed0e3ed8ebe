// What a kernel that is given data out of range leaves behind: the first failure alone, in the order of kernels and
// positions, however many threads fail and whichever of them is faster. Nobody waits for anybody.

import type { Code, Local } from "../wasm/code.ts";

/** An index out of range. */
export interface Failure {
  /** The number of the kernel in its program. */
  readonly kernel: number;
  readonly position: number;
  readonly index: number;
}

/**
 * The failure that a block of four words tells, where there is one. They are 0 while nothing has failed: as i32 the
 * kernel's number and 1, then nothing; as i64 the complement of the position in the upper half, so that an earlier one is
 * larger, and the index in the lower one.
 */
export function readFailure([kernel, , index, position]: ArrayLike<number> & Iterable<number>):
  | Failure
  | undefined {
  return kernel === 0 ? undefined : { kernel: kernel! - 1, position: ~position!, index: index! };
}

/** The parameters of a kernel that may fail, after the addresses of its operands. */
export interface FailureParameters {
  /** The address of the block, a multiple of 8. */
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

/** Kernels run one after the other, so what another kernel has left came before. */
function keep(
  code: Code,
  { block, kernel }: FailureParameters,
  { position, index }: { readonly position: Local; readonly index: Local },
): void {
  const mine = code.op("i32.add", kernel, code.i32(1));
  const before = code.op("i32.atomic.rmw.cmpxchg", block, code.i32(0), mine);
  const isFirst = code.op("i32.eqz", before);
  const isOfSame = code.op("i32.eq", before, mine);
  code.emit("local.get", code.op("i32.or", isFirst, isOfSame));
  code.emit("if");
  keepLarger(code, block, wordOf(code, position, index));
  code.emit("end");
}

function wordOf(code: Code, position: Local, index: Local): Local {
  const complement = code.op("i32.xor", position, code.i32(-1));
  code.emit("local.get", code.op("i64.extend_i32_u", complement));
  code.emit("i64.const", 32);
  code.emit("i64.shl");
  code.emit("local.get", code.op("i64.extend_i32_u", index));
  code.emit("i64.or");
  const word = code.local("i64");
  code.emit("local.set", word);
  return word;
}

/** Again only where another thread was faster. */
function keepLarger(code: Code, block: Local, word: Local): void {
  code.emit("loop");
  const known = code.opWith("i64.atomic.load", [8], block);
  code.emit("local.get", code.op("i64.lt_u", known, word));
  code.emit("if");
  const found = code.opWith("i64.atomic.rmw.cmpxchg", [8], block, known, word);
  code.emit("local.get", code.op("i64.ne", found, known));
  code.emit("br_if", 1);
  code.emit("end");
  code.emit("end");
}
