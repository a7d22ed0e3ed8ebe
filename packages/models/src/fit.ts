// Training: mini-batches in an order given by seed, epoch after epoch, on any engine. What comes out depends on the
// training step, the data, the options and the engine, and on nothing else.

import {
  InputError,
  referenceEngine,
  type Arrays,
  type Engine,
  type Program,
  type Resident,
} from "@wengert/tensor";
import { permutation } from "./datasets/permutation.ts";
import { checkedExamples, selectColumns, type Examples } from "./examples-check.ts";
import type { InitializerName } from "./initializers.ts";
import { initialState, type TrainingStep } from "./training-step.ts";

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

/** How to train. */
export interface FitOptions {
  readonly epochs: number;
  /** Examples a step; the last batch of an epoch has what remains. Default all. */
  readonly batchSize?: number;
  /** Fixes the first values, the order of the examples and dropout. Default 0. */
  readonly seed?: number;
  /** Whether every epoch has an order of its own; default true. */
  readonly shuffle?: boolean;
  readonly initializer?: InitializerName;
  /** Values to begin from, of all or some of what persists; the rest is drawn. */
  readonly initial?: Arrays;
  /** Default the reference engine. */
  readonly engine?: Engine;
  /** Examples that are never learned from, evaluated after every epoch. */
  readonly validation?: Examples;
  /** Stops after so many epochs without a lower validation cost, and takes the best parameters back. */
  readonly patience?: number;
  readonly onBatch?: (record: BatchRecord) => void;
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Stops after the batch that is under way. */
  readonly signal?: AbortSignal;
}

/** Why training ended: all epochs, no better validation cost, the signal, or a cost that is no longer finite. */
export type StopReason = "epochs" | "patience" | "aborted" | "diverged";

/** What training gives. */
export interface FitResult {
  /** Everything that persists, as `initial` takes it. After `diverged`, as before the epoch in which it happened. */
  readonly state: Arrays;
  /** What was learned, by name. */
  readonly parameters: Arrays;
  readonly history: readonly EpochRecord[];
  readonly stoppedBecause: StopReason;
  /** The epoch and batch at which the cost was no longer finite. */
  readonly divergedAt?: { readonly epoch: number; readonly batch: number; readonly cost: number };
}

/**
 * Trains by a training step.
 * @throws InputError when the data or the options do not fit; nothing has been run then.
 */
export async function fit<P>(step: TrainingStep<P>, data: Examples, options: FitOptions): Promise<FitResult> {
  const run = await prepare(step, data, options);
  const history: EpochRecord[] = [];
  let best = { cost: Number.POSITIVE_INFINITY, state: run.resident.state(), epoch: 0 };
  let stoppedBecause: StopReason = "epochs";
  let divergedAt: FitResult["divergedAt"];
  let state: Arrays | undefined;
  for (let epoch = 1; epoch <= options.epochs; epoch++) {
    const before = run.resident.state();
    const outcome = await runEpoch(run, epoch);
    if (outcome.divergedAt !== undefined) {
      [stoppedBecause, divergedAt, state] = ["diverged", outcome.divergedAt, before];
      break;
    }
    if (outcome.record !== undefined) {
      history.push(outcome.record);
      options.onEpoch?.(outcome.record);
    }
    if (outcome.aborted) {
      stoppedBecause = "aborted";
      break;
    }
    const cost = outcome.record?.validationCost ?? Number.NaN;
    if (cost < best.cost) best = { cost, state: run.resident.state(), epoch };
    else if (options.patience !== undefined && epoch - best.epoch >= options.patience) {
      [stoppedBecause, state] = ["patience", best.state];
      break;
    }
  }
  state ??= run.resident.state();
  const parameters = Object.fromEntries(step.parameterNames.map((name) => [name, state[name]]));
  return Object.freeze({
    state: Object.freeze(state),
    // Every name is one of the state's.
    parameters: Object.freeze(parameters) as Arrays,
    history: Object.freeze(history),
    stoppedBecause,
    ...(divergedAt === undefined ? {} : { divergedAt: Object.freeze(divergedAt) }),
  });
}

interface Run {
  readonly options: FitOptions;
  readonly data: Examples;
  readonly validation: Examples | undefined;
  readonly resident: Resident;
  readonly evaluation: Program;
  readonly evaluationNames: readonly string[];
  readonly batchSize: number;
  readonly dtype: "f32" | "f64";
}

