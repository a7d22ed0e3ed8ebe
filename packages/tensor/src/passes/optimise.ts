// The list of passes, run from top to bottom until none changes the graph.

import type { Graph } from "../graph.ts";
import { foldConstants } from "./fold-constants.ts";
import type { Pass } from "./pass.ts";
import { removeDead } from "./remove-dead.ts";
import { shareSubexpressions } from "./share-subexpressions.ts";
import { simplify } from "./simplify.ts";

/** The passes in the order in which `optimise` runs them. */
export const passes: readonly Pass[] = Object.freeze([
  simplify,
  foldConstants,
  shareSubexpressions,
  removeDead,
]);

/**
 * The graph after all passes, again and again until none changes it; the same graph where none does.
 * Values stay bit for bit, and `history` says what was done and why.
 */
export function optimise(document: Graph): Graph {
  let current = document;
  let unchanged = 0;
  for (let turn = 0; unchanged < passes.length; turn++) {
    const next = passes[turn % passes.length](current);
    unchanged = next === current ? unchanged + 1 : 0;
    current = next;
  }
  return current;
}
