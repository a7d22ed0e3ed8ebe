// What no output and no update depends on goes; inputs and parameters stay, so that a graph takes the same values.

import { nodesOf, type NodeId } from "../graph.ts";
import { rewrite, type Pass } from "./pass.ts";

/** The graph without nodes that no output and no update depends on, inputs and parameters excepted. */
export const removeDead: Pass = (document) => {
  const alive = new Set<NodeId>([...Object.values(document.outputs), ...Object.values(document.updates)]);
  const entries = nodesOf(document);
  for (const [id, node] of entries.toReversed()) {
    if (node.primitive === "input" || node.primitive === "parameter") alive.add(id);
    if (alive.has(id)) for (const input of node.inputs) alive.add(input);
  }
  const removed = entries.flatMap(([id]) => (alive.has(id) ? [] : [id]));
  const rewrites = removed.map((node) => ({ node, rule: "dead", reason: "nothing depends on it" }));
  return rewrite("removeDead", document, { changed: new Map(), aliases: new Map(), removed, rewrites });
};
