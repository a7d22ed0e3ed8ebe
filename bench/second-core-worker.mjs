// The other thread of `second-core.ts`, and the work of both. Plain JavaScript: a thread starts without the loader.

import { isMainThread, workerData } from "node:worker_threads";

/**
 * What both threads have: the module of the arithmetic, and as 32-bit words the pieces taken, the calls, and the calls
 * that the second thread has done its part of.
 * @typedef {{ readonly module: WebAssembly.Module, readonly words: Int32Array<SharedArrayBuffer> }} Shared
 */

/** Pieces of a call: so many that it hardly matters which thread does the last one. */
export const pieces = 64;
/** Turns of a piece. */
export const turns = 10_000;

/**
 * A function that takes pieces until there are none.
 * @param {Shared} shared
 * @returns {() => void}
 */
export function compute({ module, words }) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const piece = /** @type {(turns: number) => number} */ (exports["compute"]);
  return () => {
    while (Atomics.add(words, 0, 1) < pieces) piece(turns);
  };
}

/** @param {Shared} shared */
function serve(shared) {
  const work = compute(shared);
  for (let calls = 0; ; calls++) {
    Atomics.wait(shared.words, 1, calls);
    work();
    Atomics.store(shared.words, 2, calls + 1);
  }
}

if (!isMainThread) serve(/** @type {Shared} */ (workerData));
