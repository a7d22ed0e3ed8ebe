// Training: mini-batches in an order given by seed, epoch after epoch, on any engine. What comes out depends on the
// training step, the data, the options and the engine, and on nothing else.

import {
  feedsOf,
  referenceEngine,
  type Arrays,
  type NdArray,
  type Program,
  type Tensor,
} from "@wengert/tensor";
import { allColumns, rowsOf } from "./columns.ts";
import { pauseAfter, runEpoch, type Divergence, type EpochRecord, type Run } from "./epoch.ts";
import type { Examples } from "./examples-check.ts";
import { checkedFit, type FitOptions } from "./fit-options.ts";
import type { Named } from "./parameter-types.ts";
import type { TrainingStep } from "./training-step.ts";

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
  /**
   * The epoch whose parameters these are: with `patience` the best one, unless a signal or a cost that is not finite
   * ended training; 0 for the first values.
   */
  readonly epoch: number;
  /** Where the cost was no longer finite, and the error that says so. */
  readonly divergence?: Divergence;
}

/**
 * Trains by a training step, on any engine.
 * @throws InputError when the data or the options do not fit; nothing has been run then.
 * @example
 * ```ts
 * import { wasmEngine } from "@wengert/engine";
 * import { fit, flower, lLayerNetwork, trainingStep } from "@wengert/models";
 *
 * const network = lLayerNetwork({ units: [2, 8, 1], hidden: "tanh" });
 * const step = trainingStep({ network, loss: "binaryCrossEntropy", optimizer: { name: "adam" }, learningRate: 0.05 });
 * const options = { epochs: 20, batchSize: 64, seed: 1, engine: wasmEngine() };
 * const { history, stoppedBecause } = await fit(step, flower(), options);
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
      options.onEpoch?.(record, Object.freeze([...history]));
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

async function prepare<P>(step: TrainingStep<P>, data: Examples, options: FitOptions): Promise<Run> {
  const { examples, validation, batchSize, state } = checkedFit(step, data, options);
  const { dtype } = step.options.network.specification;
  const { seed = 0, shuffle = true, engine = referenceEngine, onBatch, signal } = options;
  const [program, evaluation] = await Promise.all([
    engine.compile(step.graph),
    validation && engine.compile(step.evaluation),
  ]);
  return {
    X: rowsOf(examples.X, dtype),
    Y: rowsOf(examples.Y, dtype),
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
