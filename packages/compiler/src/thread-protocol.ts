// How threads share the chunks of a kernel. The caller of `step` publishes a ticket in one 64-bit word, [program | call |
// end | next]; who replaces it by one whose `next` is 1 more, or `end` 1 less, has claimed a chunk. So a claim is always
// of the call that is running, and only by who runs the same program: several programs may use one memory in turn.
// Nobody waits for a thread that has not claimed anything.

import type { ConductorOptions } from "./conductor.ts";
import { nap, writeJoin, writeShare } from "./thread-caller.ts";
import { writeClaim } from "./thread-ticket.ts";
import { notify, store, writeWait, writeWake } from "./thread-words.ts";
import { writeWork } from "./thread-worker.ts";
import { writeFunction, type WriteBody } from "./wasm/code.ts";
import type { WasmFunction } from "./wasm/module.ts";

/** Bytes at the start of memory that threads use to talk to each other. */
export const controlBytes: number = 1024;

/** `share`, `work`, `enter`, `leave`, `fail` and what they call, over `task(call, chunk, scratch)`. */
export function threadFunctions(options: ConductorOptions): readonly WasmFunction[] {
  const define = (
    name: string,
    parameters: readonly "i32"[],
    results: readonly "i32"[],
    write: WriteBody,
  ): WasmFunction => writeFunction(name, { parameters, results }, options.features, write);
  return [
    define("wake", [], [], writeWake),
    define("nap", ["i32"], ["i32"], (code) => writeWait(code, "done", nap)),
    define("sleep", ["i32"], ["i32"], (code) => writeWait(code, "epoch", options.idle ?? 1000)),
    define("claimFirst", ["i32", "i32"], ["i32"], (code, program, scratch) =>
      writeClaim(code, { program, scratch, side: "first" }, options.scratchBytes),
    ),
    define("claimLast", ["i32", "i32"], ["i32"], (code, program, scratch) =>
      writeClaim(code, { program, scratch, side: "last" }, options.scratchBytes),
    ),
    define("join", ["i32"], ["i32"], (code) => writeJoin(code, options)),
    define("share", ["i32", "i32"], ["i32"], (code, call, chunks) =>
      writeShare(code, { call, chunks }, options),
    ),
    define("work", ["i32", "i32"], ["i32"], (code) => writeWork(code, options)),
    define("enter", ["i32"], [], (code) => {
      store(code, "program", () => code.emit("local.get", 0));
      code.emit("call", "wake");
    }),
    define("leave", [], [], (code) => {
      store(code, "program", 0);
      code.emit("call", "wake");
    }),
    define("fail", [], [], (code) => {
      store(code, "failed", 1);
      notify(code, "done");
    }),
  ];
}
