// What a function of tensors uses besides its arguments: the nodes at which its graph leaves them.

import { isFloat, type Tensor } from "@wengert/tensor";

/**
 * The nodes that `value` depends on past the arguments, each the last on its way: floats that an input or parameter
 * goes into. The walk stops at the arguments.
 */
export function capturedBy(value: Tensor, args: readonly Tensor[]): readonly Tensor[] {
  // `named` keeps the list of inputs, so that a renamed argument is an argument.
  const given = new Set(args.map(({ inputs }) => inputs));
  const order = nodesUpTo(value, given);
  const within = new Set<Tensor>();
  const fed = new Set<Tensor>();
  for (const node of order) {
    if (given.has(node.inputs) || node.inputs.some((input) => within.has(input))) within.add(node);
    const { name } = node.primitive;
    if (name === "input" || name === "parameter" || node.inputs.some((input) => fed.has(input)))
      fed.add(node);
  }
  const captured = new Set<Tensor>();
  const consider = (node: Tensor): void => {
    if (!within.has(node) && fed.has(node) && isFloat(node.dtype)) captured.add(node);
  };
  consider(value);
  for (const node of order) {
    if (within.has(node) && !given.has(node.inputs)) for (const input of node.inputs) consider(input);
  }
  return [...captured];
}

/** The nodes below `value`, each after its inputs, without those below the arguments. */
function nodesUpTo(value: Tensor, given: ReadonlySet<readonly Tensor[]>): readonly Tensor[] {
  const order: Tensor[] = [];
  const opened = new Set<Tensor>();
  const stack: Tensor[] = [value];
  while (stack.length > 0) {
    const node = stack.at(-1) as Tensor;
    if (opened.has(node)) {
      stack.pop();
      order.push(node);
      continue;
    }
    opened.add(node);
    if (!given.has(node.inputs)) for (const input of node.inputs) if (!opened.has(input)) stack.push(input);
  }
  return order;
}
