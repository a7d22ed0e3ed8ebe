// `pnpm run mutate`: breaks every derivative row in turn and lets the laws find it. A row that survives is a gap in
// the laws' cases; the script then fails.
//
// A mutant changes the tangent, the cotangent of one operand, or both: its sign, its size, its factor, its place.
// Mutants that change nothing (a factor dropped where there is none) are not made.

import fc from "fast-check";
import {
  add,
  apply,
  graph,
  mul,
  neg,
  print,
  primitives,
  reverse,
  topological,
  type PrimitiveName,
  type Tensor,
} from "@wengert/tensor";
import { differentiable, rules, zeroDerivative, type Maybe, type Rule } from "@wengert/autodiff";
import { laws, type Sample } from "@wengert/autodiff/check";
import { formatTable } from "@wengert/models";
import { sumOf } from "../packages/autodiff/src/rule.ts";
import { elementwiseRules } from "../packages/autodiff/src/rules/elementwise.ts";
import { primitiveCases } from "../test/laws/primitive-cases.ts";
import type { Case } from "../test/laws/samples.ts";

/** Breaks a derivative; the same derivative where it cannot be broken this way. */
type Break = (derivative: Tensor, g: Tensor) => Maybe;

// Elsewhere a derivative has the type of g only where the operation is the identity and has no factor to drop.
const keepsShape: ReadonlySet<string> = new Set([
  ...Object.keys(elementwiseRules),
  "permute",
  "reverse",
  "cumulativeSum",
]);

const same = (a: Tensor, b: Tensor): boolean => a.dtype === b.dtype && a.shape.join() === b.shape.join();

const breaks: Readonly<Record<string, Break>> = {
  "sign flipped": (derivative) => neg(derivative),
  "made zero": () => undefined,
  doubled: (derivative) => mul(derivative, 2),
  "factor dropped": (derivative, g) => (same(derivative, g) ? g : derivative),
  "one added": (derivative) => add(derivative, 1),
  "elements reversed": (derivative) => reverse(derivative, [...derivative.shape.keys()]),
};

interface Mutant {
  readonly name: string;
  readonly rule: Rule;
}

/** A rule whose cotangent of one operand, whose tangent through that operand, or both, are broken. */
function brokenRule(rule: Rule, operand: number, how: Break, modes: readonly ("vjp" | "jvp")[]): Rule {
  return {
    ...rule,
    vjp(out, ct) {
      const parts = rule.vjp(out, ct);
      return modes.includes("vjp")
        ? parts.map((part, i) => (i === operand && part ? how(part, ct) : part))
        : parts;
    },
    jvp(out, tangents) {
      const t = tangents[operand];
      if (!modes.includes("jvp") || t === undefined) return rule.jvp(out, tangents);
      const terms = tangents.map((_, k) =>
        rule.jvp(
          out,
          tangents.map((each, i) => (i === k ? each : undefined)),
        ),
      );
      return sumOf(terms.map((term, k) => (k === operand && term ? how(term, t) : term)));
    },
  };
}

/** The cotangents, or the tangents, of the first two operands exchanged. */
function swappedRule(rule: Rule): Rule {
  const swap = (list: readonly Maybe[]): readonly Maybe[] => [list[1], list[0], ...list.slice(2)];
  return {
    ...rule,
    vjp: (out, ct) => swap(rule.vjp(out, ct)),
    jvp: (out, tangents) => rule.jvp(out, swap(tangents)),
  };
}

/** Passes the derivative on where there is none. No derivative ever reaches an operation on truth values alone. */
const passing: Rule = { carries: () => true, jvp: (_, [t]) => t, vjp: (_, ct) => [ct] };

function mutantsOf(name: PrimitiveName, rule: Rule, operands: readonly number[]): Mutant[] {
  if (rule === zeroDerivative) {
    const reached = !["and", "or", "xor", "not", "any", "all"].includes(name);
    return reached ? [{ name: "derivative passed on", rule: passing }] : [];
  }
  const list: Mutant[] = [];
  for (const operand of operands) {
    for (const [how, by] of Object.entries(breaks)) {
      if (how === "factor dropped" && !keepsShape.has(name)) continue;
      for (const modes of [["vjp", "jvp"], ["vjp"], ["jvp"]] as const) {
        const change = `operand ${operand + 1} ${modes.join(" and ")} ${how}`;
        list.push({ name: change, rule: brokenRule(rule, operand, by, modes) });
      }
    }
  }
  // A sum's operands have one derivative between them.
  return operands.length > 1 && name !== "add"
    ? [...list, { name: "operands swapped", rule: swappedRule(rule) }]
    : list;
}

