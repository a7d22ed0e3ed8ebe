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
  const given = new Map<Tensor, Maybe>();
  for (const [i, source] of sources.entries()) {
    requireLike(stage, `tangent ${i + 1}`, source, tangents[i]);
    given.set(source, tangents[i]);
  }
  const { nodes, sourceOf } = pathBetween(stage, sources, outputs);
  const known = new Map<Tensor, Maybe>();
  for (const node of nodes) {
    const source = sourceOf(node);
    const t = source === undefined ? tangentOf(node, known) : given.get(source);
    known.set(node, t);
  }
  return outputs.map((output) => known.get(output) ?? zerosLike(output));
}

function tangentOf(node: Tensor, known: ReadonlyMap<Tensor, Maybe>): Maybe {
  const t = ruleOf(node.primitive).jvp(
    node,
    node.inputs.map((input) => known.get(input)),
  );
  if (t !== undefined) requireLike(node.primitive.name, "the tangent", node, t);
  return t;
}
