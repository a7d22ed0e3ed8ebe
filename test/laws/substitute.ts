// A graph as a function of some of its nodes.

import { apply, topological, type Tensor } from "@wengert/tensor";

/** The same graph on other sources. */
export function substitute(out: Tensor, sources: readonly Tensor[], given: readonly Tensor[]): Tensor {
  const known = new Map(sources.map((source, i) => [source, given[i] as Tensor]));
  for (const node of topological([out])) {
    if (known.has(node)) continue;
    const inputs = node.inputs.map((each) => known.get(each) as Tensor);
    const changed = inputs.some((each, i) => each !== node.inputs[i]);
    known.set(node, changed ? apply(node.primitive, inputs, node.attributes) : node);
  }
  return known.get(out) as Tensor;
}
