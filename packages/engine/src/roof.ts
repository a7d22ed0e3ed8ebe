// What one thread of this machine does at most: multiplications and additions in registers, and bytes copied.

import { flopPerTurn, roofModule, type Features } from "@wengert/compiler";
import { createMemory, pageBytes } from "./memory.ts";

/** The limits of one thread. */
export interface Roof {
  /** Floating-point operations a nanosecond (GFLOP/s), f32. */
  readonly flop: number;
  /** Bytes read and written a nanosecond (GB/s), over 32 MiB. */
  readonly bytes: number;
}

interface RoofExports {
  compute(turns: number): number;
  copy(to: number, from: number, bytes: number): void;
}

const copied = 16 * 2 ** 20;

/** Measures the limits, in about a tenth of a second. */
export function measureRoof(features: Features): Roof {
  const memory = createMemory({ pages: 1 + (2 * copied) / pageBytes, maximumPages: 65_536, shared: false });
  const module = new WebAssembly.Module(roofModule(features));
  // The module has these functions.
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as RoofExports;
  const turns = 200_000;
  const compute = fastest(() => exports.compute(turns));
  const copy = fastest(() => exports.copy(copied, 0, copied));
  return { flop: (turns * flopPerTurn) / compute, bytes: (2 * copied) / copy };
}

/** Nanoseconds of the fastest of some runs. */
function fastest(run: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 12; i++) {
    const began = performance.now();
    run();
    best = Math.min(best, performance.now() - began);
  }
  return best * 1e6;
}
