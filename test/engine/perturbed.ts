// What rounding can make of a graph: the reference evaluator with every inexact node moved by as much as its
// documented error allows, in random directions. Discontinuities show as spread, and so do overflows on the way.

import {
  allocate,
  concreteShape,
  elements,
  interpret,
  isFloat,
  nodesOf,
  primitiveOf,
  type Arrays,
  type DotAttributes,
  type Graph,
  type GraphNode,
  type NdArray,
  type NodeId,
  type Sizes,
} from "@wengert/tensor";
import { isExact } from "../arbitraries/engine-graph.ts";
import { errorOfTerms } from "./agreement.ts";
import type { Random } from "./elements.ts";

/** Units in the last place by which a transcendental function may be off. */
const transcendentalUlps = 4;

const largest = { f32: 3.4028234663852886e38, f64: Number.MAX_VALUE } as const;
const least = { f32: 2 ** -126, f64: 2 ** -1022 } as const;

/** Results by output and update. */
export type Results = Readonly<Record<string, NdArray>>;

/** What a document is run with. */
export interface Run {
  readonly values: Arrays;
  readonly sizes: Sizes;
}

/** Outputs and updates of a document, all of its inexact nodes moved. */
export function perturbed(
  document: Graph,
  { values, sizes, random }: Run & { readonly random: Random },
): Results {
  const results = new Map<NodeId, NdArray>();
  for (const [id, node] of nodesOf(document))
    results.set(id, valueOf(document, node, { results, values, sizes, random }));
  return named(document, (id) => results.get(id)!);
}

/** Outputs and updates as they are. */
export function unperturbed(document: Graph, { values, sizes }: Run): Results {
  const { outputs, updates } = interpret(document).run(values, { sizes });
  return labelled(outputs, updates);
}

/** Outputs and updates in one record. */
export function labelled(outputs: Arrays, updates: Arrays): Results {
  const entries = (kind: string, record: Arrays): [string, NdArray][] =>
    Object.entries(record).map(([name, value]) => [`${kind} ${name}`, value]);
  return Object.fromEntries([...entries("output", outputs), ...entries("update", updates)]);
}

function named({ outputs, updates }: Graph, of: (id: NodeId) => NdArray): Results {
  const values = (record: Readonly<Record<string, NodeId>>): Arrays =>
    Object.fromEntries(Object.entries(record).map(([name, id]) => [name, of(id)]));
  return labelled(values(outputs), values(updates));
}

interface Evaluation extends Run {
  readonly results: ReadonlyMap<NodeId, NdArray>;
  readonly random: Random;
}

function valueOf(document: Graph, bound: GraphNode, evaluation: Evaluation): NdArray {
  const { results, values, sizes, random } = evaluation;
  const node = { ...bound, shape: concreteShape(bound.shape, sizes) };
  const { primitive, attributes, dtype, inputs } = node;
  if (primitive === "input" || primitive === "parameter") return values[attributes["name"] as string]!;
  const operands = inputs.map((input) => results.get(input)!);
  const { kernel } = primitiveOf(document, primitive);
  const value = kernel(operands, attributes, { shape: node.shape, dtype, sizes });
  if (isExact(node)) return value;
  const terms = termsOf(document, node, operands);
  const data = allocate(dtype, value.data.length);
  for (let i = 0; i < data.length; i++) data[i] = moved(value.data[i]!, { node, terms, at: i, random });
  return { ...value, data };
}

interface Terms {
  readonly operations: number;
  /** Sums of absolute terms, those that are not finite left out. */
  readonly sums: NdArray;
  /** Whether some order of computing may overflow, or lose digits by underflow. */
  readonly wild: (at: number) => boolean;
}

const accumulating: ReadonlySet<string> = new Set(["sum", "prod", "dot", "cumulativeSum", "scatterAdd"]);

/** What a node adds up or multiplies, or undefined where it does neither. */
function termsOf(document: Graph, node: GraphNode, operands: readonly NdArray[]): Terms | undefined {
  if (!accumulating.has(node.primitive)) return undefined;
  const shape = node.shape as readonly number[];
  const { kernel } = primitiveOf(document, node.primitive);
  const fold = (change: (x: number) => number): NdArray =>
    kernel(
      operands.map((x) => (isFloat(x.dtype) ? changed(x, change) : x)),
      node.attributes,
      { shape, dtype: "f64", sizes: {} },
    );
  const dtype = node.dtype as "f32" | "f64";
  const sums = fold((x) => (Number.isFinite(x) ? Math.abs(x) : 0));
  const operations = operationsOf(node, operands);
  if (node.primitive !== "prod") return { operations, sums, wild: (at) => sums.data[at]! >= largest[dtype] };
  const high = fold((x) => Math.max(1, Math.abs(x)));
  const low = fold((x) => (x === 0 ? 1 : Math.min(1, Math.abs(x))));
  const wild = (at: number): boolean => high.data[at]! >= largest[dtype] || low.data[at]! < least[dtype];
  return { operations, sums: fold(Math.abs), wild };
}

function changed(x: NdArray, change: (value: number) => number): NdArray {
  return { shape: x.shape, dtype: "f64", data: Float64Array.from(x.data as Float64Array, change) };
}

function operationsOf({ primitive, attributes, shape }: GraphNode, operands: readonly NdArray[]): number {
  const [x, y] = operands;
  if (primitive === "dot") {
    const { contract } = attributes as unknown as DotAttributes;
    return 1 + contract[0].reduce((product, axis) => product * x!.shape[axis]!, 1);
  }
  if (primitive === "scatterAdd") return 1 + elements(y!.shape);
  if (primitive === "cumulativeSum") return 1 + x!.shape[attributes["axis"] as number]!;
  return 1 + elements(x!.shape) / Math.max(1, elements(shape as readonly number[]));
}

/** A value moved by up to its error; of one that any order may lose, anything. */
function moved(
  value: number,
  { node, terms, at, random }: { node: GraphNode; terms: Terms | undefined; at: number; random: Random },
): number {
  const dtype = node.dtype as "f32" | "f64";
  if (terms?.wild(at) === true) {
    const kind = random();
    if (kind < 0.5) return value;
    return kind < 0.7 ? Number.NaN : kind < 0.85 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }
  if (!Number.isFinite(value)) return value;
  const error =
    terms === undefined
      ? transcendentalError(value, dtype)
      : errorOfTerms(dtype, terms.operations, terms.sums.data[at]!);
  // Often as far as it goes, for there the flips are.
  const direction = random() < 0.6 ? (random() < 0.5 ? -1 : 1) : 2 * random() - 1;
  return error === 0 ? value : value + direction * error;
}

/** Zeros are exact: those of sin(0), log(1), and of what underflows far. */
function transcendentalError(value: number, dtype: "f32" | "f64"): number {
  if (value === 0) return 0;
  const [digits, lowest] = dtype === "f32" ? [23, -149] : [52, -1074];
  return transcendentalUlps * 2 ** Math.max(lowest, Math.floor(Math.log2(Math.abs(value))) - digits);
}
