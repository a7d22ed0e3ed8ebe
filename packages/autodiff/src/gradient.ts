// The gradient of a scalar cost, in the structure of what it is taken with respect to.

import { DerivativeError, isTensor, onesLike, showShape, type Structure, type Tensor } from "@wengert/tensor";
import { pullbackIn } from "./pullback.ts";
import type { FindSources } from "./sources.ts";
import { flatten } from "./structure.ts";

/** The structure of `W`, with a gradient for each tensor. */
export type GradientOf<W extends Structure> = W extends Tensor ? W : { readonly [K in keyof W]: W[K] };

/**
 * The gradient nodes of a scalar cost with respect to a node, a list or a record of nodes: leaves or intermediates.
 * Each has the shape and dtype of its primal; zeros where the cost does not depend on it. Being nodes, gradients can
 * be differentiated again, printed, optimised and exported. Reverse mode (Speelpenning 1980).
 * @throws DerivativeError when the cost is not a scalar, a tensor is not floating-point, or something on the way has
 * no derivative.
 * @example
 * ```ts
 * import { evaluate, mul, parameter } from "@wengert/tensor";
 * import { gradient } from "@wengert/autodiff";
 * const x = parameter("x", []);
 * console.log(String(evaluate(gradient(mul(x, x), x), { x: 3 })));
 * ```
 * ```text
 * f32[] 6
 * ```
 */
export function gradient<const W extends Structure>(cost: Tensor, wrt: W): GradientOf<W> {
  const { tensors, rebuild } = flatten("gradient", wrt);
  return rebuild(gradientsOf(cost, tensors)) as GradientOf<W>;
}

/** The gradients of a scalar cost, one a source. */
export function gradientsOf(
  cost: Tensor,
  sources: readonly Tensor[],
  findSources?: FindSources,
): readonly Tensor[] {
  if (!isTensor(cost) || cost.shape.length > 0) {
    const got = isTensor(cost) ? `shape ${showShape(cost.shape)}` : typeof cost;
    throw new DerivativeError(`gradient: the cost must be a scalar, got ${got}`, {
      help: "sum(x) or mean(x) makes one",
    });
  }
  return pullbackIn("gradient", [cost], [onesLike(cost)], sources, findSources);
}
