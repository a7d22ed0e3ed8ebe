// First values of a network's parameters from its units alone.

import type { NdArray } from "@wengert/tensor";
import { initializeNetwork, type InitializeOptions } from "./initializers.ts";
import { lLayerNetwork } from "./l-layer-network.ts";
import type { Named, NetworkParameters } from "./parameter-types.ts";

/**
 * First values W1 `[n1, n0]`, b1 `[n1, 1]`, W2 … of a network with the given units, typed by name where these are
 * literal; those that `initializeNetwork` gives for the same seed.
 * @param units n[0] features, then the units of every layer
 * @throws InputError when the units are not whole numbers from 1, or the initializer is unknown.
 * @example
 * ```ts
 * import { initializeParameters } from "@wengert/models";
 *
 * const { W1, b2 } = initializeParameters([784, 20, 1], { seed: 1, initializer: "xavier" });
 * console.log(W1.shape, b2.shape);
 * ```
 * ```text
 * [ 20, 784 ] [ 1, 1 ]
 * ```
 */
export function initializeParameters<const Units extends readonly number[]>(
  units: Units,
  options: InitializeOptions & { readonly dtype?: "f32" | "f64" },
): Named<NetworkParameters<Units>, NdArray> {
  const { dtype = "f32", ...rest } = options;
  const network = lLayerNetwork({ units, dtype });
  // The network has neither dropout nor normalization, so all that persists is its parameters.
  return initializeNetwork(network, rest) as Named<NetworkParameters<Units>, NdArray>;
}
