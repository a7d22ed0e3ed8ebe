// The options of a training, and whether they and the data fit the training step. All of it is looked at before
// anything runs, so that a refusal has changed nothing.

import {
  requireKnownFields,
  InputError,
  shownValue,
  showShape,
  type Arrays,
  type Engine,
  type NdArray,
} from "@wengert/tensor";
import type { BatchRecord, EpochRecord } from "./epoch.ts";
import { checkedExamples, type Examples } from "./examples-check.ts";
import type { InitializerName } from "./initializers.ts";
import { exampleRule, initialState, type TrainingStep } from "./training-step.ts";

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
  /** Finite values to begin from, of all or some of what persists; the rest is drawn. */
  readonly initial?: Arrays;
  /** Default the reference engine. */
  readonly engine?: Engine;
  /** Examples that are never learned from, evaluated after every epoch. */
  readonly validation?: Examples;
  /** Stops after so many epochs without a lower validation cost; the best parameters are the ones returned. */
  readonly patience?: number;
  /** Called after every step. */
  readonly onBatch?: (record: BatchRecord) => void;
  /** Called after every epoch with its costs, and with the records of all epochs so far. */
  readonly onEpoch?: (record: EpochRecord, history: readonly EpochRecord[]) => void;
  /** Stops after the batch that is under way. */
  readonly signal?: AbortSignal;
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

/** What a training begins with, once all of it was found to fit. */
export interface CheckedFit {
  /** With targets `[c, m]`. */
  readonly examples: Examples;
  readonly validation?: Examples;
  readonly batchSize: number;
  /** First values of everything that persists. */
  readonly state: Arrays;
}

/**
 * The data and options of a training, if they fit the step.
 * @throws InputError that says what does not fit.
 */
export function checkedFit<P>(step: TrainingStep<P>, data: Examples, options: FitOptions): CheckedFit {
  requireKnownFields("fit", options, optionNames);
  requireEngine(options.engine);
  const rule = exampleRule(step.options);
  const examples = checkedExamples(data, { ...rule, stage: "fit" });
  const validation =
    options.validation && checkedExamples(options.validation, { ...rule, stage: "fit: validation" });
  const batchSize = checkedBatchSize(options, examples.X.shape[1] as number);
  return { examples, batchSize, state: firstState(step, options), ...(validation ? { validation } : {}) };
}

/** Nearly every slip is the function that makes an engine, in place of the engine. */
function requireEngine(engine: FitOptions["engine"] | null): void {
  if (engine === undefined || typeof engine?.compile === "function") return;
  const got = typeof engine === "function" ? "a function" : shownValue(engine);
  throw new InputError(`fit: the engine must have a method compile, got ${got}`, {
    help: "wasmEngine() of @wengert/engine makes one, and referenceEngine of @wengert/tensor is one",
  });
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
    const wanted = Object.hasOwn(drawn, name) ? drawn[name] : undefined;
    if (wanted === undefined) {
      throw new InputError(`fit: initial values are for ${Object.keys(drawn).join(", ")}, got ${name}`);
    }
    if (showShape(wanted.shape) !== showShape(value.shape) || wanted.dtype !== value.dtype) {
      const show = ({ dtype, shape }: NdArray): string => `${dtype} ${showShape(shape)}`;
      throw new InputError(`fit: initial ${name} must be ${show(wanted)}, got ${show(value)}`);
    }
    const bad = value.data.findIndex((x) => !Number.isFinite(x));
    if (bad >= 0) {
      throw new InputError(`fit: initial ${name} must be finite, got ${value.data[bad]} as element ${bad}`);
    }
  }
  return { ...drawn, ...initial };
}

function requireWhole(name: string, value: number, low: number, high: number): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return;
  const range = high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${high}`;
  throw new InputError(`fit: ${name} must be a whole number ${range}, got ${value}`);
}
