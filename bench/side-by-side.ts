// What both cores do at the moment: the same program on each, with a memory of its own and nothing to share or to wait
// for. No division of one program over two threads does more; on a virtual machine it is not always twice one core's.

import { Worker } from "node:worker_threads";
import type { CompiledProgram } from "@wengert/compiler";
import { measureBeside, stepOf, words, type Shared } from "./side-by-side-worker.mjs";

/** Two instances of a program. */
export interface SideBySide {
  /** Milliseconds a run, of both together: half of what one takes, where neither hinders the other. */
  readonly measure: () => number;
  readonly end: () => Promise<number>;
}

/** Starts the other thread; a measurement has so many runs on each. */
export async function sideBySide(program: CompiledProgram, runs: number): Promise<SideBySide> {
  const shared: Shared = {
    module: new WebAssembly.Module(program.bytes),
    bytes: program.memoryBytes,
    inputs: Object.values(program.feeds).map(({ address, bytes }) => ({ address, bytes })),
    words: new Int32Array(new SharedArrayBuffer(16)),
    time: new Float64Array(new SharedArrayBuffer(8)),
  };
  const worker = new Worker(new URL("side-by-side-worker.mjs", import.meta.url), {
    workerData: { ...shared, runs },
  });
  await new Promise((resolve) => worker.once("online", resolve));
  const step = stepOf(shared);
  let call = 0;
  const measure = (): number => {
    call++;
    Atomics.store(shared.words, words.begun, call);
    Atomics.notify(shared.words, words.begun);
    const mine = measureBeside(step, { runs, call, shared, role: "caller" });
    // What is timed next must not meet the other thread's last run.
    while (Atomics.load(shared.words, words.over) !== call);
    return 1 / (runs / mine + runs / shared.time[0]!);
  };
  measure();
  return { measure, end: () => worker.terminate() };
}
