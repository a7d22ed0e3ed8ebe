// From a graph document back to nodes, to build on, to differentiate or to compare.

import { nodesOf, primitiveOf, type Graph } from "./graph.ts";
import { apply, named, type Tensor } from "./tensor.ts";

/** The tensors that a graph document's outputs and updates name. */
export interface Rebuilt {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly updates: Readonly<Record<string, Tensor>>;
}

/** The nodes of a graph document; every shape rule runs again. */
export function rebuild(document: Graph): Rebuilt {
  const tensors = new Map<string, Tensor>();
  for (const [id, node] of nodesOf(document)) {
    const inputs = node.inputs.map((input) => tensors.get(input)!);
    const tensor = apply(primitiveOf(document, node.primitive), inputs, node.attributes);
    tensors.set(id, node.name === undefined ? tensor : named(node.name, tensor));
  }
  const pick = (record: Readonly<Record<string, string>>): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(record).map(([name, id]) => [name, tensors.get(id)!]));
  return { outputs: pick(document.outputs), updates: pick(document.updates) };
}
