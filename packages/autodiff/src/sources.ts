// Which nodes are the ones that a derivative is taken with respect to. A graph document makes one node of
// structurally equal ones, so a derivative must take them for one too: a second `parameter("W", …)`, or a node that
// was given a name after others had used it, would else silently get the gradient zero.

import { structuralKeys, topological, type Tensor } from "@wengert/tensor";

/** The source that a node stands for, if any. */
export type SourceOf = (node: Tensor) => Tensor | undefined;

/** Finds sources among the nodes that the outputs depend on: by identity where that finds all, else by structure. */
export function sourcesAmong(sources: readonly Tensor[], order: readonly Tensor[]): SourceOf {
  const given = new Set(sources);
  const found = order.filter((node) => given.has(node)).length === given.size;
  if (found && !hasTwins(order)) return (node) => (given.has(node) ? node : undefined);
  const keyOf = structuralKeys();
  const keys = new Map<Tensor, string>();
  const ids = new Map<string, string>();
  for (const node of topological([...order, ...sources])) {
    const inputs = node.inputs.map((input) => keys.get(input)!);
    const key = keyOf({ ...node, primitive: node.primitive.name, inputs });
    if (!ids.has(key)) ids.set(key, String(ids.size));
    keys.set(node, ids.get(key)!);
  }
  // Of equal sources the first stands for all.
  const byKey = new Map<string, Tensor>();
  for (const source of sources) if (!byKey.has(keys.get(source)!)) byKey.set(keys.get(source)!, source);
  return (node) => byKey.get(keys.get(node)!);
}

/** True where two different leaves have one name. */
function hasTwins(order: readonly Tensor[]): boolean {
  const names = new Set<unknown>();
  for (const { primitive, attributes } of order) {
    if (primitive.name !== "input" && primitive.name !== "parameter") continue;
    if (names.has(attributes["name"])) return true;
    names.add(attributes["name"]);
  }
  return false;
}
