// Backward propagation in closed form, as the course writes it: the oracle that derived gradients are tested against.
// The factor 1/m stands in dW and db and not in dA, so dA and dZ here are m times the derivatives of the mean cost.

import {
  add,
  div,
  InputError,
  matmul,
  mul,
  neg,
  size,
  sub,
  sum,
  transpose,
  type Tensor,
} from "@wengert/tensor";
import type { ActivationName } from "./activations.ts";
import { required, requiredActivation } from "./block-operands.ts";
import { dropoutBackward } from "./dropout.ts";
import { layerActivation, type LayerCache } from "./forward.ts";

/**
 * The gradients that one layer hands on and keeps. dW and db are derivatives of the mean cost; dA_prev is m times
 * one, as the course has it.
 */
export interface LayerGradients {
  readonly dA_prev: Tensor;
  readonly dW: Tensor;
  readonly db: Tensor;
}

/**
 * The closed form of a linear layer: $dW = \frac{1}{m} dZ A_{prev}^T$, $db = \frac{1}{m} \sum_{columns} dZ$,
 * $dA_{prev} = W^T dZ$; with L2 regularization $dW$ has $\frac{\lambda}{m} W$ more.
 * @param options λ of the L2 regularization, default 0
 */
export function linearBackward(
  dZ: Tensor,
  cache: Pick<LayerCache, "A_prev" | "W">,
  { l2 = 0 }: { readonly l2?: number } = {},
): LayerGradients {
  const { A_prev, W } = cache;
  const m = size(A_prev, 1);
  const product: Tensor = matmul(dZ, transpose(A_prev));
  const dW = div(l2 === 0 ? product : add(product, mul(W, l2)), m);
  const db: Tensor = div(sum(dZ, 1, { keepDims: true }), m);
  return { dA_prev: matmul(transpose(W), dZ), dW, db };
}

/**
 * The closed form of a layer: $dZ = dA \odot g'(Z)$, then the linear part.
 * @throws InputError when there is no such activation.
 */
export function linearActivationBackward(
  dA: Tensor,
  cache: LayerCache,
  activation: ActivationName,
  options: { readonly A?: Tensor; readonly l2?: number } = {},
): LayerGradients & { readonly dZ: Tensor } {
  const { forward, backward } = requiredActivation("linearActivationBackward", activation);
  const dZ = backward(dA, cache.Z, options.A ?? forward(cache.Z));
  return { dZ, ...linearBackward(dZ, cache, options) };
}

/**
 * dA[L] of the binary cross-entropy of probabilities AL for labels Y, `[n, m]`, without the factor 1/m:
 * $dA^{[L]} = -(Y / A^{[L]} - (1 - Y) / (1 - A^{[L]}))$. Infinite where a probability is 0 or 1.
 */
export function costBackward(AL: Tensor, Y: Tensor): Tensor {
  const taken: Tensor = sub(div(Y, AL), div(sub(1, Y), sub(1, AL)));
  return neg(taken);
}

/** How a model's backward pass begins and which layers it has. */
export interface ModelBackwardOptions {
  /** The activation of layers 1 to L-1, or one for each; default `relu`. */
  readonly hidden?: ActivationName | readonly ActivationName[];
  /** The activation of layer L; default `sigmoid`. */
  readonly output?: ActivationName;
  /** λ of the L2 regularization; default 0. */
  readonly l2?: number;
  /** dA[L]; default that of the binary cross-entropy. */
  readonly dAL?: Tensor;
  /** What dropout multiplied the activations of layers 1 to L-1 by; default nothing. */
  readonly masks?: readonly (Tensor | undefined)[];
}

/**
 * The closed form of all layers: dW1, db1, dA0, dZ1, … by name, for the binary cross-entropy unless dA[L] is given.
 * What `gradient` derives of the mean cost for W and b is the same; for A and Z it is 1/m of what stands here.
 * @param caches one a layer, as `modelForward` returns them
 * @throws InputError when there are none.
 */
export function modelBackward(
  AL: Tensor,
  Y: Tensor,
  caches: readonly LayerCache[],
  options: ModelBackwardOptions = {},
): Readonly<Record<string, Tensor>> {
  const { hidden = "relu", output = "sigmoid", l2 = 0 } = options;
  if (caches.length === 0) throw new InputError("modelBackward: there must be caches, got none");
  const gradients: Record<string, Tensor> = {};
  let dA = options.dAL ?? costBackward(AL, Y);
  for (let l = caches.length; l >= 1; l--) {
    const mask = l === caches.length ? undefined : options.masks?.[l - 1];
    if (mask !== undefined) dA = dropoutBackward(dA, mask);
    const activation = layerActivation(l, caches.length, { hidden, output });
    const layer = linearActivationBackward(dA, caches[l - 1] as LayerCache, activation, { l2 });
    gradients[`dZ${l}`] = layer.dZ;
    gradients[`dW${l}`] = layer.dW;
    gradients[`db${l}`] = layer.db;
    dA = gradients[`dA${l - 1}`] = layer.dA_prev;
  }
  return Object.freeze(gradients);
}

/**
 * One step of gradient descent: every parameter p becomes $p - \alpha \, dp$, with dp found under `d` and its name.
 * @throws InputError when a parameter has no gradient, or the learning rate is not finite.
 * @example
 * ```ts
 * import { constant, evaluate } from "@wengert/tensor";
 * import { updateParameters } from "@wengert/models";
 *
 * const next = updateParameters({ W1: constant([[1, 2]]) }, { dW1: constant([[10, 0]]) }, 0.5);
 * console.log(String(evaluate(next.W1)));
 * ```
 * ```text
 * f32[1, 2]
 * [[-4,  2]]
 * ```
 */
export function updateParameters<P extends Readonly<Record<string, Tensor>>>(
  parameters: P,
  gradients: Readonly<Record<string, Tensor>>,
  learningRate: number,
): { readonly [K in keyof P]: P[K] } {
  if (!Number.isFinite(learningRate)) {
    throw new InputError(`updateParameters: the learning rate must be finite, got ${learningRate}`);
  }
  const next = Object.entries(parameters).map(([name, value]) => {
    const descent = mul(required("updateParameters", gradients, `d${name}`), learningRate);
    return [name, sub(value, descent)];
  });
  // The same names, shapes and dtypes as the parameters.
  return Object.freeze(Object.fromEntries(next)) as { readonly [K in keyof P]: P[K] };
}