async function prepare<P>(step: TrainingStep<P>, data: Examples, options: FitOptions): Promise<Run> {
  const { units, dtype } = step.options.network.specification;
  const [features, outputs] = [units[0] as number, units.at(-1) as number];
  const checked = checkedExamples(data, features, outputs, "fit");
  const validation =
    options.validation && checkedExamples(options.validation, features, outputs, "fit: validation");
  const m = checked.X.shape[1] as number;
  const batchSize = options.batchSize ?? m;
  requireWhole("epochs", options.epochs, 0, Number.MAX_SAFE_INTEGER);
  requireWhole("batchSize", batchSize, 1, m);
  requireWhole("seed", options.seed ?? 0, 0, 2 ** 32 - 1);
  if (options.patience !== undefined) requireWhole("patience", options.patience, 1, Number.MAX_SAFE_INTEGER);
  if (options.patience !== undefined && validation === undefined) {
    throw new InputError("fit: patience needs validation examples, got none");
  }
  const engine = options.engine ?? referenceEngine;
  const [program, evaluation] = await Promise.all([
    engine.compile(step.graph),
    engine.compile(step.evaluation),
  ]);
  const initializer = options.initializer === undefined ? {} : { initializer: options.initializer };
  const state = { ...initialState(step, { seed: options.seed ?? 0, ...initializer }), ...options.initial };
  const evaluationNames = Object.values(step.evaluation.nodes)
    .filter(({ primitive }) => primitive === "parameter")
    .map(({ attributes }) => attributes["name"] as string);
  return {
    options,
    data: checked,
    validation,
    resident: program.bind(state),
    evaluation,
    evaluationNames,
    batchSize,
    dtype,
  };
}

function requireWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  const range = high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`;
  throw new InputError(`fit: ${name} must be a whole number ${range}, got ${value}`);
}

interface EpochOutcome {
  readonly record?: EpochRecord;
  readonly aborted: boolean;
  readonly divergedAt?: FitResult["divergedAt"];
}

async function runEpoch(run: Run, epoch: number): Promise<EpochOutcome> {
  const { options, data, resident, batchSize, dtype } = run;
  const m = data.X.shape[1] as number;
  const batches = Math.ceil(m / batchSize);
  const order =
    options.shuffle === false
      ? Uint32Array.from({ length: m }, (_, i) => i)
      : permutation(m, options.seed ?? 0, epoch);
  const sums = { cost: 0, accuracy: 0, examples: 0 };
  const began = performance.now();
  let aborted = options.signal?.aborted ?? false;
  for (let batch = 1; batch <= batches && !aborted; batch++) {
    const positions = order.subarray((batch - 1) * batchSize, batch * batchSize);
    const values = { X: selectColumns(data.X, positions, dtype), Y: selectColumns(data.Y, positions, dtype) };
    const outputs = resident.run(values);
    const [cost, accuracy] = [scalarOf(outputs, "cost"), scalarOf(outputs, "accuracy")];
    if (!Number.isFinite(cost)) return { aborted: false, divergedAt: { epoch, batch, cost } };
    sums.cost += cost * positions.length;
    sums.accuracy += accuracy * positions.length;
    sums.examples += positions.length;
    options.onBatch?.({ epoch, batch, batches, examples: positions.length, cost, accuracy });
    // Lets timers, signals and a browser's page have a turn.
    if (batch % 16 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    aborted = options.signal?.aborted ?? false;
  }
  if (sums.examples === 0) return { aborted };
  const examplesPerSecond = sums.examples / ((performance.now() - began) / 1000);
  const averages = { cost: sums.cost / sums.examples, accuracy: sums.accuracy / sums.examples };
  return { aborted, record: Object.freeze({ epoch, ...averages, ...validate(run), examplesPerSecond }) };
}

function validate(run: Run): Pick<EpochRecord, "validationCost" | "validationAccuracy"> {
  if (run.validation === undefined) return {};
  const { validationCost, validationAccuracy } = evaluateExamples(run, run.validation, run.resident.state());
  return { validationCost, validationAccuracy };
}

function evaluateExamples(
  run: Run,
  { X, Y }: Examples,
  state: Arrays,
): { readonly validationCost: number; readonly validationAccuracy: number } {
  const all = Uint32Array.from({ length: X.shape[1] as number }, (_, i) => i);
  const values = { X: selectColumns(X, all, run.dtype), Y: selectColumns(Y, all, run.dtype) };
  const parameters = Object.fromEntries(run.evaluationNames.map((name) => [name, state[name]])) as Arrays;
  const { outputs } = run.evaluation.run({ ...values, ...parameters });
  return { validationCost: scalarOf(outputs, "cost"), validationAccuracy: scalarOf(outputs, "accuracy") };
}

function scalarOf(outputs: Arrays, name: string): number {
  return outputs[name]?.data[0] as number;
}
