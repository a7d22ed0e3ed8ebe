// The words at the start of memory through which threads talk to each other, and the instructions on them. Everything
// here is atomic; what the words mean together is said in thread-protocol.ts.

import type { Code, Local } from "./wasm/code.ts";

/** Addresses of the words, each on two cache lines of its own, which processors fetch in pairs. */
export const words = {
  /** i64: program << 48 | call << 32 | end << 16 | next, where the chunks from next to before end are to be claimed. */
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

/** Turns of a loop over two words in the cache: about 100 µs, twice what it takes to wake a thread. */
export const spins = 100_000;

/** The name of a word. */
export type Word = keyof typeof words;

/** Pushes a word. */
export function load(code: Code, word: Word): void {
  code.emit("i32.const", 0);
  code.emit("i32.atomic.load", words[word]);
}

/** Stores a number, or what `value` pushes. */
export function store(code: Code, word: Word, value: number | (() => void)): void {
  code.emit("i32.const", 0);
  if (typeof value === "number") code.emit("i32.const", value);
  else value();
  code.emit("i32.atomic.store", words[word]);
}

/** Wakes whoever sleeps on a word. */
export function notify(code: Code, word: Word): void {
  code.emit("i32.const", 0);
  code.emit("i32.const", -1);
  code.emit("memory.atomic.notify", words[word]);
  code.emit("drop");
}

/** Adds what `push` leaves on the stack; leaves the old value there. */
export function add(code: Code, word: Word, push: () => void): void {
  code.emit("i32.const", 0);
  push();
  code.emit("i32.atomic.rmw.add", words[word]);
}

/**
 * A function of its own that sleeps while a word is as the parameter says; 1 when the time is over, else 0.
 * The baseline compiler of V8 11.3 (Node 20) loses locals across such an instruction, so there are none here to lose.
 */
export function writeWait(code: Code, word: Word, milliseconds: number): void {
  code.emit("i32.const", 0);
  code.emit("local.get", 0);
  code.emit("i64.const", milliseconds * 1e6);
  code.emit("memory.atomic.wait32", words[word]);
  code.emit("i32.const", 2);
  code.emit("i32.eq");
}

/** Lowers the flag before it raises the epoch: who raises the flag later has seen the new epoch, or does not sleep. */
export function writeWake(code: Code): void {
  load(code, "parked");
  code.emit("if");
  store(code, "parked", 0);
  add(code, "epoch", () => code.emit("i32.const", 1));
  code.emit("drop");
  notify(code, "epoch");
  code.emit("end");
}

/** Pushes a local's value and 1 more than that. */
export function increment(code: Code, local: Local): void {
  code.emit("local.get", local);
  code.emit("i32.const", 1);
  code.emit("i32.add");
}

/** Returns a number from the function when what is on the stack is not 0. */
export function returnIf(code: Code, result: number): void {
  code.emit("if");
  code.emit("i32.const", result);
  code.emit("return");
  code.emit("end");
}