/** The case's function with every node of the primitive under another rule. */
function under(each: Case, name: PrimitiveName, rule: Rule): Case["f"] {
  const primitive = differentiable(primitives[name], rule);
  return (inputs, attributes) => {
    const out = each.f(inputs, attributes);
    const known = new Map<Tensor, Tensor>();
    for (const node of topological([out])) {
      const changed = node.inputs.map((input) => known.get(input) as Tensor);
      const kept = inputs.includes(node) || node.inputs.length === 0;
      const by = node.primitive.name === name ? primitive : node.primitive;
      known.set(node, kept ? node : apply(by, changed, node.attributes));
    }
    return known.get(out) as Tensor;
  };
}

/** Whether some law finds the mutant. */
function isFound(name: PrimitiveName, each: Case, samples: readonly Sample[], rule: Rule): boolean {
  const f = under(each, name, rule);
  return samples.some(({ inputs, attributes }, seed) =>
    Object.values(laws).some((law) => {
      try {
        law({ name, inputs, f: (...nodes) => f(nodes, attributes) }, seed);
        return false;
      } catch {
        return true;
      }
    }),
  );
}

/** Whether a mutant's derivatives are, node for node, those of the rule: then there is nothing to find. */
function isEquivalent(
  name: PrimitiveName,
  each: Case,
  samples: readonly Sample[],
  rule: Rule,
  mutant: Rule,
): boolean {
  return samples.every(({ inputs, attributes }) => {
    const nodes = inputs.map(({ shape, dtype }, i) =>
      apply(primitives.input, [], { name: `in${i}`, shape, dtype }),
    );
    const out = topological([each.f(nodes, attributes)]).find((node) => node.primitive.name === name);
    if (out === undefined) return true;
    const ct = apply(primitives.input, [], { name: "ct", shape: out.shape, dtype: out.dtype });
    const tangents = out.inputs.map((x, i) =>
      rule.carries(out, i)
        ? apply(primitives.input, [], { name: `t${i}`, shape: x.shape, dtype: x.dtype })
        : undefined,
    );
    const text = (r: Rule): string =>
      [...r.vjp(out, ct), r.jvp(out, tangents)].map((t) => (t ? print(graph(t)) : "0")).join();
    try {
      return text(rule) === text(mutant);
    } catch {
      return false;
    }
  });
}

const rows: (readonly [string, number, number, string])[] = [];
const survivors: string[] = [];
const began = performance.now();
for (const [key, each] of Object.entries(primitiveCases)) {
  if (!("samples" in each)) continue;
  const name = key as PrimitiveName;
  const samples = fc
    .sample(each.samples, { numRuns: 100, seed: 1 })
    .filter(({ inputs }) => inputs.every(({ data }) => data.length > 0));
  const operands = (samples[0]?.inputs ?? []).flatMap(({ dtype }, i) => (dtype === "f64" ? [i] : []));
  const rule = rules[name];
  const mutants = mutantsOf(name, rule, operands);
  const made = mutants.filter((mutant) => !isEquivalent(name, each, samples.slice(0, 30), rule, mutant.rule));
  const alive = made.filter((mutant) => !isFound(name, each, samples, mutant.rule));
  survivors.push(...alive.map((mutant) => `${name}: ${mutant.name}`));
  rows.push([name, made.length, made.length - alive.length, alive.map((mutant) => mutant.name).join(", ")]);
  console.error(`  ${name}: ${made.length - alive.length} of ${made.length} found`);
}
console.log(formatTable(["row", "mutants", "found", "survived"], rows));
const total = rows.reduce((sum, [, made]) => sum + made, 0);
console.log(
  `${total} mutants, ${survivors.length} survived, ${((performance.now() - began) / 1000).toFixed(0)} s`,
);
process.exitCode = survivors.length === 0 ? 0 : 1;
