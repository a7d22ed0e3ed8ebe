// Times functions of this process that take turns, so that all meet the same disturbances.

import { median } from "./statistics.ts";

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

/** Milliseconds of so many runs. */
function timeOf(run: () => void, runs: number): number {
  const began = performance.now();
  for (let i = 0; i < runs; i++) run();
  return performance.now() - began;
}

/** Median milliseconds of functions over so many rounds, a block of milliseconds for each in every round. */
export function timeInTurns(
  functions: readonly (() => void)[],
  { rounds, block }: { readonly rounds: number; readonly block: number },
): readonly number[] {
  warmUp(functions, block);
  const counts = functions.map((run) => runsFor(run, block));
  const times = functions.map(() => new Array<number>());
  for (let round = 0; round < rounds; round++) {
    for (const [place, run] of functions.entries()) {
      const count = counts[place] ?? 1;
      times[place]?.push(timeOf(run, count) / count);
    }
  }
  return times.map(median);
}

/** Twice: the first runs are those of code that is not optimized yet. */
function warmUp(functions: readonly (() => void)[], block: number): void {
  for (const run of functions) runsFor(run, 3 * block);
}

/** Milliseconds of a function in a round, and of a measure that took turns with it. */
export interface TimeBeside {
  readonly time: number;
  readonly measure: number;
}

/** Milliseconds for which a function runs, once at least, before the measure does, and the part of it that the measure takes then. */
const slice = 2;
const measured = 1 / 4;

/**
 * The times of functions, each in slices between which a measure runs, a fourth as long. What a core does changes within
 * milliseconds where others share it; so close together, function and measure meet the same.
 */
export function timeBeside(
  functions: readonly (() => void)[],
  measure: () => void,
  { rounds, block }: { readonly rounds: number; readonly block: number },
): readonly (readonly TimeBeside[])[] {
  warmUp([measure, ...functions], block);
  const least = timeOf(measure, 100) / 100;
  const plans = functions.map((run) => {
    const runs = runsFor(run, slice);
    const long = timeOf(run, runs);
    return {
      run,
      runs,
      measures: Math.max(1, Math.round((measured * long) / least)),
      slices: Math.max(1, Math.round(block / long)),
    };
  });
  const times = functions.map(() => new Array<TimeBeside>());
  for (let round = 0; round < rounds; round++) {
    for (const [place, { run, runs, measures, slices }] of plans.entries()) {
      let [time, beside] = [0, 0];
      for (let i = 0; i < slices; i++) {
        time += timeOf(run, runs);
        beside += timeOf(measure, measures);
      }
      times[place]?.push({ time: time / (runs * slices), measure: beside / (measures * slices) });
    }
  }
  return times;
}
