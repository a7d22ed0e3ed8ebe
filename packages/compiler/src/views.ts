// Index maps: which element of a dense array every element of a moved one is, as offset and strides.
// Permutations, broadcasts, slices, reversals and most reshapes are such maps, and cost nothing.

import { stridesOf, type BlockAttributes, type GraphNode, type NodeId } from "@wengert/tensor";

/** Element i of a node is element `offset + Σ strides[a] * i[a]` of the dense array of `root`. */
export interface View {
  readonly root: NodeId;
  readonly offset: number;
  /** One an axis of the node. */
  readonly strides: readonly number[];
}

/** Whether a view is the whole dense array in its order; axes of size 1 have no say. */
export function isDense(shape: readonly number[], { offset, strides }: View): boolean {
  if (offset !== 0) return false;
  const dense = stridesOf(shape);
  return shape.includes(0) || shape.every((size, axis) => size === 1 || strides[axis] === dense[axis]);
}

/** The view of a node that moves elements of a view, or undefined where no index map says it. */
export function movedView(
  node: GraphNode,
  from: View,
  fromShape: readonly number[],
  shape: readonly number[],
): View | undefined {
  switch (node.primitive) {
    case "stopGradient":
    case "customDerivative":
      return from;
    case "permute":
      return {
        ...from,
        strides: (node.attributes["order"] as readonly number[]).map((axis) => from.strides[axis]!),
      };
    case "broadcast":
      return broadcastView(node.attributes["axes"] as readonly number[], from, fromShape, shape);
    case "slice":
      return sliceView(node.attributes as unknown as BlockAttributes, from);
    case "reverse":
      return reverseView(node.attributes["axes"] as readonly number[], from, shape);
    case "reshape":
      return reshapeView(from, fromShape, shape);
    default:
      return undefined;
  }
}

function broadcastView(
  axes: readonly number[],
  from: View,
  fromShape: readonly number[],
  shape: readonly number[],
): View {
  const strides = new Array<number>(shape.length).fill(0);
  axes.forEach((axis, i) => (strides[axis] = fromShape[i] === 1 ? 0 : from.strides[i]!));
  return { ...from, strides };
}

function sliceView({ start, step }: BlockAttributes, from: View): View {
  const offset = from.strides.reduce((sum, stride, axis) => sum + stride * start[axis]!, from.offset);
  return { ...from, offset, strides: from.strides.map((stride, axis) => stride * step[axis]!) };
}

function reverseView(axes: readonly number[], from: View, shape: readonly number[]): View {
  let { offset } = from;
  const strides = [...from.strides];
  for (const axis of axes) {
    offset += strides[axis]! * Math.max(0, shape[axis]! - 1);
    strides[axis] = -strides[axis]!;
  }
  return { ...from, offset, strides };
}

/** Groups of axes with equal products of sizes are matched from the front; each group must be one run of elements. */
function reshapeView(from: View, fromShape: readonly number[], shape: readonly number[]): View | undefined {
  if (shape.includes(0)) return { ...from, strides: stridesOf(shape) };
  const strides = new Array<number>(shape.length).fill(0);
  const runs = mergedRuns(from.strides, fromShape);
  let run = 0;
  let left = runs[0]?.size ?? 1;
  for (let axis = 0; axis < shape.length; axis++) {
    const size = shape[axis]!;
    if (size === 1) continue;
    if (left === 1) left = runs[++run]!.size;
    if (left % size !== 0) return undefined;
    left /= size;
    strides[axis] = runs[run]!.stride * left;
  }
  return { ...from, strides };
}

/** Axes without those of size 1, neighbours merged where their elements lie in one run. */
function mergedRuns(
  strides: readonly number[],
  shape: readonly number[],
): { size: number; stride: number }[] {
  const runs: { size: number; stride: number }[] = [];
  for (const [axis, size] of shape.entries()) {
    if (size === 1) continue;
    const stride = strides[axis]!;
    const last = runs.at(-1);
    if (last !== undefined && last.stride === stride * size) {
      last.size *= size;
      last.stride = stride;
    } else runs.push({ size, stride });
  }
  return runs;
}

/** The one stride of several axes taken as one, or undefined where they are no single run. */
export function mergedStride(
  axes: readonly number[],
  strides: readonly number[],
  shape: readonly number[],
): number | undefined {
  const runs = mergedRuns(
    axes.map((axis) => strides[axis]!),
    axes.map((axis) => shape[axis]!),
  );
  if (runs.length > 1) return undefined;
  return runs[0]?.stride ?? 0;
}
