// A pass is an immer recipe over a graph document: it collects what it will change, then writes, once.
// Its patches, with the reasons, are the record that `explain` prints; they replay and they revert.

import type { Patch } from "immer";
import type { Graph, NodeId } from "../graph.ts";

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
export type Pass = (graph: Graph) => Graph;
