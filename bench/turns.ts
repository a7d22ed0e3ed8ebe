// Times functions of this process that take turns, so that all meet the same disturbances.

import { median, quantile } from "./statistics.ts";
import { calm, strain } from "./strain.mjs";

/** Milliseconds of a function. */
export interface TurnTime {
  /** Over all rounds. */
  readonly median: number;
  readonly least: number;
  /** Of every round. */
  readonly rounds: readonly number[];
  /** Of the rounds in which the core was calm, as `strain.mjs` tells. */
  readonly calm: readonly number[];
}

/** Milliseconds in which threads of this process had a core: not those that the host gave to others. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs of a function that together last so many milliseconds. */
export function runsFor(run: () => void, milliseconds: number): number {
  let runs = 0;
  const began = performance.now();
  do {
    run();
    runs++;
  } while (performance.now() - began < milliseconds);
  return Math.max(1, Math.round((runs * milliseconds) / (performance.now() - began)));
}

/** The times of functions over so many rounds, a block of milliseconds for each in every round. */
export function timeInTurns(
  functions: readonly (() => void)[],
  {
    rounds,
    block,
    clock = () => performance.now(),
  }: { readonly rounds: number; readonly block: number; readonly clock?: () => number },
): readonly TurnTime[] {
  // Twice: the first runs are those of code that is not optimized yet.
  for (const run of functions) runsFor(run, 3 * block);
  const counts = functions.map((run) => runsFor(run, block));
  for (let i = 0; i < 3; i++) strain();
  const times = functions.map(() => new Array<number>());
  const strains: number[] = [];
  for (let round = 0; round < rounds; round++) {
    let before = strain();
    for (const [place, run] of functions.entries()) {
      const count = counts[place] ?? 1;
      const began = clock();
      for (let i = 0; i < count; i++) run();
      times[place]?.push((clock() - began) / count);
      const after = strain();
      strains.push(Math.max(before, after));
      before = after;
    }
  }
  const isCalm = calm(strains);
  return times.map((samples, place) => ({
    median: median(samples),
    least: quantile(samples, 0),
    rounds: samples,
    calm: samples.filter((_, round) => isCalm[functions.length * round + place]),
  }));
}
