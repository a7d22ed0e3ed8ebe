// The side of the other threads: they claim chunks, spin while there are none, then park, and leave after a long time or
// when another program is to be worked on.

import type { ConductorOptions } from "./conductor.ts";
import { add, increment, load, notify, returnIf, spins, store } from "./thread-words.ts";
import { pushOpen, readTicket } from "./thread-ticket.ts";
import type { Code, Local } from "./wasm/code.ts";

/** `work(thread, program): i32`: claims chunks, spins while there are none, then sleeps. */
export function writeWork(code: Code, { scratchBase, scratchBytes }: ConductorOptions): void {
  const scratch = code.local("i32");
  const turns = code.local("i32");
  code.emit("local.get", 0);
  code.emit("i32.const", scratchBytes);
  code.emit("i32.mul");
  code.emit("i32.const", scratchBase);
  code.emit("i32.add");
  code.emit("local.set", scratch);
  code.emit("loop");
  code.emit("block");
  code.emit("i32.const", 0);
  code.emit("local.set", turns);
  code.emit("loop");
  look(code, 1);
  increment(code, turns);
  code.emit("local.tee", turns);
  code.emit("i32.const", spins);
  code.emit("i32.lt_u");
  code.emit("br_if", 0);
  code.emit("end");
  writePark(code);
  code.emit("br", 1);
  code.emit("end");
  writeFinish(code, scratch);
  code.emit("br", 0);
  code.emit("end");
  code.emit("unreachable");
}

/**
 * Reads the epoch, raises the flag, looks again, sleeps unless the epoch has changed. So a ticket that is published
 * before the second look is seen, and one after it finds the flag raised. Returns 1 when the time is over; branches out
 * of the innermost block when there is a chunk.
 */
function writePark(code: Code): void {
  const epoch = code.local("i32");
  load(code, "epoch");
  code.emit("local.set", epoch);
  store(code, "parked", 1);
  look(code, 0);
  code.emit("local.get", epoch);
  code.emit("call", "sleep");
  returnIf(code, 1);
}

/** Returns 0 when another program is to be taken part in; branches out of `depth + 1` blocks when there is a chunk. */
function look(code: Code, depth: number): void {
  const program = code.parameters[1]!;
  load(code, "program");
  code.emit("local.get", program);
  code.emit("i32.ne");
  returnIf(code, 0);
  const ticket = code.local("i64");
  readTicket(code, ticket);
  pushOpen(code, ticket, program);
  code.emit("br_if", depth);
}

/** Claims and runs chunks, and says how many in one addition. */
function writeFinish(code: Code, scratch: Local): void {
  const count = code.local("i32");
  code.emit("local.get", code.parameters[1]!);
  code.emit("local.get", scratch);
  code.emit("call", "claimLast");
  code.emit("local.tee", count);
  code.emit("if");
  add(code, "done", () => code.emit("local.get", count));
  code.emit("drop");
  load(code, "waiting");
  code.emit("if");
  notify(code, "done");
  code.emit("end");
  code.emit("end");
}
