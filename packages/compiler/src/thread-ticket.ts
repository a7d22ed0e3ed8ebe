// The ticket: the one word, [program | call | end | next], from which threads claim the chunks from `next` to before `end`.
// Who replaces it by one whose `next` is 1 more, or `end` 1 less, has claimed a chunk, so no chunk is claimed twice, and
// none of a call that is over.

import { writeClear } from "./kernel-code.ts";
import type { Code, Local } from "./wasm/code.ts";
import { increment, words } from "./thread-words.ts";

const bits = 16;
/** The largest number in a field of a ticket: of programs, calls and chunks. */
export const largestField: number = 2 ** bits - 1;
const fields = { next: 0, end: bits, call: 2 * bits, program: 3 * bits } as const;

/** Reads the ticket into a local. */
export function readTicket(code: Code, ticket: Local): void {
  code.emit("i32.const", 0);
  code.emit("i64.atomic.load", words.ticket);
  code.emit("local.set", ticket);
}

/** Pushes whether the ticket is of the program and has a chunk to claim. */
export function pushOpen(code: Code, ticket: Local, program: Local): void {
  pushField(code, ticket, "program");
  code.emit("local.get", program);
  code.emit("i32.eq");
  pushField(code, ticket, "next");
  pushField(code, ticket, "end");
  code.emit("i32.lt_u");
  code.emit("i32.and");
}

function pushField(code: Code, ticket: Local, field: keyof typeof fields): void {
  code.emit("local.get", ticket);
  if (fields[field] > 0) {
    code.emit("i64.const", fields[field]);
    code.emit("i64.shr_u");
  }
  code.emit("i32.wrap_i64");
  // The program is the topmost field.
  if (field === "program") return;
  code.emit("i32.const", largestField);
  code.emit("i32.and");
}

/** Publishes a call of a program with its chunks; the first of them is the publisher's. */
export function writePublish(
  code: Code,
  { program, call, chunks }: { readonly program: Local; readonly call: Local; readonly chunks: Local },
): void {
  code.emit("i32.const", 0);
  code.emit("i64.const", 1);
  for (const [local, field] of [
    [chunks, "end"],
    [call, "call"],
    [program, "program"],
  ] as const) {
    code.emit("local.get", local);
    code.emit("i64.extend_i32_u");
    code.emit("i64.const", fields[field]);
    code.emit("i64.shl");
    code.emit("i64.or");
  }
  code.emit("i64.atomic.store", words.ticket);
}

interface Claims {
  readonly program: Local;
  readonly scratch: Local;
  readonly side: "first" | "last";
}

/**
 * `claimFirst(program, scratch): i32` and `claimLast`: run chunks from one side until there are none to claim; how many.
 * The caller of `step` takes the first, others the last: so a thread meets about the same part of a matrix from call to
 * call, which its caches still hold, where chunks taken in turn would wander from core to core. All are of one call, which
 * does not end before they are counted. Before a chunk is claimed nothing may be written: the memory may be another
 * program's by now.
 */
export function writeClaim(code: Code, { program, scratch, side }: Claims, scratchBytes: number): void {
  const ticket = code.local("i64");
  const count = code.local("i32");
  code.emit("loop");
  readTicket(code, ticket);
  pushOpen(code, ticket, program);
  code.emit("if");
  code.emit("i32.const", 0);
  code.emit("local.get", ticket);
  code.emit("local.get", ticket);
  code.emit("i64.const", side === "first" ? 1 : -(2 ** fields.end));
  code.emit("i64.add");
  code.emit("i64.atomic.rmw.cmpxchg", words.ticket);
  code.emit("local.get", ticket);
  code.emit("i64.ne");
  // Another thread was faster.
  code.emit("br_if", 1);
  if (side === "last" && scratchBytes > 0) {
    code.emit("local.get", count);
    code.emit("i32.eqz");
    code.emit("if");
    writeClear(code, () => code.emit("local.get", scratch), scratchBytes);
    code.emit("end");
  }
  pushField(code, ticket, "call");
  pushField(code, ticket, side === "first" ? "next" : "end");
  if (side === "last") {
    code.emit("i32.const", 1);
    code.emit("i32.sub");
  }
  code.emit("local.get", scratch);
  code.emit("call", "task");
  increment(code, count);
  code.emit("local.set", count);
  code.emit("br", 1);
  code.emit("end");
  code.emit("end");
  code.emit("local.get", count);
}
