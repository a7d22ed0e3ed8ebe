// How threads share the chunks of a kernel. The caller of `step` publishes a ticket in one 64-bit word, [program | call |
// chunks | next]; who replaces it by one whose `next` is 1 more has claimed a chunk. So a claim is always of the call
// that is running, and only by who runs the same program: several programs may use one memory in turn.
// Nobody waits for a thread that has not claimed anything.

import type { ConductorOptions } from "./conductor.ts";
import { type Code, type Local, writeFunction } from "./wasm/code.ts";
import type { WasmFunction } from "./wasm/module.ts";

/** Bytes at the start of memory that threads use to talk to each other. */
export const controlBytes: number = 1024;

/** Addresses of the words, each on two cache lines of its own, which processors fetch in pairs. */
const words = {
  /** i64: program << 48 | call << 32 | chunks << 16 | next chunk. */
  ticket: 0,
  /** i32: chunks of the call that others have finished. */
  done: 128,
  /** i32: how often sleepers have been woken; what they sleep on. */
  epoch: 256,
  /** i32: whether someone may sleep on the epoch. */
  parked: 384,
  /** i32: whether the caller of `step` may sleep on `done`. */
  waiting: 512,
  /** i32: the program that threads shall take part in, by its number; 0 for none. */
  program: 640,
  /** i32: whether a worker's chunk raised an error. */
  failed: 768,
} as const;

const bits = 16;
/** The largest number in a field of a ticket: of programs, calls and chunks. */
export const largestField: number = 2 ** bits - 1;
const fields = { next: 0, chunks: bits, call: 2 * bits, program: 3 * bits } as const;

/** Turns of a loop over two words in the cache: about 100 µs, twice what it takes to wake a thread. */
const spins = 100_000;
/** Such turns in a millisecond, at least on a slow machine, for threads that may not sleep. */
const spinsPerMillisecond = 1_000_000;
/** Milliseconds of one nap of the thread that calls `step`. */
const nap = 20;

