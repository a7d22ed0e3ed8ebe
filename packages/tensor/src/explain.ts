// What passes did to a graph, in words.

import { requireDocument } from "./check.ts";
import type { Graph } from "./graph.ts";
import type { PassRecord, Rewrite } from "./passes/pass.ts";

/** How to explain. */
export interface ExplainOptions {
  /** Nodes shown of each rule in each pass; default 5. */
  readonly limit?: number;
}

/**
 * Pass by pass, which rules rewrote which nodes, and why.
 * @param document a graph that passes have changed
 * @param options how many nodes to show
 * @example
 * ```ts
 * import { explain, graph, input, matmul, optimise, parameter, transpose } from "@wengert/tensor";
 * const [W, X] = [parameter("W", [4, 3]), input("X", [4, "m"])];
 * console.log(explain(optimise(graph(matmul(transpose(W), X)))));
 * ```
 * ```text
 * optimise: 1 rewrite
 *   permuteIntoDot: a product takes its axes in any order, so nothing need be transposed
 *     %3
 * removeDead: 1 rewrite
 *   dead: nothing depends on it
 *     %1
 * ```
 */
export function explain(document: Graph, { limit = 5 }: ExplainOptions = {}): string {
  requireDocument("explain", document);
  const { history } = document;
  if (history.length === 0) return "no pass has changed this graph";
  return history.flatMap((record) => explainPass(record, limit)).join("\n");
}

function explainPass({ pass, rewrites }: PassRecord, limit: number): string[] {
  const heading = `${pass}: ${rewrites.length} ${rewrites.length === 1 ? "rewrite" : "rewrites"}`;
  const groups = new Map<string, Rewrite[]>();
  for (const rewrite of rewrites) {
    const key = `${rewrite.rule}: ${rewrite.reason}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [rewrite]);
    else group.push(rewrite);
  }
  const lines = [...groups].flatMap(([key, group]) => [`  ${key}`, `    ${nodesOf(group, limit)}`]);
  return [heading, ...lines];
}

function nodesOf(group: readonly Rewrite[], limit: number): string {
  const shown = group.slice(0, limit).map(({ node }) => node);
  const more = group.length - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}
