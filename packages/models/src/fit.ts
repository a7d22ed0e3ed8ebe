// Training: mini-batches in an order given by seed, epoch after epoch, on any engine. What comes out depends on the
// training step, the data, the options and the engine, and on nothing else.

import {
  feedsOf,
  InputError,
  referenceEngine,
  showShape,
  type Arrays,
  type Engine,
  type NdArray,
  type Program,
  type Tensor,
} from "@wengert/tensor";
import { allColumns, rowsOf } from "./columns.ts";
import {
  pauseAfter,
  runEpoch,
  type BatchRecord,
  type Divergence,
  type EpochRecord,
  type Run,
} from "./epoch.ts";
import { checkedExamples, type Examples } from "./examples-check.ts";
import type { InitializerName } from "./initializers.ts";
import { requireKnownFields } from "./known-fields.ts";
import { losses } from "./losses.ts";
import type { Named } from "./parameter-types.ts";
import { initialState, type TrainingStep } from "./training-step.ts";

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
  /** Stops after so many epochs without a lower validation cost; the best parameters are the ones returned. */
  readonly patience?: number;
  /** Called after every step. */
  readonly onBatch?: (record: BatchRecord) => void;
  /** Called after every epoch, with its costs. */
  readonly onEpoch?: (record: EpochRecord) => void;
  /** Stops after the batch that is under way. */
  readonly signal?: AbortSignal;
}

/** Why training ended: all epochs, no better validation cost, the signal, or a cost that is no longer finite. */
export type StopReason = "epochs" | "patience" | "aborted" | "diverged";

/** What training gives. */
export interface FitResult<P = Readonly<Record<string, Tensor>>> {
  /** Everything that persists, as `initial` takes it. After `diverged`, as before the epoch in which it happened. */
  readonly state: Arrays;
  /** What was learned, by name. */
  readonly parameters: Named<P, NdArray>;
  readonly history: readonly EpochRecord[];
  readonly stoppedBecause: StopReason;
  /** The epoch whose parameters these are: the best one where `patience` was given; 0 for the first values. */
  readonly epoch: number;
  /** Where the cost was no longer finite, and the error that says so. */
  readonly divergence?: Divergence;
}

/**
 * Trains by a training step, on any engine.
 * @throws InputError when the data or the options do not fit; nothing has been run then.
 * @example
 * ```ts
 * import { fit, flower, lLayerNetwork, trainingStep } from "@wengert/models";
 *
 * const network = lLayerNetwork({ units: [2, 8, 1], hidden: "tanh" });
 * const step = trainingStep({ network, loss: "binaryCrossEntropy", optimizer: { name: "adam" }, learningRate: 0.05 });
 * const { history, stoppedBecause } = await fit(step, flower(), { epochs: 20, batchSize: 64, seed: 1 });
 * console.log(stoppedBecause, history.length);
 * ```
 * ```text
 * epochs 20
 * ```
 */
export async function fit<P>(
  step: TrainingStep<P>,
  data: Examples,
  options: FitOptions,
): Promise<FitResult<P>> {
  const run = await prepare(step, data, options);
  const history: EpochRecord[] = [];
  let best = { cost: Number.POSITIVE_INFINITY, state: run.resident.state(), epoch: 0 };
  let ending: Ending | undefined;
  for (let epoch = 1; epoch <= options.epochs && ending === undefined; epoch++) {
    const before = run.resident.state();
    const { record, aborted, divergence } = await runEpoch(run, epoch);
    if (divergence !== undefined) {
      ending = { reason: "diverged", epoch: epoch - 1, state: before, divergence };
      break;
    }
    if (record !== undefined) {
      history.push(record);
      options.onEpoch?.(record);
    }
    const cost = record?.validationCost ?? Number.NaN;
    if (options.patience !== undefined && cost < best.cost)
      best = { cost, state: run.resident.state(), epoch };
    if (aborted) ending = { reason: "aborted", epoch: history.length, state: run.resident.state() };
    else if (options.patience !== undefined && epoch - best.epoch >= options.patience) {
      ending = { reason: "patience", ...best };
    }
  }
  ending ??=
    options.patience === undefined
      ? { reason: "epochs", epoch: options.epochs, state: run.resident.state() }
      : { reason: "epochs", ...best };
  return resultOf(step, history, ending);
}

