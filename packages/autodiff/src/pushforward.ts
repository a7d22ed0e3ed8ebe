// Forward mode: tangents flow from the sources to the outputs, beside the values.

import { zerosLike, type Tensor } from "@wengert/tensor";
import { ruleOf } from "./differentiable.ts";
import { pathBetween, requireFloat } from "./path.ts";
import { requireLike } from "./pullback.ts";
import type { Maybe } from "./rule.ts";

/**
 * The tangents of `outputs` for given tangents of `sources` (Jacobian-vector products).
 * Zeros where an output does not depend on a source.
 * @throws DerivativeError when something on the way has no derivative, or a rule returns what does not fit.
 */
export function pushforward(
  sources: readonly Tensor[],
  tangents: readonly Tensor[],
  outputs: readonly Tensor[],
  stage = "jvp",
): readonly Tensor[] {
  requireFloat(stage, [...outputs, ...sources]);
  const known = new Map<Tensor, Maybe>();
  for (const [i, source] of sources.entries()) {
    requireLike(stage, `tangent ${i + 1}`, source, tangents[i]);
    known.set(source, tangents[i]);
  }
  for (const node of pathBetween(stage, sources, outputs)) {
    if (known.has(node)) continue;
    const t = ruleOf(node.primitive).jvp(
      node,
      node.inputs.map((input) => known.get(input)),
    );
    if (t !== undefined) requireLike(node.primitive.name, "the tangent", node, t);
    known.set(node, t);
  }
  return outputs.map((output) => known.get(output) ?? zerosLike(output));
}
