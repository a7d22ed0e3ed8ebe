// Reverse mode: cotangents flow from the outputs to the sources, and become nodes of the same kind of graph.

import {
  DerivativeError,
  isTensor,
  sameShape,
  showShape,
  shownValue,
  zerosLike,
  type Tensor,
} from "@wengert/tensor";
import { ruleOf } from "./differentiable.ts";
import { pathBetween, requireFloat } from "./path.ts";
import { sumOf, type Maybe } from "./rule.ts";
import type { FindSources } from "./sources.ts";
import { requireTensorList } from "./structure.ts";

/**
 * The cotangents of `sources` for given cotangents of `outputs` (vector-Jacobian products), each of the shape and
 * dtype of its source. Zeros where no output depends on a source; total derivatives where one source depends on another.
 * @throws DerivativeError when something on the way has no derivative, or a rule returns what does not fit.
 */
export function pullback(
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  sources: readonly Tensor[],
): readonly Tensor[] {
  return pullbackIn("vjp", outputs, cotangents, sources);
}

/** `pullback` for a stage that errors name, with its own way to find sources. */
export function pullbackIn(
  stage: string,
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  sources: readonly Tensor[],
  findSources?: FindSources,
): readonly Tensor[] {
  requireTensorList(stage, "outputs", outputs);
  requireTensorList(stage, "cotangents", cotangents);
  requireTensorList(stage, "sources", sources);
  requireFloat(stage, [...outputs, ...sources]);
  for (const [i, output] of outputs.entries())
    requireLike(stage, `cotangent ${i + 1}`, output, cotangents[i]);
  const { nodes, sourceOf } = pathBetween(stage, sources, outputs, findSources);
  const arrived = new Map<Tensor, Maybe[]>(nodes.map((node) => [node, []]));
  for (const [i, output] of outputs.entries()) arrived.get(output)?.push(cotangents[i]);
  const onPath = new Set(nodes);
  const given = new Map<Tensor, Maybe>();
  for (const node of nodes.toReversed()) {
    const ct = sumOf(arrived.get(node) ?? []);
    arrived.delete(node);
    const source = sourceOf(node);
    if (source !== undefined) given.set(source, sumOf([given.get(source), ct]));
    if (ct === undefined || !node.inputs.some((input) => onPath.has(input))) continue;
    const parts = checkedVjp(node, ct);
    for (const [i, input] of node.inputs.entries()) if (onPath.has(input)) arrived.get(input)?.push(parts[i]);
  }
  return sources.map((source) => given.get(sourceOf(source) ?? source) ?? zerosLike(source));
}

function checkedVjp(node: Tensor, ct: Tensor): readonly Maybe[] {
  const { name } = node.primitive;
  const parts = ruleOf(node.primitive).vjp(node, ct);
  const isList: boolean = Array.isArray(parts);
  if (!isList)
    throw new DerivativeError(`${name}: a rule returns a list of cotangents, got ${shownValue(parts)}`);
  if (parts.length !== node.inputs.length) {
    const rule = "a rule returns one cotangent an input";
    throw new DerivativeError(`${name}: ${rule}, got ${parts.length} for ${node.inputs.length}`);
  }
  for (const [i, part] of parts.entries()) {
    if (part !== undefined) requireLike(name, `the cotangent for input ${i + 1}`, node.inputs[i]!, part);
  }
  return parts;
}

/** Refuses a tangent or cotangent that has not the shape and dtype of its primal. */
export function requireLike(stage: string, what: string, primal: Tensor, derivative: Maybe): void {
  if (derivative?.dtype === primal.dtype && sameShape(derivative.shape, primal.shape)) return;
  const type = (tensor: Tensor): string => `${tensor.dtype} ${showShape(tensor.shape)}`;
  const got = isTensor(derivative) ? type(derivative) : shownValue(derivative);
  throw new DerivativeError(
    `${stage}: ${what} must have the type of its primal, got ${got} for ${type(primal)}`,
  );
}
