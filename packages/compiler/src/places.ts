// Where a node stands in the domain of a loop nest: which of the loop's dimensions its axes are. It knows no order.

import { stridesOf, type Graph, type GraphNode, type NodeId } from "@wengert/tensor";
import { isFold, sizesOf } from "./sources.ts";
import type { View } from "./views.ts";

/** Nodes that run in one loop nest over `sizes` (without those that are 1). */
export interface LoopGroup {
  readonly kind: "loop";
  readonly position: number;
  readonly sizes: readonly number[];
  /** A node over the whole domain. */
  readonly whole: Member;
  /** Which dimensions are folded; undefined while no fold has joined. */
  reduced: readonly boolean[] | undefined;
  readonly members: Map<NodeId, Member>;
}

/** A node in a loop nest. */
export interface Member {
  /** The domain's dimension for every axis that is not 1. */
  readonly dimensions: readonly number[];
  /** Distances in the node's own dense array, one a dimension of the domain. */
  readonly strides: readonly number[];
}

/** Where a node would stand in a loop nest. */
export interface Place {
  /** The dimensions of the operands' proper axes. */
  readonly operand: readonly number[];
  readonly member: Member;
  readonly reduced: readonly boolean[] | undefined;
}

/** A loop nest over the sizes of a node, without members. */
export function loopFor(graph: Graph, node: GraphNode, position: number): LoopGroup {
  const sizes = properSizes(domainOf(graph, node));
  const whole = { dimensions: sizes.map((_, dimension) => dimension), strides: stridesOf(sizes) };
  return { kind: "loop", position, sizes, whole, reduced: undefined, members: new Map() };
}

/** The sizes over which a node's loop runs: those of its operand where it folds or copies. */
function domainOf(graph: Graph, node: GraphNode): readonly number[] {
  const ranged = node.primitive === "reshape" || isFold(graph, node);
  return sizesOf(ranged ? graph.nodes[node.inputs[0]!]! : node);
}

/** The positions of sizes other than 1. */
function properAxes(sizes: readonly number[]): readonly number[] {
  const axes: number[] = [];
  for (let axis = 0; axis < sizes.length; axis++) if (sizes[axis] !== 1) axes.push(axis);
  return axes;
}

function properSizes(sizes: readonly number[]): readonly number[] {
  return sizes.includes(1) ? sizes.filter((size) => size !== 1) : sizes;
}

/** Whether two lists hold the same numbers. */
export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Where in a group's domain a node would stand, or undefined where its sizes do not fit. */
export function placeOf(graph: Graph, group: LoopGroup, node: GraphNode): Place | undefined {
  const { whole, reduced } = group;
  const domain = domainOf(graph, node);
  const fits = sameNumbers(properSizes(domain), group.sizes);
  if (isFold(graph, node)) {
    if (!fits) return undefined;
    const axes = node.attributes["axes"] as readonly number[];
    const folded = properAxes(domain).map((axis) => axes.includes(axis));
    if (reduced !== undefined && reduced.some((r, i) => r !== folded[i])) return undefined;
    return { operand: whole.dimensions, member: keptMember(group, folded), reduced: folded };
  }
  if (fits) return { operand: whole.dimensions, member: whole, reduced };
  if (reduced === undefined) return undefined;
  const member = keptMember(group, reduced);
  const sizes = member.dimensions.map((dimension) => group.sizes[dimension]!);
  return sameNumbers(properSizes(domain), sizes)
    ? { operand: member.dimensions, member, reduced }
    : undefined;
}

/** A node over the dimensions that are not folded: C-order distances over them, 0 for the others. */
function keptMember({ sizes, whole }: LoopGroup, reduced: readonly boolean[]): Member {
  const dimensions = whole.dimensions.filter((dimension) => !reduced[dimension]);
  const dense = stridesOf(dimensions.map((dimension) => sizes[dimension]!));
  const strides = new Array<number>(sizes.length).fill(0);
  for (let i = 0; i < dimensions.length; i++) strides[dimensions[i]!] = dense[i]!;
  return { dimensions, strides };
}

/** How far a step along each dimension of a domain goes in the array of an operand's root; its sizes are given. */
export function stridesAlong(
  view: View,
  sizes: readonly number[],
  dimensions: readonly number[],
  rank: number,
): readonly number[] {
  // Most operands run over the whole domain, axis by axis.
  if (dimensions.length === rank && sizes.length === rank && !sizes.includes(1)) return view.strides;
  const strides = new Array<number>(rank).fill(0);
  let next = 0;
  for (let axis = 0; axis < sizes.length; axis++)
    if (sizes[axis] !== 1) strides[dimensions[next++]!] = view.strides[axis]!;
  return strides;
}
