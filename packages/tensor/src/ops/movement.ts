// Builders that reshape, reorder and repeat.

import { ShapeError } from "../errors.ts";
import { movement } from "../primitives/movement.ts";
import {
  broadcastShapes,
  checkedShape,
  countElements,
  normalAxes,
  normalAxis,
  requireList,
  sameShape,
  showShape,
  type Dim,
  type Shape,
} from "../shape.ts";
import type {
  Axes,
  AxisOperand,
  ExpandedShape,
  InferredShape,
  OrderOperand,
  PermutedShape,
  ReducedShape,
  ReversedShape,
  SqueezedShape,
  SqueezeOperand,
  SwappedShape,
} from "../axis-types.ts";
import { apply, describeOperands, type Tensor } from "../tensor.ts";
import { requireListOf, shapeOf } from "./require.ts";

/**
 * The same elements in another shape, in C order. One size may be -1: it follows from the others.
 * Names must stay: `["m", 3, 4]` becomes `["m", 12]`, never `[12]`.
 * @throws ShapeError when the number of elements would change.
 */
export function reshape<const S extends Shape>(
  x: Tensor,
  shape: S & (-1 extends S[number] ? unknown : never),
): Tensor<InferredShape<S>>;
export function reshape<const S extends Shape>(x: Tensor, shape: S): Tensor<S>;
export function reshape(x: Tensor, shape: Shape): Tensor {
  const target = checkedShape("reshape", inferred(shapeOf("reshape", x), shape));
  return sameShape(target, x.shape) ? x : apply(movement.reshape, [x], Object.freeze({ shape: target }));
}

function inferred(from: Shape, shape: Shape): Shape {
  requireList("reshape", shape);
  if (!shape.includes(-1)) return shape;
  const rest = shape.filter((dim) => dim !== -1);
  const [whole, known] = [countElements(from), countElements(rest)];
  const missing = missingDim(whole.names, known.names, whole.factor / known.factor);
  if (missing === undefined || rest.length !== shape.length - 1) {
    throw new ShapeError(
      `reshape: one size may follow from the others, got ${showShape(from)} to ${showShape(shape)}`,
    );
  }
  return shape.map((dim) => (dim === -1 ? missing : dim));
}

function missingDim(whole: readonly string[], known: readonly string[], factor: number): Dim | undefined {
  const left = [...whole];
  for (const name of known) {
    const at = left.indexOf(name);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  if (left.length === 0) return Number.isInteger(factor) ? factor : undefined;
  return left.length === 1 && factor === 1 ? left[0] : undefined;
}

/**
 * The axes in another order: axis i of the result is axis `order[i]` of `x`.
 * @throws ShapeError when the order does not name every axis once.
 */
export function permute<S extends Shape, const Order extends readonly number[]>(
  x: Tensor<S>,
  order: OrderOperand<S, Order>,
): Tensor<PermutedShape<S, Order>> {
  // A sentence is a type only; no list of numbers has it.
  const axes = order as readonly number[];
  const rank = shapeOf("permute", x).length;
  requireListOf("permute", "axes", axes);
  const normal = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const inRank = normal.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank);
  if (!inRank || axes.length !== rank || new Set(normal).size !== rank) {
    const rule = "the order must name every axis once";
    throw new ShapeError(`permute: ${rule}, got ${showShape(axes)} for ${showShape(x.shape)}`, {
      context: describeOperands(["x"], [x]),
    });
  }
  return apply(movement.permute, [x], Object.freeze({ order: Object.freeze(normal) }));
}

/** The axes in reverse; a matrix transposed. */
export function transpose<const M extends Dim, const N extends Dim>(
  x: Tensor<readonly [M, N]>,
): Tensor<readonly [N, M]>;
export function transpose<S extends Shape>(x: Tensor<S>): Tensor<ReversedShape<S>>;
export function transpose(x: Tensor): Tensor {
  const axes = shapeOf("transpose", x).map((_, axis) => axis);
  return permute(x, axes.reverse());
}

/** `x` with two axes exchanged. */
export function swapAxes<S extends Shape, const A extends number, const B extends number>(
  x: Tensor<S>,
  first: AxisOperand<"swapAxes", S, A>,
  second: AxisOperand<"swapAxes", S, B>,
): Tensor<SwappedShape<S, A, B>>;
export function swapAxes(x: Tensor, first: number, second: number): Tensor {
  const order = shapeOf("swapAxes", x).map((_, axis) => axis);
  const [a, b] = [normalAxis("swapAxes", first, order.length), normalAxis("swapAxes", second, order.length)];
  [order[a], order[b]] = [b, a];
  return permute(x, order);
}

/**
 * `x` repeated to a shape by numpy's rule: aligned at the last axis, sizes equal or 1.
 * @throws ShapeError when it does not fit.
 */
export function broadcastTo<const S extends Shape>(x: Tensor, shape: S): Tensor<S> {
  checkedShape("broadcastTo", shape);
  const common = broadcastShapes(shapeOf("broadcastTo", x), shape);
  if (common === undefined || !sameShape(common, shape)) {
    throw new ShapeError(
      `broadcastTo: sizes must be equal or 1, got ${showShape(x.shape)} to ${showShape(shape)}`,
    );
  }
  const lead = shape.length - x.shape.length;
  return broadcastAlong(
    x,
    shape,
    x.shape.map((_, axis) => axis + lead),
  );
}

/** `x` repeated to a shape in which its axis i is axis `axes[i]` (rising). */
export function broadcastAlong<const S extends Shape>(
  x: Tensor,
  shape: S,
  axes: readonly number[],
): Tensor<S> {
  if (sameShape(shapeOf("broadcastAlong", x), checkedShape("broadcastAlong", shape))) return x as Tensor<S>;
  requireListOf("broadcastAlong", "axes", axes);
  const attributes = { shape: checkedShape("broadcastAlong", shape), axes: Object.freeze([...axes]) };
  return apply<S>(movement.broadcast, [x], Object.freeze(attributes));
}

/** `x` with a new axis of size 1 before axis `axis` of the result. */
export function expandDims<S extends Shape, const A extends number>(
  x: Tensor<S>,
  axis: AxisOperand<"expandDims", readonly [...S, Dim], A>,
): Tensor<ExpandedShape<S, A>>;
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = normalAxis("expandDims", axis, shapeOf("expandDims", x).length + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** `x` without the given axes, which have size 1; all such axes where none are given. */
export function squeeze<S extends Shape>(x: Tensor<S>): Tensor<SqueezedShape<S>>;
export function squeeze<S extends Shape, const A extends Axes>(
  x: Tensor<S>,
  axes: SqueezeOperand<S, A>,
): Tensor<ReducedShape<S, A>>;
export function squeeze(x: Tensor, axes?: Axes): Tensor {
  const ones = shapeOf("squeeze", x).flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  const gone = axes === undefined ? ones : normalAxes("squeeze", axes, x.shape.length);
  for (const axis of gone) {
    if (x.shape[axis] !== 1)
      throw new ShapeError(`squeeze: the axis must have size 1, got ${x.shape[axis]} on axis ${axis}`);
  }
  return reshape(
    x,
    x.shape.filter((_, axis) => !gone.includes(axis)),
  );
}

/** `x` with the elements of the given axes in reverse; of all axes where none are given. */
export function reverse<S extends Shape>(x: Tensor<S>, axes?: Axes): Tensor<S> {
  const normal = normalAxes("reverse", axes, shapeOf("reverse", x).length);
  return normal.length === 0
    ? x
    : apply<S>(movement.reverse, [x], Object.freeze({ axes: Object.freeze(normal) }));
}
