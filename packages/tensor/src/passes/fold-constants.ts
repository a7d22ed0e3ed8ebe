// What depends on constants alone is computed now, by the reference kernels, unless it would become larger.

import { primitiveOf, type Graph, type GraphNode } from "../graph.ts";
import { makeArray, type NdArray } from "../ndarray.ts";
import { elements } from "../shape.ts";
import type { KernelOutput } from "../tensor.ts";
import { rewrite, type Pass } from "./pass.ts";
import { foldedElements } from "./rules.ts";
import { sweep, type VisitOf } from "./sweep.ts";

// What is constant already, what enters from outside, and what derivatives look at.
const unfoldable: ReadonlySet<string> = new Set([
  "constant",
  "input",
  "parameter",
  "stopGradient",
  "customDerivative",
]);

/** The value of a node that depends on constants alone. */
export const folding: VisitOf = (document) => (id, node, at) => {
  const { primitive } = node;
  if (unfoldable.has(primitive) || node.inputs.some((input) => at(input).primitive !== "constant"))
    return undefined;
  const operands = node.inputs.map((input) => at(input).attributes["value"] as NdArray);
  const value = valueOf(document, node, operands);
  if (value === undefined) return undefined;
  const to = { node: { ...node, primitive: "constant", inputs: [], attributes: { value } } };
  return { node: id, rule: "constant", reason: `${primitive} of constants is a constant`, to };
};

/** The graph with constants in place of what depends on constants alone and is not larger than its operands or 16. */
export const foldConstants: Pass = (document) =>
  rewrite("foldConstants", document, sweep(document, folding(document)));

/** The value in storage of its own, or undefined where it is too large, not known yet, or an error to be. */
function valueOf(document: Graph, node: GraphNode, operands: readonly NdArray[]): NdArray | undefined {
  const { primitive, attributes, dtype } = node;
  const shape = node.shape.filter((dim) => typeof dim === "number");
  const named = shape.length < node.shape.length || typeof attributes["dimension"] === "string";
  const given = operands.reduce((sum, { data }) => sum + data.length, 0);
  if (named || elements(shape) > Math.max(foldedElements, given)) return undefined;
  const output: KernelOutput = { shape, dtype, sizes: {} };
  try {
    const { data } = primitiveOf(document, primitive).kernel(operands, attributes, output);
    return makeArray(data.slice(), dtype, shape);
  } catch {
    // It fails when the graph runs, and says where.
    return undefined;
  }
}
