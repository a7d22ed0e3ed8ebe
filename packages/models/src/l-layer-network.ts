// The L-layer network as composed graph nodes. Examples are columns; A[0] = X; layer l has n[l] units.
// Training and evaluation share every node that dropout and batch normalization leave alone.

import { add, input, matmul, named, parameter, splitKey, type Dim, type Tensor } from "@wengert/tensor";
import { activations, type ActivationName } from "./activations.ts";
import { batchNormalization, normalizeWith, runningAverage } from "./batch-normalization.ts";
import { dropout, dropoutMask } from "./dropout.ts";
import type { LayerCache } from "./forward.ts";
import {
  checkedSpecification,
  type CheckedSpecification,
  type NetworkSpecification,
} from "./network-specification.ts";
import type { NetworkParameters } from "./parameter-types.ts";

/** One layer: its place, its activation and its nodes. */
export interface Layer {
  /** 1 to L. */
  readonly index: number;
  readonly activation: ActivationName;
  /** W A_prev + b, normalized where asked for, `[n[l], m]`. */
  readonly Z: Tensor;
  /** g(Z), after dropout while training, `[n[l], m]`. */
  readonly A: Tensor;
  /** What the backward pass of this layer needs of the forward pass. */
  readonly cache: LayerCache;
}

/** A forward pass through all layers. */
export interface ForwardPass {
  readonly layers: readonly Layer[];
  /** Z[L]. */
  readonly logits: Tensor;
  /** A[L]. */
  readonly output: Tensor;
  /** The next values of state that is not learned: the dropout key, running means and variances. */
  readonly updates: Readonly<Record<string, Tensor>>;
}

/** A network: what it was made from, its parameters, and its two forward passes. */
export interface Network<P = Readonly<Record<string, Tensor>>> {
  readonly specification: CheckedSpecification;
  /** The examples, `[n[0], m]`. */
  readonly X: Tensor<readonly [number, "m"]>;
  /** What is learned, by name. */
  readonly parameters: P;
  /** What persists and is not learned, by name. */
  readonly state: Readonly<Record<string, Tensor>>;
  /** With dropout, and with the statistics of the batch. */
  readonly training: ForwardPass;
  /** Without dropout, and with running statistics. The same as `training` where the network has neither. */
  readonly evaluation: ForwardPass;
}

/**
 * The L-layer network with the given units as composed nodes. Its parameters are typed by name and shape where the
 * units are literal.
 * @throws InputError that names the field that does not fit.
 * @example
 * ```ts
 * import { showShape } from "@wengert/tensor";
 * import { lLayerNetwork } from "@wengert/models";
 * const network = lLayerNetwork({ units: [12288, 20, 7, 5, 1], hidden: "relu", output: "sigmoid" });
 * console.log(showShape(network.parameters.W2.shape), showShape(network.evaluation.output.shape));
 * ```
 * ```text
 * [7, 20] [1, m]
 * ```
 */
export function lLayerNetwork<
  const Units extends readonly number[],
  const Normalized extends boolean = false,
>(specification: NetworkSpecification<Units, Normalized>): Network<NetworkParameters<Units, Normalized>> {
  const checked = checkedSpecification(specification);
  const X = input("X", [checked.units[0] as number, "m"], { dtype: checked.dtype });
  const parameters = networkParameters(checked);
  const state = networkState(checked);
  const evaluation = forwardPass(checked, X, parameters, state, false);
  const same = Object.keys(state).length === 0;
  return Object.freeze({
    specification: checked,
    X,
    // `networkParameters` makes these names and shapes; type tests hold the two to each other.
    parameters: parameters as NetworkParameters<Units, Normalized>,
    state,
    evaluation,
    training: same ? evaluation : forwardPass(checked, X, parameters, state, true),
  });
}

type Tensors = Readonly<Record<string, Tensor>>;

function networkParameters({ units, batchNormalization: normalized, dtype }: CheckedSpecification): Tensors {
  const record: Record<string, Tensor> = {};
  const layers = units.length - 1;
  for (let l = 1; l <= layers; l++) {
    const [n, before] = [units[l] as number, units[l - 1] as number];
    record[`W${l}`] = parameter(`W${l}`, [n, before], { dtype });
    record[`b${l}`] = parameter(`b${l}`, [n, 1], { dtype });
    if (normalized && l < layers) record[`gamma${l}`] = parameter(`gamma${l}`, [n, 1], { dtype });
  }
  return Object.freeze(record);
}

function networkState(checked: CheckedSpecification): Tensors {
  const { units, dtype } = checked;
  const record: Record<string, Tensor> = {};
  if (checked.dropout > 0) record["dropoutKey"] = parameter("dropoutKey", [2], { dtype: "u32" });
  for (let l = 1; checked.batchNormalization && l < units.length - 1; l++) {
    const shape: readonly Dim[] = [units[l] as number, 1];
    record[`runningMean${l}`] = parameter(`runningMean${l}`, shape, { dtype });
    record[`runningVariance${l}`] = parameter(`runningVariance${l}`, shape, { dtype });
  }
  return Object.freeze(record);
}

function forwardPass(
  checked: CheckedSpecification,
  X: Tensor,
  parameters: Tensors,
  state: Tensors,
  training: boolean,
): ForwardPass {
  const updates: Record<string, Tensor> = {};
  const layerCount = checked.activations.length;
  const silencing = training && checked.dropout > 0;
  const keys = silencing ? splitKey(state["dropoutKey"] as Tensor, layerCount) : [];
  if (silencing) updates["dropoutKey"] = keys[0] as Tensor;
  const layers: Layer[] = [];
  let A = X;
  for (const [place, activation] of checked.activations.entries()) {
    const index = place + 1;
    const [W, b] = [parameters[`W${index}`] as Tensor, parameters[`b${index}`] as Tensor];
    const gamma = parameters[`gamma${index}`];
    const A_prev = A;
    const Z = named(
      `Z${index}`,
      gamma === undefined
        ? add(matmul(W, A_prev), b)
        : normalize(matmul(W, A_prev), index, { gamma, beta: b }, state, training ? updates : undefined),
    );
    A = named(`A${index}`, activations[activation].forward(Z));
    const key = index < layerCount ? keys[index] : undefined;
    if (key !== undefined) A = named(`D${index}`, dropout(A, dropoutMask(key, A, 1 - checked.dropout)));
    layers.push(Object.freeze({ index, activation, Z, A, cache: Object.freeze({ A_prev, W, b, Z }) }));
  }
  const logits = (layers.at(-1) as Layer).Z;
  return Object.freeze({ layers: Object.freeze(layers), logits, output: A, updates: Object.freeze(updates) });
}

/** Z normalized by the batch, which also moves the running averages; or by these, after training. */
function normalize(
  Z: Tensor,
  index: number,
  scale: { readonly gamma: Tensor; readonly beta: Tensor },
  state: Tensors,
  updates: Record<string, Tensor> | undefined,
): Tensor {
  const [mean, variance] = [
    state[`runningMean${index}`] as Tensor,
    state[`runningVariance${index}`] as Tensor,
  ];
  if (updates === undefined) return normalizeWith(Z, mean, variance, scale);
  const batch = batchNormalization(Z, scale);
  updates[`runningMean${index}`] = runningAverage(mean, batch.mean);
  updates[`runningVariance${index}`] = runningAverage(variance, batch.variance);
  return batch.output;
}
