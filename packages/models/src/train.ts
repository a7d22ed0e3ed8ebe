// From hyperparameters to a trained network: the network, its training step and its training, each as they say.

import type { Arrays } from "@wengert/tensor";
import type { Examples } from "./examples-check.ts";
import { fit, type FitResult } from "./fit.ts";
import { checkedFit, type FitOptions } from "./fit-options.ts";
import type { Hyperparameters } from "./hyperparameters.ts";
import { lLayerNetwork, type Network } from "./l-layer-network.ts";
import { trainingStep, type TrainingStep } from "./training-step.ts";

/** The network that hyperparameters describe. */
export function networkOf(chosen: Hyperparameters): Network {
  const { features, layers, dropout, batchNormalization, dtype } = chosen;
  const activations = layers.map(({ activation }) => activation);
  return lLayerNetwork({
    units: [features, ...layers.map(({ units }) => units)],
    hidden: activations.slice(0, -1),
    // Checked hyperparameters have a last layer.
    output: activations.at(-1) as (typeof activations)[number],
    dropout,
    batchNormalization,
    dtype,
  });
}

/** The training step that hyperparameters describe. */
export function trainingStepOf(chosen: Hyperparameters): TrainingStep {
  const { loss, optimizer, learningRate, schedules, l2 } = chosen;
  return trainingStep({ network: networkOf(chosen), loss, optimizer, learningRate, schedules, l2 });
}

/** What training needs besides hyperparameters: where and under whose eyes it runs. */
export type TrainOptions = Pick<FitOptions, "engine" | "validation" | "onBatch" | "onEpoch" | "signal"> & {
  /** Values to begin from, of all or some of what persists; the rest is drawn. */
  readonly initial?: Arrays;
};

/** A trained network and how it came about. */
export interface Trained extends FitResult {
  readonly step: TrainingStep;
}

/**
 * Trains as the hyperparameters say.
 * @throws InputError when the data do not fit; nothing has been run then.
 */
export async function train(
  chosen: Hyperparameters,
  data: Examples,
  options: TrainOptions = {},
): Promise<Trained> {
  const step = trainingStepOf(chosen);
  const result = await fit(step, data, { ...options, ...fitOptionsOf(chosen) });
  return Object.freeze({ ...result, step });
}

/** Refuses what `train` would refuse, without training. @throws InputError when the data or options do not fit. */
export function requireTrainable(chosen: Hyperparameters, data: Examples, options: TrainOptions): void {
  checkedFit(trainingStepOf(chosen), data, { ...options, ...fitOptionsOf(chosen) });
}

function fitOptionsOf({
  epochs,
  batchSize,
  shuffle,
  patience,
  seed,
  initializer,
}: Hyperparameters): FitOptions {
  return {
    epochs,
    shuffle,
    seed,
    initializer,
    ...(batchSize === null ? {} : { batchSize }),
    ...(patience === null ? {} : { patience }),
  };
}
