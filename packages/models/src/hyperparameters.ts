// Everything that is chosen and not learned, in one frozen plain value: checked as a whole, written down as JSON, and
// edited so that what an edit leaves alone is the same object as before.

import { InputError } from "@wengert/tensor";
import { freeze, produce, type Draft } from "immer";
import type { ActivationName } from "./activations.ts";
import { whyNot } from "./hyperparameters-schema.ts";
import type { InitializerName } from "./initializers.ts";
import { losses, type LossName } from "./losses.ts";
import type { Optimizer } from "./optimizers.ts";
import type { Schedule } from "./schedules.ts";

/** One layer as it is chosen. */
export interface LayerHyperparameters {
  readonly units: number;
  readonly activation: ActivationName;
}

/** A network, its cost, its optimizer and its training, complete: plain data throughout. */
export interface Hyperparameters {
  /** n[0], the number of features. */
  readonly features: number;
  /** Layers 1 to L. */
  readonly layers: readonly LayerHyperparameters[];
  /** The share of hidden units that dropout silences; default 0. */
  readonly dropout: number;
  /** Whether hidden layers are normalized over the batch; default false. */
  readonly batchNormalization: boolean;
  readonly dtype: "f32" | "f64";
  readonly loss: LossName;
  /** Default gradient descent. */
  readonly optimizer: Optimizer;
  readonly learningRate: number;
  /** Factors of the learning rate; default none. */
  readonly schedules: readonly Schedule[];
  /** λ of the L2 regularization; default 0. */
  readonly l2: number;
  /** Default `he`. */
  readonly initializer: InitializerName;
  readonly epochs: number;
  /** Examples a step; null (the default) for all. */
  readonly batchSize: number | null;
  /** Whether every epoch has an order of its own; default true. */
  readonly shuffle: boolean;
  /** Epochs without a lower validation cost before training stops; null (the default) for no early stopping. */
  readonly patience: number | null;
  /** Fixes first values, the order of examples and dropout; default 0. */
  readonly seed: number;
}

type Needed = "features" | "learningRate" | "epochs";

/** Hyperparameters without those that have a default. */
export interface HyperparametersInput
  extends Pick<Hyperparameters, Needed>, Partial<Omit<Hyperparameters, Needed | "layers">> {
  /**
   * The activation of hidden layers is `relu` by default; of the last layer `sigmoid` for one unit and `softmax` for
   * more. The default loss is the one that goes with the last activation.
   */
  readonly layers: readonly (Pick<LayerHyperparameters, "units"> & Partial<LayerHyperparameters>)[];
}

/**
 * The hyperparameters with their defaults, frozen throughout.
 * @throws InputError that names the field, what it may be and what was given; unknown fields are refused.
 * @example
 * ```ts
 * import { editHyperparameters, hyperparameters } from "@wengert/models";
 *
 * const chosen = hyperparameters({
 *   features: 784,
 *   layers: [{ units: 128 }, { units: 10 }],
 *   optimizer: { name: "adam" },
 *   learningRate: 0.001,
 *   epochs: 5,
 *   batchSize: 64,
 * });
 * const wider = editHyperparameters(chosen, (draft) => {
 *   draft.layers[0]!.units = 256;
 * });
 * console.log(chosen.loss, wider.layers[0]?.units, wider.layers[1] === chosen.layers[1]);
 * ```
 * ```text
 * softmaxCrossEntropy 256 true
 * ```
 */
export function hyperparameters(input: HyperparametersInput): Hyperparameters {
  const complete = typeof input === "object" && input !== null ? withDefaults(input) : input;
  requireValid(complete);
  // A copy, so that what the caller holds is not frozen.
  return freeze(structuredClone(complete), true);
}

/**
 * The hyperparameters after an edit; every part that the edit leaves alone is the same object as before.
 * @param recipe changes the draft that it is given
 * @throws InputError as `hyperparameters` does; the ones given stay as they are.
 */
export function editHyperparameters(
  before: Hyperparameters,
  recipe: (draft: Draft<Hyperparameters>) => void,
): Hyperparameters {
  const after = produce(before, (draft) => {
    recipe(draft);
  });
  requireValid(after);
  return after;
}

/** The hyperparameters that a JSON text holds. @throws InputError when it holds none. */
export function parseHyperparameters(text: string): Hyperparameters {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new InputError("hyperparameters: the text must be JSON, got something else", { cause });
  }
  // Whatever it is, it is checked there.
  return hyperparameters(value as HyperparametersInput);
}

function withDefaults(input: HyperparametersInput): Hyperparameters {
  // Still unchecked: `requireValid` comes next.
  const layers = layersWithDefaults(input.layers) as readonly LayerHyperparameters[];
  return {
    dropout: 0,
    batchNormalization: false,
    dtype: "f32",
    loss: lossFor(layers),
    optimizer: { name: "gradientDescent" },
    schedules: [],
    l2: 0,
    initializer: "he",
    batchSize: null,
    shuffle: true,
    patience: null,
    seed: 0,
    ...input,
    layers,
  };
}

function layersWithDefaults(layers: unknown): unknown {
  if (!Array.isArray(layers)) return layers;
  return layers.map((layer: unknown, index) => {
    if (typeof layer !== "object" || layer === null) return layer;
    const output: ActivationName = "units" in layer && layer.units === 1 ? "sigmoid" : "softmax";
    return { activation: index < layers.length - 1 ? "relu" : output, ...layer };
  });
}

/** The loss that goes with the activation of the last layer. */
function lossFor(layers: unknown): LossName {
  const last: unknown = Array.isArray(layers) ? layers.at(-1) : undefined;
  const { activation } = (last ?? {}) as Partial<LayerHyperparameters>;
  if (activation === "sigmoid") return "binaryCrossEntropy";
  return activation === "softmax" ? "softmaxCrossEntropy" : "meanSquaredError";
}

function requireValid(value: Hyperparameters): void {
  const problem = whyNot(value) ?? whyNotTogether(value);
  if (problem !== undefined) throw new InputError(`hyperparameters: ${problem}`);
}

/** What no single field can say. */
function whyNotTogether({ layers, loss }: Hyperparameters): string | undefined {
  const inner = layers.slice(0, -1).findIndex(({ activation }) => activation === "softmax");
  if (inner >= 0)
    return `layers[${inner}].activation must not be softmax before the last layer, got "softmax"`;
  const { outputs } = losses[loss];
  const last = layers.length - 1;
  const activation = layers[last]?.activation;
  if (activation === undefined || outputs.includes(activation)) return undefined;
  return `layers[${last}].activation must be one of ${outputs.join(", ")} for ${loss}, got "${activation}"`;
}
