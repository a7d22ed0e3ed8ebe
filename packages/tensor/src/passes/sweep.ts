// One walk over a graph from inputs to outputs that collects what a pass will change.

import type { Graph, GraphNode, NodeId } from "../graph.ts";
import type { Changes, Rewrite } from "./pass.ts";

/** What a node becomes: another node that exists, or another content. */
export type Outcome = { readonly alias: NodeId } | { readonly node: GraphNode };

/** A change with its reason, or nothing where the node stays. */
type Found = (Rewrite & { readonly to: Outcome }) | undefined;

/** Looks at a node as it is by now, and, by `at`, at the nodes before it as they are by now. */
export type Visit = (id: NodeId, node: GraphNode, at: (id: NodeId) => GraphNode) => Found;

/** What a sweep does to the nodes of a graph. */
export type VisitOf = (document: Graph) => Visit;

/** The changes of one sweep: each node is visited after its inputs, again and again until it stays as it is. */
export function sweep(document: Graph, visit: Visit): Changes {
  const changed = new Map<NodeId, GraphNode>();
  const aliases = new Map<NodeId, NodeId>();
  const rewrites: Rewrite[] = [];
  const at = (id: NodeId): GraphNode => changed.get(id) ?? document.nodes[id];
  // By key: a pair for every node costs more than most visits.
  for (const id of Object.keys(document.nodes)) {
    const original = document.nodes[id];
    let node = redirected(original, aliases);
    for (let found = visit(id, node, at); found !== undefined; found = visit(id, node, at)) {
      rewrites.push({ node: id, rule: found.rule, reason: found.reason });
      if ("alias" in found.to) {
        aliases.set(id, found.to.alias);
        // It goes, whatever it had become before.
        node = original;
        break;
      }
      node = found.to.node;
    }
    if (node !== original) changed.set(id, node);
  }
  return { changed, aliases, rewrites };
}

/** The node with its inputs redirected; the same node where none is. */
function redirected(node: GraphNode, aliases: ReadonlyMap<NodeId, NodeId>): GraphNode {
  if (aliases.size === 0 || !node.inputs.some((input) => aliases.has(input))) return node;
  return { ...node, inputs: node.inputs.map((input) => aliases.get(input) ?? input) };
}
