// Which nodes are the ones that a derivative is taken with respect to. A graph document makes one node of
// structurally equal ones, so a derivative of nodes takes them for one too: a second `parameter("W", …)`, or a node
// that was named after others had used it, would else silently get the gradient zero. A derivative of a function
// knows its arguments by identity instead, since the function may also close over the very node that it is given.

import { structuralKeys, topological, type Tensor } from "@wengert/tensor";

/** The source that a node stands for, if any. */
export type SourceOf = (node: Tensor) => Tensor | undefined;

/** How sources are found among the nodes that the outputs depend on. */
export type FindSources = (sources: readonly Tensor[], order: readonly Tensor[]) => SourceOf;

/** Structurally equal nodes are one; of equal sources the first stands for all. */
export const sourcesByStructure: FindSources = (sources, order) => {
  const given = new Set(sources);
  if (!mayHaveTwins(given, order)) return (node) => (given.has(node) ? node : undefined);
  const keyOf = structuralKeys();
  const keys = new Map<Tensor, string>();
  const ids = new Map<string, string>();
  // Two primitives of one's own may have one name until a document is made of them, which refuses that.
  const kernels = new Map<unknown, number>();
  for (const node of topological([...order, ...sources])) {
    const inputs = node.inputs.map((input) => keys.get(input)!);
    const { name, kernel } = node.primitive;
    if (!kernels.has(kernel)) kernels.set(kernel, kernels.size);
    const key = keyOf({ ...node, primitive: `${name} ${kernels.get(kernel)}`, inputs });
    if (!ids.has(key)) ids.set(key, String(ids.size));
    keys.set(node, ids.get(key)!);
  }
  const byKey = new Map<string, Tensor>();
  for (const source of sources) if (!byKey.has(keys.get(source)!)) byKey.set(keys.get(source)!, source);
  return (node) => byKey.get(keys.get(node)!);
};

/** A node is a source only if it is that very node, under whatever name: `named` keeps the list of inputs. */
export const sourcesByIdentity: FindSources = (sources) => {
  const given = new Map(sources.map((source) => [source.inputs, source]));
  return (node) => given.get(node.inputs);
};

/** False where no node can be structurally equal to a source other than itself: a quick look at each alone. */
function mayHaveTwins(given: ReadonlySet<Tensor>, order: readonly Tensor[]): boolean {
  const signatures = new Set([...given].map(signature));
  if (signatures.size < given.size) return true;
  return order.some((node) => !given.has(node) && signatures.has(signature(node)));
}

function signature({ primitive, inputs, attributes, shape, dtype }: Tensor): string {
  const name = inputs.length === 0 ? String(attributes["name"]) : "";
  return `${primitive.name}/${inputs.length}/${dtype}/${shape.join()}/${name}`;
}
