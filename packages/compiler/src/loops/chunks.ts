// How a loop nest is shared among threads, and how many vectors are in flight: both by the work, never by the number
// of threads, so that results are the same to the bit for any.

import { vectorFunctions } from "../functions/index.ts";
import type { Step } from "../kernel.ts";
import type { Nest } from "./nest.ts";

/** Equal pieces of the outermost loop. */
export interface Chunks {
  readonly count: number;
  /** Turns of the outermost loop in each but the last. */
  readonly length: number;
  readonly total: number;
}

/** Work of one of many chunks, in simple operations: some microseconds, well above the cost of sharing. */
const workOfChunk = 32_768;
const mostChunks = 64;
/** Work that is shared at least: half of it takes about as long as what the other thread would have to fetch. */
const leastWork = 16_384;

/** Simple operations that take about as long as one of these. */
function weightOf(step: Step): number {
  if (step.kind !== "apply") return step.kind === "load" ? 1 : 0.25;
  return costly.has(step.primitive) ? 16 : 1;
}

/** Primitives whose vector code is long: all but roots, which are instructions. */
export const costly: ReadonlySet<string> = new Set(
  Object.keys(vectorFunctions).filter((name) => name !== "sqrt" && name !== "rsqrt"),
);

/** The chunks of a nest: one where there is little to do, or nothing but a fold. */
export function chunksOf({ loops, kept, steps, vectorLoop }: Nest): Chunks {
  const total = loops[0]?.size ?? 1;
  const whole: Chunks = { count: 1, length: total, total };
  if (kept === 0) return whole;
  const work = loops.reduce(
    (product, { size }) => product * size,
    steps.reduce((sum, step) => sum + weightOf(step), 0),
  );
  if (work < leastWork) return whole;
  // Whole cache lines, so that no two threads write to one.
  const unit = vectorLoop === 0 ? 64 : 1;
  return divided(total, { unit, wanted: Math.min(mostChunks, Math.max(2, Math.round(work / workOfChunk))) });
}

/**
 * About as many equal pieces of whole units as are wanted, fewer where each of two threads then gets more nearly the half,
 * which it has in products, too: what lies in another core's caches may come from afar.
 */
function divided(total: number, { unit, wanted }: { unit: number; wanted: number }): Chunks {
  let best: Chunks = { count: 1, length: total, total };
  let least = total;
  const most = Math.min(mostChunks, Math.floor(1.25 * wanted));
  for (let pieces = most; 2 * pieces >= wanted && 64 * least > total; pieces--) {
    const length = Math.ceil(total / pieces / unit) * unit;
    const count = Math.ceil(total / length);
    // The last piece is shorter by so much; one of an odd number is the last of all.
    const missing = count * length - total;
    const off = count % 2 === 0 ? missing : length - missing;
    if (off >= least) continue;
    best = { count, length, total };
    least = off;
  }
  return best;
}

/** Points of a nest of several passes for which more code would cost more to compile than thousands of runs win by it. */
const fewPoints = 8192;

/**
 * Vectors side by side: more where there is little to compute, so that loops cost less and latencies overlap; and where
 * several passes go over the same memory, so that each uses whole cache lines and folds do not wait for themselves.
 */
export function unrollOf({ loops, kept, steps, passes, vectorLoop, lanes }: Nest): number {
  const weight = steps.reduce((sum, step) => sum + weightOf(step), 0);
  if (passes > 1) {
    const points = loops.reduce((product, { size }) => product * size, 1);
    const vectors = (loops[vectorLoop]?.size ?? 1) / lanes;
    // Along what is folded, as many vectors as ever: they decide in which order sums are taken.
    const isShort = points < fewPoints && vectorLoop < kept;
    if (weight > 128 || isShort || vectors < 2) return 1;
    return vectors < 4 ? 2 : 4;
  }
  if (weight <= 16) return 4;
  return weight <= 48 ? 2 : 1;
}

/** Values that a partial sum takes in, one after another, before it is added to the whole. */
const valuesOfBlock = 512;

/**
 * How many turns of the outermost reduced loop are summed by themselves; undefined where that is all of them. Rounding
 * errors of a long sum grow with the length of a block and the number of blocks, not with their product (Higham 1993, The
 * accuracy of floating point summation). The number does not depend on how long that loop is, which a program may learn
 * when it runs, and leaves whole vectors.
 */
export function blockTurns({ loops, kept, vectorLoop, lanes }: Nest, unroll: number): number | undefined {
  const inner = loops.slice(kept + 1).reduce((product, { size }) => product * size, 1);
  const side = vectorLoop < kept ? 1 : unroll * lanes;
  const turns = Math.max(1, Math.floor((valuesOfBlock * side) / inner));
  const whole = vectorLoop === kept ? Math.ceil(turns / 64) * 64 : turns;
  return whole < loops[kept]!.size ? whole : undefined;
}
