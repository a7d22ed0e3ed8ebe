// The nodes that a derivative passes: those that depend on what one differentiates with respect to and that the
// outputs depend on, through operands that carry derivatives.

import { DerivativeError, isFloat, labelOf, showShape, topological, type Tensor } from "@wengert/tensor";
import { ruleOf } from "./differentiable.ts";

/**
 * The nodes between `sources` and `outputs`, sources included, each after its inputs.
 * @throws DerivativeError when a node on the way has no derivative.
 */
export function pathBetween(
  stage: string,
  sources: readonly Tensor[],
  outputs: readonly Tensor[],
): readonly Tensor[] {
  const order = topological(outputs);
  const active = new Set<Tensor>(sources);
  for (const node of order) {
    const moves = (input: Tensor, index: number): boolean =>
      active.has(input) && ruleOf(node.primitive).carries(node, index);
    if (!active.has(node) && node.inputs.some(moves)) active.add(node);
  }
  // On the way back, each node remembers who asked for it, so that an error can show the path.
  const askedBy = new Map<Tensor, Tensor | undefined>();
  for (const output of outputs) if (active.has(output)) askedBy.set(output, undefined);
  const given = new Set<Tensor>(sources);
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    if (!askedBy.has(node)) continue;
    const inner = node.inputs.filter(
      (input, index) => active.has(input) && ruleOf(node.primitive).carries(node, index),
    );
    if (inner.length > 0 && !given.has(node)) requireDerivative(stage, node, askedBy);
    for (const input of inner) if (!askedBy.has(input)) askedBy.set(input, node);
  }
  return order.filter((node) => askedBy.has(node));
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
