// Nodes that compute the same from the same are one.

import type { NodeId } from "../graph.ts";
import { structuralKeys } from "../structural-key.ts";
import { rewrite, type Pass } from "./pass.ts";
import { sweep } from "./sweep.ts";

/** The graph in which the first of structurally equal nodes serves all who use them. */
export const shareSubexpressions: Pass = (document) => {
  const keyOf = structuralKeys();
  const first = new Map<string, NodeId>();
  return rewrite(
    "shareSubexpressions",
    document,
    sweep(document, (id, node) => {
      const key = keyOf(node);
      const same = first.get(key);
      first.set(key, same ?? id);
      if (same === undefined || same === id) return undefined;
      return { node: id, rule: "equal", reason: `the same as ${same}`, to: { alias: same } };
    }),
  );
};