interface Ending {
  readonly reason: StopReason;
  readonly epoch: number;
  readonly state: Arrays;
  readonly divergence?: Divergence;
}

function resultOf<P>(step: TrainingStep<P>, history: readonly EpochRecord[], ending: Ending): FitResult<P> {
  const { reason, epoch, state, divergence } = ending;
  const parameters = Object.fromEntries(step.parameterNames.map((name) => [name, state[name]]));
  return Object.freeze({
    state: Object.freeze(state),
    // Every name is one of the state's.
    parameters: Object.freeze(parameters) as Named<P, NdArray>,
    history: Object.freeze(history),
    stoppedBecause: reason,
    epoch,
    ...(divergence === undefined ? {} : { divergence }),
  });
}

const optionNames: readonly (keyof FitOptions)[] = [
  "epochs",
  "batchSize",
  "seed",
  "shuffle",
  "initializer",
  "initial",
  "engine",
  "validation",
  "patience",
  "onBatch",
  "onEpoch",
  "signal",
];

async function prepare<P>(step: TrainingStep<P>, data: Examples, options: FitOptions): Promise<Run> {
  requireKnownFields("fit", options, optionNames);
  const { network, loss } = step.options;
  const { units, dtype } = network.specification;
  const { shares } = losses[loss];
  const rule = { features: units[0] as number, outputs: units.at(-1) as number, shares };
  const checked = checkedExamples(data, { ...rule, stage: "fit" });
  const validation =
    options.validation && checkedExamples(options.validation, { ...rule, stage: "fit: validation" });
  const { seed = 0, shuffle = true, engine = referenceEngine, onBatch, signal } = options;
  const batchSize = checkedBatchSize(options, checked.X.shape[1] as number);
  const state = firstState(step, options);
  const [program, evaluation] = await Promise.all([
    engine.compile(step.graph),
    validation && engine.compile(step.evaluation),
  ]);
  return {
    X: rowsOf(checked.X, dtype),
    Y: rowsOf(checked.Y, dtype),
    resident: program.bind(state),
    batchSize,
    seed,
    shuffle,
    pause: pauseAfter(20),
    ...(validation && evaluation ? { validation: validationOf(step, validation, evaluation) } : {}),
    ...(onBatch ? { onBatch } : {}),
    ...(signal ? { signal } : {}),
  };
}

function validationOf<P>(
  step: TrainingStep<P>,
  { X, Y }: Examples,
  program: Program,
): Run["validation"] & object {
  const { dtype } = step.options.network.specification;
  const examples = { X: allColumns(X, dtype), Y: allColumns(Y, dtype) };
  return { examples, program, names: Object.keys(feedsOf(step.evaluation, "parameter")) };
}

/** The batch size, after every number among the options was looked at. */
function checkedBatchSize(options: FitOptions, m: number): number {
  const { epochs, batchSize = m, seed = 0, patience } = options;
  requireWhole("epochs", epochs, 0, Number.MAX_SAFE_INTEGER);
  requireWhole("batchSize", batchSize, 1, m);
  requireWhole("seed", seed, 0, 2 ** 32 - 1);
  if (patience !== undefined) requireWhole("patience", patience, 1, Number.MAX_SAFE_INTEGER);
  if (patience !== undefined && options.validation === undefined) {
    throw new InputError("fit: patience needs validation examples, got none");
  }
  return batchSize;
}

/** Drawn values, and those that were given in their place. */
function firstState<P>(step: TrainingStep<P>, { seed = 0, initializer, initial = {} }: FitOptions): Arrays {
  const drawn = initialState(step, { seed, ...(initializer === undefined ? {} : { initializer }) });
  for (const [name, value] of Object.entries(initial)) {
    const wanted = drawn[name];
    if (wanted === undefined) {
      throw new InputError(`fit: initial values are for ${Object.keys(drawn).join(", ")}, got ${name}`);
    }
    if (showShape(wanted.shape) !== showShape(value.shape) || wanted.dtype !== value.dtype) {
      const show = ({ dtype, shape }: NdArray): string => `${dtype} ${showShape(shape)}`;
      throw new InputError(`fit: initial ${name} must be ${show(wanted)}, got ${show(value)}`);
    }
  }
  return { ...drawn, ...initial };
}

function requireWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  const range = high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`;
  throw new InputError(`fit: ${name} must be a whole number ${range}, got ${value}`);
}
