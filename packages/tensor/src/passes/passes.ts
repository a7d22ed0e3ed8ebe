// The passes over graph documents, and the list in which they run. Inputs and parameters always stay, so that a
// graph takes the same values before and after.

import type { Graph, GraphNode, NodeId } from "../graph.ts";
import { primitiveOf } from "../graph.ts";
import { elements, makeArray, type NdArray } from "../ndarray.ts";
import { structuralKeys } from "../structural-key.ts";
import { redirected, rewrite, type Changes, type Pass, type Rewrite } from "./pass.ts";
import { simplifyRules, type Outcome } from "./rules.ts";

/** Collects changes in one sweep from inputs to outputs, each node after its inputs have become what they become. */
function sweep(
  document: Graph,
  visit: (
    id: NodeId,
    node: GraphNode,
    at: (id: NodeId) => GraphNode,
  ) => (Rewrite & { readonly to: Outcome }) | undefined,
): Changes {
  const changed = new Map<NodeId, GraphNode>();
  const aliases = new Map<NodeId, NodeId>();
  const rewrites: Rewrite[] = [];
  const at = (id: NodeId): GraphNode => changed.get(id) ?? document.nodes[id];
  for (const [id, original] of Object.entries(document.nodes)) {
    let node = redirected(original, aliases);
    for (let found = visit(id, node, at); found?.to !== undefined; found = visit(id, node, at)) {
      rewrites.push({ node: id, rule: found.rule, reason: found.reason });
      if ("alias" in found.to) {
        aliases.set(id, found.to.alias);
        break;
      }
      node = found.to.node;
    }
    if (node !== original) changed.set(id, node);
  }
  return { changed, aliases, rewrites };
}

const rulesByPrimitive: ReadonlyMap<string, readonly (readonly [string, (typeof simplifyRules)[string]])[]> =
  groupRules();

function groupRules(): Map<string, (readonly [string, (typeof simplifyRules)[string]])[]> {
  const groups = new Map<string, (readonly [string, (typeof simplifyRules)[string]])[]>();
  for (const entry of Object.entries(simplifyRules)) {
    for (const primitive of entry[1].on) groups.set(primitive, [...(groups.get(primitive) ?? []), entry]);
  }
  return groups;
}

/** Algebra that keeps every value bit for bit; the rules and their reasons stand in one table. */
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

// What derivatives may look at, or what enters from outside.
const unfoldable: ReadonlySet<string> = new Set([
  "constant",
  "input",
  "parameter",
  "stopGradient",
  "customDerivative",
]);

/** Computes what depends on constants alone, unless the result would be larger than what it is made of. */
export const foldConstants: Pass = (document) =>
  rewrite(
    "foldConstants",
    document,
    sweep(document, (id, node, at) => {
      const { primitive, shape, dtype } = node;
      const values = node.inputs.map((input) => at(input).attributes["value"] as NdArray | undefined);
      const known = node.inputs.every((input) => at(input).primitive === "constant");
      if (unfoldable.has(primitive) || !known || !shape.every((dim) => typeof dim === "number"))
        return undefined;
      if (primitive === "size" && typeof node.attributes["dimension"] === "string") return undefined;
      const given = values.reduce((sum, value) => sum + (value?.data.length ?? 0), 0);
      if (elements(shape as readonly number[]) > Math.max(16, given)) return undefined;
      const output = { shape: shape as readonly number[], dtype, sizes: {} };
      const computed = primitiveOf(document, primitive).kernel(values as NdArray[], node.attributes, output);
      const value = makeArray(computed.data.slice(), dtype, output.shape);
      const to = { node: { ...node, primitive: "constant", inputs: [], attributes: { value } } };
      return { node: id, rule: "constant", reason: `${primitive} of constants is a constant`, to };
    }),
  );

/** Takes structurally equal nodes for one. */
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

/** Removes what no output and no update depends on. */
export const removeDead: Pass = (document) => {
  const alive = new Set<NodeId>([...Object.values(document.outputs), ...Object.values(document.updates)]);
  const entries = Object.entries(document.nodes);
  for (const [id, node] of entries.toReversed()) {
    if (node.primitive === "input" || node.primitive === "parameter") alive.add(id);
    if (alive.has(id)) for (const input of node.inputs) alive.add(input);
  }
  const removed = entries.flatMap(([id]) => (alive.has(id) ? [] : [id]));
  const rewrites = removed.map((node) => ({ node, rule: "dead", reason: "nothing depends on it" }));
  return rewrite("removeDead", document, { changed: new Map(), aliases: new Map(), removed, rewrites });
};

/** The passes in the order in which `optimise` runs them. */
export const passes: readonly Pass[] = Object.freeze([
  simplify,
  foldConstants,
  shareSubexpressions,
  removeDead,
]);

/** The graph after all passes, again and again until none changes it. */
export function optimise(document: Graph): Graph {
  let current = document;
  for (;;) {
    const next = passes.reduce((graph, pass) => pass(graph), current);
    if (next === current) return current;
    current = next;
  }
}
