// What passes did to a graph, in words.

import type { Graph } from "./graph.ts";

/** How to explain. */
export interface ExplainOptions {
  /** Rewrites shown of each rule in each pass; default 5. */
  readonly limit?: number;
}

/** Pass by pass, which nodes each rule rewrote and why. */
export function explain(document: Graph, { limit = 5 }: ExplainOptions = {}): string {
  if (document.history.length === 0) return "no pass has changed this graph";
  return document.history
    .map(({ pass, rewrites }) => {
      const rules = new Map<string, { node: string; reason: string }[]>();
      for (const { rule, node, reason } of rewrites) {
        const list = rules.get(rule);
        if (list === undefined) rules.set(rule, [{ node, reason }]);
        else list.push({ node, reason });
      }
      const lines = [...rules].map(([rule, list]) => {
        const shown = list.slice(0, limit).map(({ node, reason }) => `    ${node}  ${reason}`);
        const more = list.length > limit ? [`    and ${list.length - limit} more`] : [];
        return [`  ${rule}: ${list.length}`, ...shown, ...more].join("\n");
      });
      return [`${pass}: ${rewrites.length} ${rewrites.length === 1 ? "rewrite" : "rewrites"}`, ...lines].join(
        "\n",
      );
    })
    .join("\n");
}
