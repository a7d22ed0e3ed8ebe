// One pass over the examples in mini-batches, and what a validation set says after it.

import { InputError, type Arrays, type NdArray, type Program, type Resident } from "@wengert/tensor";
import { permutation } from "./datasets/permutation.ts";
import { columnsAt, type ExampleRows } from "./columns.ts";
import type { Examples } from "./examples-check.ts";

/** What is known after an epoch. */
export interface EpochRecord {
  /** From 1. */
  readonly epoch: number;
  /** The mean cost of the epoch's examples, each at the time of its own batch. */
  readonly cost: number;
  /** The share of the epoch's examples that were right at the time of their own batch. */
  readonly accuracy: number;
  readonly validationCost?: number;
  readonly validationAccuracy?: number;
  readonly examplesPerSecond: number;
}

/** What is known after a batch. */
export interface BatchRecord {
  readonly epoch: number;
  /** From 1, of `batches` an epoch. */
  readonly batch: number;
  readonly batches: number;
  readonly examples: number;
  readonly cost: number;
  readonly accuracy: number;
}

/** Where a cost was no longer finite. */
export interface Divergence {
  readonly epoch: number;
  readonly batch: number;
  readonly cost: number;
  /** Says so in words. */
  readonly error: InputError;
}

/** What a run of training keeps. */
export interface Run {
  readonly X: ExampleRows;
  readonly Y: ExampleRows;
  readonly resident: Resident;
  readonly batchSize: number;
  readonly seed: number;
  readonly shuffle: boolean;
  readonly validation?: {
    readonly examples: Examples;
    readonly program: Program;
    readonly names: readonly string[];
  };
  readonly onBatch?: (record: BatchRecord) => void;
  readonly signal?: AbortSignal;
  /** A promise to await where others have not had a turn for a while. */
  readonly pause: () => Promise<void> | undefined;
}

/** How an epoch ended. */
export interface EpochOutcome {
  /** Absent when no batch was run. */
  readonly record?: EpochRecord;
  readonly aborted: boolean;
  readonly divergence?: Divergence;
}

/** Gives timers, signals and a browser's page a turn when the last one was `milliseconds` ago. */
export function pauseAfter(milliseconds: number): Run["pause"] {
  let rested = performance.now();
  return () => {
    if (performance.now() - rested < milliseconds) return undefined;
    return new Promise((resolve) => {
      setTimeout(() => {
        rested = performance.now();
        resolve();
      }, 0);
    });
  };
}

/** Runs every batch once, in the epoch's order, unless the signal or a cost that is not finite ends it. */
export async function runEpoch(run: Run, epoch: number): Promise<EpochOutcome> {
  const { X, Y, resident, batchSize, signal } = run;
  const m = X.count;
  const batches = Math.ceil(m / batchSize);
  const order = run.shuffle ? permutation(m, run.seed, epoch) : Uint32Array.from({ length: m }, (_, i) => i);
  const sums = { cost: 0, accuracy: 0, examples: 0 };
  const began = performance.now();
  for (let batch = 1; batch <= batches && !isAborted(signal); batch++) {
    const positions = order.subarray((batch - 1) * batchSize, batch * batchSize);
    const outputs = resident.run({ X: columnsAt(X, positions), Y: columnsAt(Y, positions) });
    const [cost, accuracy] = [scalarOf(outputs, "cost"), scalarOf(outputs, "accuracy")];
    const examples = positions.length;
    if (!Number.isFinite(cost)) return { aborted: false, divergence: divergenceAt(epoch, batch, cost) };
    sums.cost += cost * examples;
    sums.accuracy += accuracy * examples;
    sums.examples += examples;
    run.onBatch?.(Object.freeze({ epoch, batch, batches, examples, cost, accuracy }));
    const pause = run.pause();
    if (pause !== undefined) await pause;
  }
  const aborted = isAborted(signal);
  if (sums.examples === 0) return { aborted };
  if (!allFinite(resident.state())) return { aborted, divergence: divergenceAt(epoch, batches, Number.NaN) };
  const examplesPerSecond = sums.examples / ((performance.now() - began) / 1000);
  const averages = { cost: sums.cost / sums.examples, accuracy: sums.accuracy / sums.examples };
  return { aborted, record: Object.freeze({ epoch, ...averages, ...validate(run), examplesPerSecond }) };
}

const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted ?? false;

function divergenceAt(epoch: number, batch: number, cost: number): Divergence {
  const rule = "the cost and all parameters must stay finite";
  const error = new InputError(`fit: ${rule}, got ${cost} at batch ${batch} of epoch ${epoch}`, {
    help: "a lower learning rate, or inputs of mean 0 and variance 1, may keep them so",
  });
  return Object.freeze({ epoch, batch, cost, error });
}

function allFinite(state: Arrays): boolean {
  return Object.values(state).every(({ data }) => {
    for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
    return true;
  });
}

function validate({ validation, resident }: Run): Pick<EpochRecord, "validationCost" | "validationAccuracy"> {
  if (validation === undefined) return {};
  const state = resident.state();
  const parameters = Object.fromEntries(validation.names.map((name) => [name, state[name] as NdArray]));
  const { X, Y } = validation.examples;
  const { outputs } = validation.program.run({ X, Y, ...parameters });
  return { validationCost: scalarOf(outputs, "cost"), validationAccuracy: scalarOf(outputs, "accuracy") };
}

function scalarOf(outputs: Arrays, name: string): number {
  return outputs[name]?.data[0] as number;
}
