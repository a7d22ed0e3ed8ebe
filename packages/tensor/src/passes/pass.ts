// A pass is an immer recipe over a graph document: it collects what it will change, then writes, once.
// Its patches, with the reasons, are the record that `explain` prints; they replay and they revert.

import { applyPatches, enablePatches, produceWithPatches, type Patch } from "immer";
import type { Graph, GraphNode, NodeId } from "../graph.ts";

/** One change that a pass made, and why. */
export interface Rewrite {
  readonly node: NodeId;
  readonly rule: string;
  readonly reason: string;
}

/** What one run of a pass did. */
export interface PassRecord {
  readonly pass: string;
  readonly rewrites: readonly Rewrite[];
  readonly patches: readonly Patch[];
  readonly inversePatches: readonly Patch[];
}

/** A function from graphs to graphs that keeps values and gradients, and records what it did. */
export type Pass = (document: Graph) => Graph;

/** What a pass has decided before it writes. */
export interface Changes {
  /** Nodes with another content; never a new one, so that the order of the keys stays topological. */
  readonly changed: ReadonlyMap<NodeId, GraphNode>;
  /** Nodes whose uses go to another node. */
  readonly aliases: ReadonlyMap<NodeId, NodeId>;
  readonly removed?: readonly NodeId[];
  readonly rewrites: readonly Rewrite[];
}

/** The part of a graph that passes write. */
type Body = Pick<Graph, "nodes" | "outputs" | "updates">;

/** The graph after the changes, in one production; the same graph where there are none. */
export function rewrite(pass: string, document: Graph, changes: Changes): Graph {
  if (changes.rewrites.length === 0) return document;
  // Here, so that importing does nothing; repeating it has no effect.
  enablePatches();
  const { nodes, outputs, updates } = document;
  const [body, patches, inversePatches] = produceWithPatches<Body>({ nodes, outputs, updates }, (draft) => {
    // Writing is what a draft is for; readers never see one.
    const target = draft as { -readonly [K in keyof Body]: Record<string, Body[K][string]> };
    for (const [id, node] of changes.changed) target.nodes[id] = node;
    for (const id of changes.removed ?? []) delete target.nodes[id];
    if (changes.aliases.size === 0) return;
    for (const roots of [target.outputs, target.updates] as Record<string, NodeId>[]) {
      for (const [name, id] of Object.entries(roots)) {
        const other = changes.aliases.get(id);
        if (other !== undefined) roots[name] = other;
      }
    }
  });
  const record = Object.freeze({ pass, rewrites: Object.freeze(changes.rewrites), patches, inversePatches });
  return Object.freeze({ ...document, ...body, history: Object.freeze([...document.history, record]) });
}

/**
 * The graph after a recorded pass, from the graph before it.
 * @param record of the pass, from the `history` of the graph after it
 */
export function replay(document: Graph, { patches }: PassRecord): Graph {
  return Object.freeze({ ...document, ...patched(document, patches) });
}

/**
 * The graph before a recorded pass, from the graph after it.
 * @param record of the pass, the last one of the graph's `history`
 */
export function revert(document: Graph, { inversePatches }: PassRecord): Graph {
  const body = patched(document, inversePatches);
  return Object.freeze({ ...document, ...body, nodes: inOrder(body.nodes) });
}

/** The nodes with every one after its inputs: a key that was removed comes back at the end. */
function inOrder(nodes: Graph["nodes"]): Graph["nodes"] {
  const ordered: Record<NodeId, GraphNode> = {};
  const visited = new Set<NodeId>();
  for (const root of Object.keys(nodes)) {
    const path: NodeId[] = [root];
    while (path.length > 0) {
      const id = path.at(-1) as NodeId;
      const waiting = visited.has(id) ? [] : nodes[id].inputs.filter((input) => !visited.has(input));
      // One by one: a call takes no hundred thousand arguments.
      for (const input of waiting) path.push(input);
      if (waiting.length > 0) continue;
      if (!visited.has(id)) ordered[id] = nodes[id];
      visited.add(id);
      path.pop();
    }
  }
  return Object.freeze(ordered);
}

function patched({ nodes, outputs, updates }: Graph, patches: readonly Patch[]): Body {
  enablePatches();
  return applyPatches<Body>({ nodes, outputs, updates }, patches);
}
