// Algebra that keeps every value bit for bit; the rules and their reasons stand in one table.

import { rewrite, type Pass } from "./pass.ts";
import { simplifyRules, type SimplifyRule } from "./rules.ts";
import { sweep, type VisitOf } from "./sweep.ts";

type NamedRule = SimplifyRule & { readonly name: string };

const rulesByPrimitive = groupRules();

function groupRules(): ReadonlyMap<string, readonly NamedRule[]> {
  const groups = new Map<string, NamedRule[]>();
  for (const [name, rule] of Object.entries(simplifyRules)) {
    for (const primitive of rule.on)
      groups.set(primitive, [...(groups.get(primitive) ?? []), { ...rule, name }]);
  }
  return groups;
}

/** The first rule of algebra that applies to a node. */
export const simplifying: VisitOf = () => (id, node, at) => {
  for (const { name, reason, match } of rulesByPrimitive.get(node.primitive) ?? []) {
    const to = match(node, at);
    if (to !== undefined) return { node: id, rule: name, reason, to };
  }
  return undefined;
};

/** The graph after all rules of algebra that apply, so many times as they do; every value stays, bit for bit. */
export const simplify: Pass = (document) =>
  rewrite("simplify", document, sweep(document, simplifying(document)));
