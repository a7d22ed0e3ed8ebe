// What lowering a kernel gives: functions, and how they are called. Kernels run in chunks; the order in which an
// element's sum is taken does not depend on them, so that results are the same to the bit for any number of threads.

import type { Code } from "./wasm/code.ts";
import type { WasmFunction } from "./wasm/module.ts";

/** Functions by name, not yet written. */
export type SharedFunctions = ReadonlyMap<string, () => WasmFunction>;

/**
 * The code of one kernel. The first function is called once for every chunk, in any order and on any thread:
 * `(chunk: i32, scratch: i32, ...addresses: i32)`, where `scratch` is the address of `scratchBytes` bytes of the
 * thread's own (64-byte aligned), and the addresses are those of the kernel's operands, in bytes. Of a kernel with several
 * chunks, the first word of the scratch is 0 when a thread begins with a call, and then what the kernel has left there: it
 * may say what lies in the scratch since the thread's chunk before.
 * Names of functions are unique within the kernel; the caller renames them when modules are joined.
 */
export interface KernelCode {
  readonly functions: readonly WasmFunction[];
  /** What they call and other kernels may call too: the name says all that it depends on. It is written once a module. */
  readonly shared?: SharedFunctions;
  readonly chunks: number;
  readonly scratchBytes: number;
}

/** What a thread does when it has its first chunk of a call: nothing lies in its scratch, where it has one. */
export function writeClear(code: Code, pushScratch: () => void, scratchBytes: number): void {
  if (scratchBytes === 0) return;
  pushScratch();
  code.emit("i32.const", 0);
  code.emit("i32.store");
}

/** All functions of some kernels, those that they share once. */
export function functionsOf(codes: Iterable<KernelCode>): readonly WasmFunction[] {
  const all = [...codes];
  const shared = new Map(all.flatMap((code) => [...(code.shared ?? [])]));
  return [...[...shared.values()].map((write) => write()), ...all.flatMap(({ functions }) => functions)];
}
