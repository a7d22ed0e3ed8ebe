// Forward propagation in the notation of the course: Z[l] = W[l] A[l-1] + b[l], A[l] = g[l](Z[l]).
// Examples are columns.

import { add, InputError, matmul, named, type Dim, type Tensor } from "@wengert/tensor";
import type { ActivationName } from "./activations.ts";
import { layerParameters, requiredActivation } from "./block-operands.ts";

/** What the forward pass of a layer hands to its backward pass: the nodes that the backward nodes name. */
export interface LayerCache {
  readonly A_prev: Tensor;
  readonly W: Tensor;
  readonly b: Tensor;
  readonly Z: Tensor;
}

/**
 * The linear part of a layer, $Z = W A + b$, for W `[n, p]`, A `[p, m]` and b `[n, 1]`: shape `[n, m]`. Where the
 * shapes are literal, operands that do not fit do not compile.
 * @throws ShapeError when the inner dimensions differ.
 * @example
 * ```ts
 * import { input, parameter, showShape } from "@wengert/tensor";
 * import { linearForward } from "@wengert/models";
 *
 * const Z = linearForward(input("A", [3, "m"]), parameter("W", [4, 3]), parameter("b", [4, 1]));
 * console.log(showShape(Z.shape));
 * ```
 * ```text
 * [4, m]
 * ```
 */
export function linearForward<N extends Dim, P extends Dim, M extends Dim>(
  A: Tensor<readonly [P, M]>,
  W: Tensor<readonly [N, NoInfer<P>]>,
  b: Tensor<readonly [NoInfer<N>, 1]>,
): Tensor<readonly [N, M]> {
  return add(matmul(W, A), b);
}

/**
 * A layer, $A = g(W A_{prev} + b)$ `[n, m]`, and the cache that its backward pass needs.
 * @throws ShapeError when the operands do not fit.
 * @throws InputError when there is no such activation.
 */
export function linearActivationForward(
  A_prev: Tensor,
  W: Tensor,
  b: Tensor,
  activation: ActivationName,
): { readonly A: Tensor; readonly cache: LayerCache } {
  // Shapes that are not known here are checked by the operations.
  const Z: Tensor = add(matmul(W, A_prev), b);
  const { forward } = requiredActivation("linearActivationForward", activation);
  return { A: forward(Z), cache: { A_prev, W, b, Z } };
}

/** Parameters W1, b1, W2, b2 … by name. */
export type ParameterRecord = Readonly<Record<string, Tensor>>;

/** How many layers a record of parameters has: W1, W2 … without a gap. */
export function countLayers(parameters: ParameterRecord): number {
  let layers = 0;
  while (Object.hasOwn(parameters, `W${layers + 1}`)) layers++;
  return layers;
}

/** Which activation each layer has. */
export interface LayerActivations {
  /** Of layers 1 to L-1: one for all, or one for each; default `relu`. */
  readonly hidden?: ActivationName | readonly ActivationName[];
  /** Of layer L; default `sigmoid`. */
  readonly output?: ActivationName;
}

/** The activation of layer l of L. @throws InputError when the list of hidden ones has none for it. */
export function layerActivation(l: number, L: number, activation: LayerActivations): ActivationName {
  const { hidden = "relu", output = "sigmoid" } = activation;
  if (l === L) return output;
  const found = typeof hidden === "string" ? hidden : hidden[l - 1];
  if (found !== undefined) return found;
  throw new InputError(`layer ${l}: hidden must be one activation, or ${L - 1}, got ${hidden.length}`);
}

/**
 * All layers, one after another: $A^{[l]} = g^{[l]}(W^{[l]} A^{[l-1]} + b^{[l]})$ from $A^{[0]} = X$; A[L]
 * `[n[L], m]` and the cache of every layer.
 * @param parameters W1, b1 to WL, bL and nothing else
 * @throws ShapeError when a layer does not fit the one before it.
 * @throws InputError when a parameter is missing or is none of a layer's.
 */
export function modelForward(
  X: Tensor,
  parameters: ParameterRecord,
  options: LayerActivations = {},
): { readonly AL: Tensor; readonly caches: readonly LayerCache[] } {
  const layers = layerParameters("modelForward", parameters);
  const caches: LayerCache[] = [];
  let A = X;
  for (const [place, { W, b }] of layers.entries()) {
    const l = place + 1;
    const layer = linearActivationForward(A, W, b, layerActivation(l, layers.length, options));
    caches.push({ ...layer.cache, Z: named(`Z${l}`, layer.cache.Z) });
    A = named(`A${l}`, layer.A);
  }
  return { AL: A, caches };
}
