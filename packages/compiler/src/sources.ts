// Where the elements of every node come from: a root that is stored or computed, seen through a view.
// Nodes that only move elements have no root of their own.

import {
  allocate,
  isFloat,
  nodesOf,
  primitives,
  stridesOf,
  type Graph,
  type GraphNode,
  type NdArray,
  type NodeId,
  type PrimitiveFamilies,
} from "@wengert/tensor";
import { arithmetic } from "./loops/arithmetic.ts";
import { movedView, type View } from "./views.ts";

/** What stands at the root of a view. */
type RootKind = "feed" | "constant" | "uniform" | "iota" | "computed";

/** Views and roots of all nodes. */
export interface Sources {
  readonly graph: Graph;
  readonly views: ReadonlyMap<NodeId, View>;
  readonly kinds: ReadonlyMap<NodeId, RootKind>;
  /** The one value of all elements of a uniform root. */
  readonly uniforms: ReadonlyMap<NodeId, number>;
}

const folds: ReadonlySet<string> = new Set(["sum", "prod", "max", "min", "any", "all"]);

/**
 * Whether a node folds several elements into one. Folds over axes of size 1 are identities, but for sums of floats,
 * which add 0 to each element: -0 becomes 0.
 */
export function isFold(graph: Graph, { primitive, inputs, attributes }: GraphNode): boolean {
  if (!folds.has(primitive)) return false;
  const shape = sizesOf(graph.nodes[inputs[0]!]!);
  return (attributes["axes"] as readonly number[]).some((axis) => shape[axis] !== 1);
}

/** Finds the root and the view of every node. */
export function findSources(graph: Graph): Sources {
  const views = new Map<NodeId, View>();
  const kinds = new Map<NodeId, RootKind>();
  const uniforms = new Map<NodeId, number>();
  for (const [id, node] of nodesOf(graph)) {
    const view = viewThrough(graph, node, views);
    if (view !== undefined) {
      views.set(id, view);
      continue;
    }
    const value = uniformValue(graph, node, { views, uniforms });
    if (value !== undefined) uniforms.set(id, value);
    const kind = value === undefined ? kindOf(node) : "uniform";
    kinds.set(id, kind);
    // An index is a view of itself: it grows by one along its axis.
    const strides =
      kind === "iota"
        ? node.shape.map((_, axis) => (axis === node.attributes["axis"] ? 1 : 0))
        : stridesOf(sizesOf(node));
    views.set(id, { root: id, offset: 0, strides });
  }
  return { graph, views, kinds, uniforms };
}

/** The shape of a node whose sizes are bound. */
export function sizesOf(node: GraphNode): readonly number[] {
  return node.shape as readonly number[];
}

function viewThrough(graph: Graph, node: GraphNode, views: ReadonlyMap<NodeId, View>): View | undefined {
  const input = node.inputs[0];
  if (input === undefined) return undefined;
  const from = views.get(input)!;
  const fromShape = sizesOf(graph.nodes[input]!);
  if (folds.has(node.primitive)) {
    const axes = node.attributes["axes"] as readonly number[];
    if (isFold(graph, node) || (node.primitive === "sum" && isFloat(node.dtype))) return undefined;
    return { ...from, strides: from.strides.filter((_, axis) => !axes.includes(axis)) };
  }
  return movedView(node, from, fromShape, sizesOf(node));
}

function kindOf(node: GraphNode): RootKind {
  switch (node.primitive) {
    case "input":
    case "parameter":
      return "feed";
    case "constant":
      return "constant";
    case "iota":
      return "iota";
    default:
      return "computed";
  }
}

/** The value of all elements, where the node is a constant of equal elements or is computed from such alone. */
function uniformValue(
  graph: Graph,
  node: GraphNode,
  { views, uniforms }: Pick<Sources, "views" | "uniforms">,
): number | undefined {
  if (node.primitive === "constant") {
    const { data } = node.attributes["value"] as NdArray;
    const first = data[0];
    return first !== undefined && data.every((value) => Object.is(value, first)) ? first : undefined;
  }
  if (!Object.hasOwn(arithmetic, node.primitive)) return undefined;
  const inputs: NdArray[] = [];
  for (const input of node.inputs) {
    const value = uniforms.get(views.get(input)!.root);
    if (value === undefined) return undefined;
    const { dtype } = graph.nodes[input]!;
    inputs.push({ dtype, shape: [], data: allocate(dtype, 1).fill(value) });
  }
  const { kernel } = primitives[node.primitive as PrimitiveFamilies["elementwise"]];
  return kernel(inputs, node.attributes, { dtype: node.dtype, shape: [], sizes: {} }).data[0];
}
