// The side of the thread that calls `step`: it publishes a call, works on its chunks like all others, and waits for those
// that others have claimed, for a while.

import type { ConductorOptions } from "./conductor.ts";
import { writeClear } from "./kernel-code.ts";
import { writePublish } from "./thread-ticket.ts";
import { load, returnIf, spins, store } from "./thread-words.ts";
import type { Code, Local } from "./wasm/code.ts";

/** Turns of a spinning loop in a millisecond, at least on a slow machine, for threads that may not sleep. */
const spinsPerMillisecond = 1_000_000;
/** Milliseconds of one nap of the thread that calls `step`. */
export const nap = 20;
const mostNaps = 2 ** 31 - 1;

/** `share(call, chunks): i32`: publishes a call, runs its chunks with the others; 0, or 1 when they failed. */
export function writeShare(
  code: Code,
  { call, chunks }: { readonly call: Local; readonly chunks: Local },
  { scratchBase: scratch, scratchBytes }: ConductorOptions,
): void {
  const mine = code.local("i32");
  const program = code.local("i32");
  // After a failure, a thread may still be in a chunk.
  load(code, "failed");
  returnIf(code, 1);
  load(code, "program");
  code.emit("local.set", program);
  store(code, "done", 0);
  writePublish(code, { program, call, chunks });
  code.emit("call", "wake");
  writeClear(code, () => code.emit("i32.const", scratch), scratchBytes);
  code.emit("local.get", call);
  code.emit("i32.const", 0);
  code.emit("i32.const", scratch);
  code.emit("call", "task");
  code.emit("local.get", program);
  code.emit("i32.const", scratch);
  code.emit("call", "claimFirst");
  code.emit("local.set", mine);
  // What is neither the first chunk nor among the claimed ones is the others'.
  code.emit("local.get", chunks);
  code.emit("i32.const", 1);
  code.emit("i32.sub");
  code.emit("local.get", mine);
  code.emit("i32.sub");
  code.emit("call", "join");
}

/** `join(target): i32`: waits until the others have finished so many chunks; 0, or 1 when they failed. */
export function writeJoin(code: Code, options: ConductorOptions): void {
  const patience = options.patience ?? 10_000;
  const done = code.local("i32");
  const turns = code.local("i64");
  const naps = code.local("i32");
  const limit = options.blocking === true ? spins : patience * spinsPerMillisecond;
  code.emit("loop");
  load(code, "done");
  code.emit("local.tee", done);
  code.emit("local.get", 0);
  code.emit("i32.eq");
  returnIf(code, 0);
  load(code, "failed");
  returnIf(code, 1);
  code.emit("local.get", turns);
  code.emit("i64.const", 1);
  code.emit("i64.add");
  code.emit("local.tee", turns);
  code.emit("i64.const", limit);
  code.emit("i64.lt_u");
  code.emit("br_if", 0);
  if (options.blocking === true) {
    writeNap(code, done, naps);
    code.emit("local.get", naps);
    code.emit("i32.const", Math.min(mostNaps, Math.ceil(patience / nap)));
    code.emit("i32.lt_u");
    code.emit("br_if", 0);
  }
  code.emit("end");
  // Given up: no later call may start while a thread still writes for this one.
  store(code, "failed", 1);
  code.emit("i32.const", 1);
}

/** Sleeps until `done` changes, for 20 ms at most; counts the naps that ended with the time. */
function writeNap(code: Code, done: Local, naps: Local): void {
  store(code, "waiting", 1);
  code.emit("local.get", done);
  code.emit("call", "nap");
  code.emit("local.get", naps);
  code.emit("i32.add");
  code.emit("local.set", naps);
  store(code, "waiting", 0);
}
