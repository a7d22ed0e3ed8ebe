// A pass is an immer recipe over a graph document: it collects what it will change, then writes, once.
// Its patches, with the reasons, are the record that `explain` prints; they replay and they revert.

import { applyPatches, enablePatches, freeze, produceWithPatches, type Patch } from "immer";
import { requireDocument } from "../check.ts";
import { GraphError } from "../errors.ts";
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
  /** Nodes that go, and those to which their uses go. */
  readonly aliases: ReadonlyMap<NodeId, NodeId>;
  readonly removed?: readonly NodeId[];
  readonly rewrites: readonly Rewrite[];
}

/** The part of a graph that passes write. */
type Body = Pick<Graph, "nodes" | "outputs" | "updates">;
type Written = { readonly [K in keyof Body]: Record<string, Body[K][string]> };

/** The graph after the changes, written at once; the same graph where there are none. */
export function rewrite(pass: string, document: Graph, changes: Changes): Graph {
  if (changes.rewrites.length === 0) return document;
  const { nodes, outputs, updates } = document;
  const body: Written = { nodes: { ...nodes }, outputs: { ...outputs }, updates: { ...updates } };
  write(body, changes);
  const record = recordOf(pass, { nodes, outputs, updates }, changes);
  const history = Object.freeze([...document.history, record]);
  for (const part of Object.values(body)) Object.freeze(part);
  return Object.freeze({ ...document, ...body, history });
}

/** The recipe of a pass, for a copy as for a draft. */
function write({ nodes, outputs, updates }: Written, { changed, removed, aliases }: Changes): void {
  changed.forEach((node, id) => (nodes[id] = freeze(node, true)));
  for (const id of [...aliases.keys(), ...(removed ?? [])]) delete nodes[id];
  if (aliases.size === 0) return;
  for (const roots of [outputs, updates])
    for (const [name, id] of Object.entries(roots)) roots[name] = aliases.get(id) ?? id;
}

/** The record of a pass. Few read the patches, and they cost more than the pass: they are made when first read. */
function recordOf(pass: string, before: Body, changes: Changes): PassRecord {
  let made: readonly [patches: readonly Patch[], inverse: readonly Patch[]] | undefined;
  const both = (): NonNullable<typeof made> => {
    if (made !== undefined) return made;
    enablePatches();
    const [, patches, inverse] = produceWithPatches(before, (draft) => write(draft as Written, changes));
    return (made = [freeze(patches, true), freeze(inverse, true)]);
  };
  return Object.freeze({
    pass,
    rewrites: freeze(changes.rewrites, true),
    get patches() {
      return both()[0];
    },
    get inversePatches() {
      return both()[1];
    },
  });
}

/**
 * The graph after a recorded pass, from the graph before it; its `history` ends with the record.
 * @param record of the pass, from the `history` of the graph after it
 * @throws GraphError where the graph's history has the record already.
 */
export function replay(document: Graph, record: PassRecord): Graph {
  requireDocument("replay", document);
  requireRecord("replay", record);
  if (document.history.includes(record))
    throw new GraphError(`replay: a record is applied once, got that of ${record.pass} again`);
  const history = Object.freeze([...document.history, record]);
  return Object.freeze({ ...document, ...patched(document, record.patches), history });
}

/**
 * The graph before a recorded pass, from the graph after it; its `history` no longer has the record.
 * @param record of the pass, the last one of the graph's `history`
 * @throws GraphError where it is not the last one.
 */
export function revert(document: Graph, record: PassRecord): Graph {
  requireDocument("revert", document);
  requireRecord("revert", record);
  if (document.history.at(-1) !== record) {
    const got = document.history.includes(record) ? "an earlier one" : "one that is not there";
    throw new GraphError(`revert: the record must be the last of the graph's history, got ${got}`);
  }
  const body = patched(document, record.inversePatches);
  const history = Object.freeze(document.history.slice(0, -1));
  return Object.freeze({ ...document, ...body, nodes: inOrder(body.nodes), history });
}

function requireRecord(call: string, record: Partial<PassRecord> | undefined): void {
  if (Array.isArray(record?.patches) && Array.isArray(record.inversePatches)) return;
  throw new GraphError(`${call}: a record is one of the graph's history, got another value`);
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
