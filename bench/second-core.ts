// How much a second core adds at the moment: arithmetic in registers, which needs no memory and no order, done by one
// thread and by two. No program gains more from a second thread; on a virtual machine it is not always twice.

import { Worker } from "node:worker_threads";
import type { Features } from "../packages/compiler/src/wasm/code.ts";
import { flopPerTurn, roofModule } from "../packages/compiler/src/roof.ts";
import { compute, pieces, turns, type Shared } from "./second-core-worker.mjs";

/** The same arithmetic on one thread and on two, which share it piece by piece; `end` ends the other one. */
export interface SecondCore {
  readonly one: () => void;
  readonly two: () => void;
  /** Floating-point operations of a call of either. */
  readonly operations: number;
  readonly end: () => Promise<number>;
}

/** Starts the second thread. */
export async function secondCore(features: Features): Promise<SecondCore> {
  const shared: Shared = {
    module: new WebAssembly.Module(roofModule({ ...features, wide: false })),
    words: new Int32Array(new SharedArrayBuffer(12)),
  };
  const worker = new Worker(new URL("second-core-worker.mjs", import.meta.url), { workerData: shared });
  await new Promise((resolve) => worker.once("online", resolve));
  const work = compute(shared);
  const { words } = shared;
  const one = (): void => {
    Atomics.store(words, 0, 0);
    work();
  };
  const two = (): void => {
    Atomics.store(words, 0, 0);
    Atomics.add(words, 1, 1);
    Atomics.notify(words, 1);
    work();
    while (Atomics.load(words, 2) !== Atomics.load(words, 1));
  };
  two();
  return { one, two, operations: flopPerTurn * turns * pieces, end: () => worker.terminate() };
}
