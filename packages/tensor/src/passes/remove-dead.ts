// What no output and no update depends on goes; inputs and parameters stay, so that a graph takes the same values.

import type { NodeId } from "../graph.ts";
import { rewrite, type Pass } from "./pass.ts";

/** The graph without nodes that no output and no update depends on, inputs and parameters excepted. */
export const removeDead: Pass = (document) => {
  const alive = new Set<NodeId>([...Object.values(document.outputs), ...Object.values(document.updates)]);
  const ids = Object.keys(document.nodes);
  for (const id of ids.toReversed()) {
    const node = document.nodes[id];
    if (node.primitive === "input" || node.primitive === "parameter") alive.add(id);
    if (alive.has(id)) for (const input of node.inputs) alive.add(input);
  }
  const removed = ids.filter((id) => !alive.has(id));
  const rewrites = removed.map((node) => ({ node, rule: "dead", reason: "nothing depends on it" }));
  return rewrite("removeDead", document, { changed: new Map(), aliases: new Map(), removed, rewrites });
};
