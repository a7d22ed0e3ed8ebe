// Where and when something was measured.

import { availableParallelism, cpus, loadavg, release, type } from "node:os";

/** A machine at a time. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly system: string;
  readonly node: string;
  readonly v8: string;
  /** Processes that wanted to run in the minute before. */
  readonly load: number;
}

/** Whether the machine does so much other work that times say little: what waits to run, over half of the cores. */
export function isBusy({ load, cores }: Machine): boolean {
  return load > cores / 2;
}

/** This machine, now. */
export function describeMachine(): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    v8: process.versions.v8,
    load: loadavg()[0] ?? 0,
  };
}
