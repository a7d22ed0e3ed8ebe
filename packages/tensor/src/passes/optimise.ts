// The passes together. What they do to a node depends on the nodes before it alone, so that one walk does all of it.

import { requireDocument } from "../check.ts";
import type { Graph } from "../graph.ts";
import { foldConstants, folding } from "./fold-constants.ts";
import { rewrite, type Pass } from "./pass.ts";
import { removeDead } from "./remove-dead.ts";
import { shareSubexpressions, sharing } from "./share-subexpressions.ts";
import { simplify, simplifying } from "./simplify.ts";
import { sweep, type Visit } from "./sweep.ts";

/** The passes, in the order in which `optimise` tries them on every node; what nobody needs goes last. */
export const passes: readonly Pass[] = Object.freeze([
  simplify,
  foldConstants,
  shareSubexpressions,
  removeDead,
]);

/**
 * The graph after all passes, none of which would change it again; the same graph where none does.
 * Values stay bit for bit, and `history` says what was done and why.
 * @throws GraphError where something else than a document is given.
 */
export function optimise(document: Graph): Graph {
  requireDocument("optimise", document);
  const [simplified, folded, shared] = [simplifying(document), folding(document), sharing(document)];
  // What is equal to another is asked last: of a node that can still change, the answer would not hold.
  const visit: Visit = (id, node, at) =>
    simplified(id, node, at) ?? folded(id, node, at) ?? shared(id, node, at);
  return removeDead(rewrite("optimise", document, sweep(document, visit)));
}