/** `share`, `work`, `enter`, `leave`, `fail` and what they call, over `task(call, chunk, scratch)`. */
export function threadFunctions(options: ConductorOptions): readonly WasmFunction[] {
  const { features, scratchBase } = options;
  const define = (
    name: string,
    parameters: readonly "i32"[],
    results: readonly "i32"[],
    write: (code: Code) => void,
  ): WasmFunction => writeFunction(name, { parameters, results }, features, write);
  return [
    define("wake", [], [], writeWake),
    define("nap", ["i32"], ["i32"], (code) => writeWait(code, "done", nap)),
    define("sleep", ["i32"], ["i32"], (code) => writeWait(code, "epoch", options.idle ?? 1000)),
    define("claim", ["i32", "i32"], ["i32"], writeClaim),
    define("join", ["i32"], ["i32"], (code) => writeJoin(code, options)),
    define("share", ["i32", "i32"], ["i32"], (code) => writeShare(code, scratchBase)),
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

function load(code: Code, word: keyof typeof words): void {
  code.emit("i32.const", 0);
  code.emit("i32.atomic.load", words[word]);
}

/** Stores a number, or what `value` pushes. */
function store(code: Code, word: keyof typeof words, value: number | (() => void)): void {
  code.emit("i32.const", 0);
  if (typeof value === "number") code.emit("i32.const", value);
  else value();
  code.emit("i32.atomic.store", words[word]);
}

function notify(code: Code, word: keyof typeof words): void {
  code.emit("i32.const", 0);
  code.emit("i32.const", -1);
  code.emit("memory.atomic.notify", words[word]);
  code.emit("drop");
}

/**
 * A function of its own that sleeps while a word is as the parameter says; 1 when the time is over, else 0.
 * The baseline compiler of V8 11.3 (Node 20) loses locals across such an instruction, so there are none here to lose.
 */
function writeWait(code: Code, word: keyof typeof words, milliseconds: number): void {
  code.emit("i32.const", 0);
  code.emit("local.get", 0);
  code.emit("i64.const", milliseconds * 1e6);
  code.emit("memory.atomic.wait32", words[word]);
  code.emit("i32.const", 2);
  code.emit("i32.eq");
}

/** Adds what `push` leaves on the stack; leaves the old value there. */
function add(code: Code, word: keyof typeof words, push: () => void): void {
  code.emit("i32.const", 0);
  push();
  code.emit("i32.atomic.rmw.add", words[word]);
}

/** Reads the ticket into a local. */
function readTicket(code: Code, ticket: Local): void {
  code.emit("i32.const", 0);
  code.emit("i64.atomic.load", words.ticket);
  code.emit("local.set", ticket);
}

/** Pushes whether the ticket is of the program and its next chunk exists. */
function pushOpen(code: Code, ticket: Local, program: Local): void {
  pushField(code, ticket, "program");
  code.emit("local.get", program);
  code.emit("i32.eq");
  pushField(code, ticket, "next");
  pushField(code, ticket, "chunks");
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

/** Lowers the flag before it raises the epoch: who raises the flag later has seen the new epoch, or does not sleep. */
function writeWake(code: Code): void {
  load(code, "parked");
  code.emit("if");
  store(code, "parked", 0);
  add(code, "epoch", () => code.emit("i32.const", 1));
  code.emit("drop");
  notify(code, "epoch");
  code.emit("end");
}

/** `claim(program, scratch): i32`: runs chunks until there are none to claim; how many. */
function writeClaim(code: Code): void {
  const [program, scratch] = code.parameters as [Local, Local];
  const ticket = code.local("i64");
  const count = code.local("i32");
  code.emit("loop");
  readTicket(code, ticket);
  pushOpen(code, ticket, program);
  code.emit("if");
  code.emit("i32.const", 0);
  code.emit("local.get", ticket);
  code.emit("local.get", ticket);
  code.emit("i64.const", 1);
  code.emit("i64.add");
  code.emit("i64.atomic.rmw.cmpxchg", words.ticket);
  code.emit("local.get", ticket);
  code.emit("i64.ne");
  // Another thread was faster.
  code.emit("br_if", 1);
  pushField(code, ticket, "call");
  pushField(code, ticket, "next");
  code.emit("local.get", scratch);
  code.emit("call", "task");
  increment(code, count);
  code.emit("local.set", count);
  code.emit("br", 1);
  code.emit("end");
  code.emit("end");
  code.emit("local.get", count);
}

/** Pushes a local's value and 1 more than that. */
function increment(code: Code, local: Local): void {
  code.emit("local.get", local);
  code.emit("i32.const", 1);
  code.emit("i32.add");
}

/** `share(call, chunks): i32`: publishes a call, runs its chunks with the others; 0, or 1 when they failed. */
function writeShare(code: Code, scratch: number): void {
  const [call, chunks] = code.parameters as [Local, Local];
  const [mine, program] = [code.local("i32"), code.local("i32")];
  // After a failure, a thread may still be in a chunk.
  load(code, "failed");
  returnIf(code, 1);
  load(code, "program");
  code.emit("local.set", program);
  store(code, "done", 0);
  code.emit("i32.const", 0);
  // The first chunk is the publisher's.
  code.emit("i64.const", 1);
  for (const [local, field] of [
    [chunks, "chunks"],
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
  code.emit("call", "wake");
  code.emit("local.get", call);
  code.emit("i32.const", 0);
  code.emit("i32.const", scratch);
  code.emit("call", "task");
  code.emit("local.get", program);
  code.emit("i32.const", scratch);
  code.emit("call", "claim");
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
function writeJoin(code: Code, options: ConductorOptions): void {
  const patience = options.patience ?? 10_000;
  const [done, turns, naps] = [code.local("i32"), code.local("i64"), code.local("i32")];
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
    code.emit("i32.const", Math.ceil(patience / nap));
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

function returnIf(code: Code, result: number): void {
  code.emit("if");
  code.emit("i32.const", result);
  code.emit("return");
  code.emit("end");
}

/** `work(thread, program): i32`: claims chunks, spins while there are none, then sleeps. */
function writeWork(code: Code, { scratchBase, scratchBytes }: ConductorOptions): void {
  const [scratch, turns] = [code.local("i32"), code.local("i32")];
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
  code.emit("call", "claim");
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
