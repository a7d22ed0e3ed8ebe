// The other thread of `side-by-side.ts`, and the work of both. Plain JavaScript: a thread starts without the loader.

import { isMainThread, workerData } from "node:worker_threads";

/**
 * What both threads have: a program's module, how large its memory is and which parts of it hold inputs, and two places
 * where they agree. `words` are the calls that have begun, the calls that the caller and the other thread have measured,
 * and those that are over; `time` is what the other thread measured.
 * @typedef {object} Shared
 * @property {WebAssembly.Module} module
 * @property {number} bytes
 * @property {readonly { readonly address: number, readonly bytes: number }[]} inputs
 * @property {Int32Array<SharedArrayBuffer>} words
 * @property {Float64Array<SharedArrayBuffer>} time
 */

/** What each of the words counts. */
export const words = { begun: 0, caller: 1, other: 2, over: 3 };

/**
 * An instance of the program in a memory of its own, with inputs of ones.
 * @param {Shared} shared
 * @returns {() => void}
 */
export function stepOf({ module, bytes, inputs }) {
  const pages = Math.ceil(bytes / 65_536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  for (const { address, bytes: length } of inputs)
    new Float32Array(memory.buffer, address, length / 4).fill(1);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return /** @type {() => void} */ (exports["step"]);
}

/**
 * Milliseconds of so many runs, after two that wake a core from its sleep; then goes on until the other thread has measured its own, so that neither is ever alone.
 * @param {() => void} step
 * @param {{ readonly runs: number, readonly call: number, readonly shared: Shared, readonly role: "caller" | "other" }} options
 */
export function measureBeside(step, { runs, call, shared, role }) {
  if (runs > 1) for (let i = 0; i < 2; i++) step();
  const began = performance.now();
  for (let i = 0; i < runs; i++) step();
  const milliseconds = performance.now() - began;
  if (role === "other") shared.time[0] = milliseconds;
  Atomics.store(shared.words, words[role], call);
  while (Atomics.load(shared.words, words[role === "caller" ? "other" : "caller"]) !== call) step();
  return milliseconds;
}

/** @param {Shared & { readonly runs: number }} shared */
function serve(shared) {
  const step = stepOf(shared);
  for (let call = 1; ; call++) {
    Atomics.wait(shared.words, words.begun, call - 1);
    measureBeside(step, { runs: shared.runs, call, shared, role: "other" });
    Atomics.store(shared.words, words.over, call);
  }
}

if (!isMainThread) serve(/** @type {Shared & { readonly runs: number }} */ (workerData));
