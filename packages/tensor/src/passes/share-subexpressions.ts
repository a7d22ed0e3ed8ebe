// Nodes that compute the same from the same are one.

import type { NodeId } from "../graph.ts";
import { structuralKeys } from "../structural-key.ts";
import { rewrite, type Pass } from "./pass.ts";
import { sweep, type VisitOf } from "./sweep.ts";

/** The first node that is structurally equal to a node. */
export const sharing: VisitOf = () => {
  const keyOf = structuralKeys();
  const first = new Map<string, NodeId>();
  return (id, node) => {
    const key = keyOf(node);
    const same = first.get(key);
    if (same === undefined) first.set(key, id);
    if (same === undefined || same === id) return undefined;
    return { node: id, rule: "equal", reason: `the same as ${same}`, to: { alias: same } };
  };
};

/** The graph in which the first of structurally equal nodes serves all who use them. */
export const shareSubexpressions: Pass = (document) =>
  rewrite("shareSubexpressions", document, sweep(document, sharing(document)));
