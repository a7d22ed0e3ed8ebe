// Algebra that keeps every value bit for bit; the rules and their reasons stand in one table.

import { rewrite, type Pass } from "./pass.ts";
import { simplifyRules, type SimplifyRule } from "./rules.ts";
import { sweep } from "./sweep.ts";

type NamedRule = readonly [name: string, rule: SimplifyRule];

const rulesByPrimitive = groupRules();

function groupRules(): ReadonlyMap<string, readonly NamedRule[]> {
  const groups = new Map<string, NamedRule[]>();
  for (const entry of Object.entries(simplifyRules)) {
    for (const primitive of entry[1].on) groups.set(primitive, [...(groups.get(primitive) ?? []), entry]);
  }
  return groups;
}

/** The graph after all rules of algebra that apply, so many times as they do; every value stays, bit for bit. */
export const simplify: Pass = (document) =>
  rewrite(
    "simplify",
    document,
    sweep(document, (id, node, at) => {
      for (const [rule, { reason, match }] of rulesByPrimitive.get(node.primitive) ?? []) {
        const to = match(node, at);
        if (to !== undefined) return { node: id, rule, reason, to };
      }
      return undefined;
    }),
  );
