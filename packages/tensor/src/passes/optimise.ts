// The list of passes, run from top to bottom until none changes the graph; what nobody needs goes last.

import { requireDocument } from "../check.ts";
import type { Graph } from "../graph.ts";
import { foldConstants } from "./fold-constants.ts";
import type { Pass } from "./pass.ts";
import { removeDead } from "./remove-dead.ts";
import { shareSubexpressions } from "./share-subexpressions.ts";
import { simplify } from "./simplify.ts";

/** They look at a node and what it depends on, and leave their own results as they are. */
const rewriting: readonly Pass[] = [simplify, foldConstants, shareSubexpressions];

/** The passes in the order in which `optimise` runs them. */
export const passes: readonly Pass[] = Object.freeze([...rewriting, removeDead]);

/**
 * The graph after all passes, again and again until none changes it; the same graph where none does.
 * Values stay bit for bit, and `history` says what was done and why.
 * @throws GraphError where something else than a document is given.
 */
export function optimise(document: Graph): Graph {
  requireDocument("optimise", document);
  let current = document;
  // How many of the last passes have nothing to change in the graph as it is now.
  let settled = 0;
  for (let turn = 0; settled < rewriting.length; turn++) {
    const next = rewriting[turn % rewriting.length](current);
    settled = next === current ? settled + 1 : 1;
    current = next;
  }
  return removeDead(current);
}
