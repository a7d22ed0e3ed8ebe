// Forward mode: tangents flow from the sources to the outputs, beside the values.

import { zerosLike, type Tensor } from "@wengert/tensor";
import { ruleOf } from "./differentiable.ts";
import { pathBetween, requireFloat } from "./path.ts";
import { requireLike } from "./pullback.ts";
import { sumOf, type Maybe } from "./rule.ts";
import type { FindSources } from "./sources.ts";
import { requireTensorList } from "./structure.ts";

/**
 * The tangents of `outputs` for given tangents of `sources` (Jacobian-vector products): the transpose of `pullback`.
 * Zeros where an output does not depend on a source; a source that depends on another moves with it, by its own
 * tangent more.
 * @throws DerivativeError when something on the way has no derivative, or a rule returns what does not fit.
 */
export function pushforward(
  sources: readonly Tensor[],
  tangents: readonly Tensor[],
  outputs: readonly Tensor[],
): readonly Tensor[] {
  return pushforwardIn("jvp", sources, tangents, outputs);
}

/** `pushforward` for a stage that errors name, with its own way to find sources. */
export function pushforwardIn(
  stage: string,
  sources: readonly Tensor[],
  tangents: readonly Tensor[],
  outputs: readonly Tensor[],
  findSources?: FindSources,
): readonly Tensor[] {
  requireTensorList(stage, "sources", sources);
  requireTensorList(stage, "tangents", tangents);
  requireTensorList(stage, "outputs", outputs);
  requireFloat(stage, [...outputs, ...sources]);
  for (const [i, source] of sources.entries()) requireLike(stage, `tangent ${i + 1}`, source, tangents[i]);
  const { nodes, sourceOf } = pathBetween(stage, sources, outputs, findSources);
  const given = new Map<Tensor | undefined, Maybe>();
  for (const [i, source] of sources.entries()) {
    const stand = sourceOf(source);
    given.set(stand, sumOf([given.get(stand), tangents[i]]));
  }
  const known = new Map<Tensor, Maybe>();
  for (const node of nodes) {
    const source = sourceOf(node);
    const own = source === undefined ? undefined : given.get(source);
    known.set(node, sumOf([own, tangentOf(node, known)]));
  }
  return outputs.map((output) => known.get(output) ?? zerosLike(output));
}

function tangentOf(node: Tensor, known: ReadonlyMap<Tensor, Maybe>): Maybe {
  const tangents = node.inputs.map((input) => known.get(input));
  if (tangents.every((t) => t === undefined)) return undefined;
  const t = ruleOf(node.primitive).jvp(node, tangents);
  if (t !== undefined) requireLike(node.primitive.name, "the tangent", node, t);
  return t;
}
