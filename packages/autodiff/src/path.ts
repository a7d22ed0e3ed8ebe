// The nodes that a derivative passes: those that depend on what one differentiates with respect to and that the
// outputs depend on, through operands that carry derivatives.

import { DerivativeError, isFloat, labelOf, showShape, topological, type Tensor } from "@wengert/tensor";
import { ruleOf } from "./differentiable.ts";
import { sourcesByStructure, type FindSources, type SourceOf } from "./sources.ts";

/** What a derivative passes, and where it ends. */
export interface Path {
  /** The nodes between sources and outputs, sources included, each after its inputs. */
  readonly nodes: readonly Tensor[];
  /** The source that a node stands for. */
  readonly sourceOf: SourceOf;
}

/**
 * The nodes between `sources` and `outputs`.
 * @throws DerivativeError when a node on the way has no derivative.
 */
export function pathBetween(
  stage: string,
  sources: readonly Tensor[],
  outputs: readonly Tensor[],
  findSources: FindSources = sourcesByStructure,
): Path {
  const order = topological(outputs);
  const sourceOf = findSources(sources, order);
  const active = new Set<Tensor>();
  for (const node of order) {
    const moves = (input: Tensor, index: number): boolean =>
      active.has(input) && ruleOf(node.primitive).carries(node, index);
    if (sourceOf(node) !== undefined || node.inputs.some(moves)) active.add(node);
  }
  // On the way back, each node remembers who asked for it, so that an error can show the path.
  const askedBy = new Map<Tensor, Tensor | undefined>();
  for (const output of outputs) if (active.has(output)) askedBy.set(output, undefined);
  for (const node of order.toReversed()) {
    if (!askedBy.has(node)) continue;
    const inner = node.inputs.filter(
      (input, index) => active.has(input) && ruleOf(node.primitive).carries(node, index),
    );
    if (inner.length > 0) requireDerivative(stage, node, askedBy);
    for (const input of inner) if (!askedBy.has(input)) askedBy.set(input, node);
  }
  return { nodes: order.filter((node) => askedBy.has(node)), sourceOf };
}

function requireDerivative(
  stage: string,
  node: Tensor,
  askedBy: ReadonlyMap<Tensor, Tensor | undefined>,
): void {
  const { reason } = ruleOf(node.primitive);
  if (reason === undefined) return;
  const names: string[] = [];
  for (let at: Tensor | undefined = node; at !== undefined; at = askedBy.get(at)) names.unshift(labelOf(at));
  const shown = names.length > 12 ? [...names.slice(0, 5), "…", ...names.slice(-5)] : names;
  throw new DerivativeError(`${stage}: ${node.primitive.name} has no derivative (${reason})`, {
    context: [`path   ${[...shown, ...node.inputs.slice(0, 1).map(labelOf)].join(" ← ")}`],
    help: "stopGradient(x) if this is intended, or a smooth function such as softmax",
  });
}

/** Refuses tensors without derivatives: integers and truth values. */
export function requireFloat(stage: string, tensors: readonly Tensor[]): void {
  for (const tensor of tensors) {
    if (isFloat(tensor.dtype)) continue;
    const got = `${tensor.dtype} ${labelOf(tensor)} ${showShape(tensor.shape)}`;
    throw new DerivativeError(`${stage}: only f32 and f64 have derivatives, got ${got}`, {
      help: 'cast(x, "f32") before it is used',
    });
  }
}
