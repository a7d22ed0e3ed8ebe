// Builders of operations that move elements.

import { InputError, ShapeError } from "../errors.ts";
import { movement } from "../primitives/movement.ts";
import {
  broadcastShapes,
  checkedShape,
  countElements,
  normalAxes,
  normalAxis,
  sameShape,
  showShape,
  type Dim,
  type Shape,
} from "../shape.ts";
import type {
  Axes,
  AxesOperand,
  PermutedShape,
  ReducedShape,
  ReversedShape,
  StackedShape,
} from "../shape-types.ts";
import { apply, type Tensor } from "../tensor.ts";

/**
 * The same elements in another shape, in C order. One size may be -1: it follows from the others.
 * Names must stay: `["m", 3, 4]` becomes `["m", 12]`, never `[12]`.
 * @throws ShapeError when the number of elements would change.
 */
export function reshape<const S extends Shape>(x: Tensor, shape: S): Tensor<S> {
  const target = checkedShape("reshape", inferred(x.shape, shape));
  return sameShape(target, x.shape)
    ? (x as Tensor<S>)
    : apply<S>(movement.reshape, [x], Object.freeze({ shape: target }));
}

function inferred(from: Shape, shape: Shape): Shape {
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

/** The axes in another order: axis i of the result is axis `order[i]` of `x`. */
export function permute<S extends Shape, const Order extends readonly number[]>(
  x: Tensor<S>,
  order: Order,
): Tensor<PermutedShape<S, Order>> {
  const normal = order.map((axis) => normalAxis("permute", axis, x.shape.length));
  return apply(movement.permute, [x], Object.freeze({ order: Object.freeze(normal) }));
}

/** The axes in reverse; a matrix transposed. */
export function transpose<const M extends Dim, const N extends Dim>(
  x: Tensor<readonly [M, N]>,
): Tensor<readonly [N, M]>;
export function transpose<S extends Shape>(x: Tensor<S>): Tensor<ReversedShape<S>>;
export function transpose(x: Tensor): Tensor {
  return permute(x, x.shape.map((_, axis) => axis).reverse());
}

/** `x` with two axes exchanged. */
export function swapAxes(x: Tensor, first: number, second: number): Tensor {
  const order = x.shape.map((_, axis) => axis);
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
  const common = broadcastShapes(x.shape, shape);
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
  if (sameShape(x.shape, shape)) return x as Tensor<S>;
  const attributes = { shape: checkedShape("broadcast", shape), axes: Object.freeze([...axes]) };
  return apply<S>(movement.broadcast, [x], Object.freeze(attributes));
}

/** One range an axis: `[from, to]` or `[from, to, step]`, `to` excluded; negative ends count from the end; null takes all. */
export type Range = readonly [from: number, to: number | null, step?: number] | null;

/**
 * A block of `x`, with one range an axis; axes without a range are taken whole. A negative step reverses.
 * On a named axis the ends must be known: from 0, or a range that does not count from the end.
 */
export function slice(x: Tensor, ranges: readonly Range[]): Tensor {
  if (ranges.length > x.shape.length) {
    throw new ShapeError(`slice: at most one range an axis, got ${ranges.length} for ${showShape(x.shape)}`);
  }
  const parts = x.shape.map((dim, axis) => sliceAxis(dim, ranges[axis] ?? null, x.shape));
  const backwards = parts.flatMap((part, axis) => (part.backwards ? [axis] : []));
  const attributes = {
    shape: Object.freeze(parts.map((part) => part.dim)),
    start: Object.freeze(parts.map((part) => part.start)),
    step: Object.freeze(parts.map((part) => part.step)),
  };
  const whole = parts.every(
    (part, axis) => part.dim === x.shape[axis] && part.start === 0 && part.step === 1,
  );
  const block = whole ? x : apply(movement.slice, [x], Object.freeze(attributes));
  return backwards.length === 0 ? block : reverse(block, backwards);
}

interface AxisBlock {
  readonly dim: Dim;
  readonly start: number;
  readonly step: number;
  readonly backwards: boolean;
}

function sliceAxis(dim: Dim, range: Range, shape: Shape): AxisBlock {
  if (range === null) return { dim, start: 0, step: 1, backwards: false };
  const [from, to, by = 1] = range;
  if (![from, to ?? 0, by].every(Number.isInteger) || by === 0) {
    throw new ShapeError(
      `slice: ranges are whole numbers with a step that is not 0, got [${range.join(", ")}]`,
    );
  }
  if (typeof dim === "string") return sliceNamed(dim, [from, to, by], shape);
  const clamp = (end: number): number => Math.min(dim, Math.max(0, end < 0 ? end + dim : end));
  if (by > 0) {
    const [start, end] = [clamp(from), clamp(to ?? dim)];
    return { dim: Math.max(0, Math.ceil((end - start) / by)), start, step: by, backwards: false };
  }
  // Walking down from `from` to just above `to` is the same block walked up, reversed.
  const top = Math.min(dim - 1, from < 0 ? from + dim : from);
  const bottom = to === null ? -1 : Math.max(-1, to < 0 ? to + dim : to);
  const count = Math.max(0, Math.ceil((top - bottom) / -by));
  return { dim: count, start: count === 0 ? 0 : top + (count - 1) * by, step: -by, backwards: true };
}

function sliceNamed(
  dim: string,
  [from, to, by]: readonly [number, number | null, number],
  shape: Shape,
): AxisBlock {
  if (from === 0 && to === null && by === 1) return { dim, start: 0, step: 1, backwards: false };
  if (from < 0 || to === null || to < 0 || by < 0) {
    throw new ShapeError(
      `slice: on the named axis ${dim} both ends must be counted from the front, got [${from}, ${to}, ${by}] of ${showShape(shape)}`,
    );
  }
  return { dim: Math.max(0, Math.ceil((to - from) / by)), start: from, step: by, backwards: false };
}

/** `x` with zeros around it (or `value`): one `[before, after]` an axis; axes without one stay. */
export function pad(x: Tensor, widths: readonly (readonly [before: number, after: number])[]): Tensor {
  const shape = x.shape.map((dim, axis) => {
    const [before, after] = widths[axis] ?? [0, 0];
    if (!Number.isInteger(before) || !Number.isInteger(after) || before < 0 || after < 0) {
      throw new InputError(`pad: widths are whole numbers from 0, got [${before}, ${after}]`);
    }
    if (before + after === 0) return dim;
    if (typeof dim === "string")
      throw new ShapeError(`pad: a named axis cannot grow, got ${dim} with [${before}, ${after}]`);
    return before + dim + after;
  });
  return padInto(
    x,
    shape,
    x.shape.map((_, axis) => widths[axis]?.[0] ?? 0),
    x.shape.map(() => 1),
  );
}

/** Zeros of a shape with `x` placed in them: its element i at `start + i·step` of every axis. The transpose of `slice`. */
export function padInto(x: Tensor, shape: Shape, start: readonly number[], step: readonly number[]): Tensor {
  return apply(
    movement.pad,
    [x],
    Object.freeze({ shape, start: Object.freeze([...start]), step: Object.freeze([...step]) }),
  );
}

/** The block of `x` whose element i is element `start + i·step` of every axis. The transpose of `padInto`. */
export function sliceBlock(
  x: Tensor,
  shape: Shape,
  start: readonly number[],
  step: readonly number[],
): Tensor {
  return apply(
    movement.slice,
    [x],
    Object.freeze({ shape, start: Object.freeze([...start]), step: Object.freeze([...step]) }),
  );
}

/** Parts one after another along an axis, on which every size is a number. */
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  const rank = parts[0]?.shape.length ?? 0;
  return apply(movement.concat, parts, Object.freeze({ axis: normalAxis("concat", axis, rank) }));
}

/** Parts of one shape along a new axis. */
export function stack<S extends Shape, const Parts extends readonly Tensor<S>[]>(
  parts: Parts & readonly Tensor<S>[],
): Tensor<StackedShape<S, Parts["length"]>>;
export function stack(parts: readonly Tensor[], axis?: number): Tensor;
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  const rank = (parts[0]?.shape.length ?? 0) + 1;
  const at = normalAxis("stack", axis, rank);
  return concat(
    parts.map((part) => expandDims(part, at)),
    at,
  );
}

/** `x` with a new axis of size 1 before axis `axis` of the result. */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = normalAxis("expandDims", axis, x.shape.length + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** `x` without the given axes, which have size 1; all such axes where none are given. */
export function squeeze<S extends Shape, const A extends Axes>(
  x: Tensor<S>,
  axes?: AxesOperand<"squeeze", S, A>,
): Tensor<ReducedShape<S, A>> {
  const ones = x.shape.flatMap((dim, axis) => (dim === 1 ? [axis] : []));
  const gone = axes === undefined ? ones : normalAxes("squeeze", axes as Axes, x.shape.length);
  for (const axis of gone) {
    if (x.shape[axis] !== 1)
      throw new ShapeError(`squeeze: the axis must have size 1, got ${x.shape[axis]} on axis ${axis}`);
  }
  return reshape(
    x,
    x.shape.filter((_, axis) => !gone.includes(axis)),
  ) as Tensor as Tensor<ReducedShape<S, A>>;
}

/** `x` cut along an axis: into equal parts, or into parts of the given sizes. */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): readonly Tensor[] {
  const at = normalAxis("split", axis, x.shape.length);
  const dim = x.shape[at];
  const sizes = typeof parts === "number" ? equalParts(dim, parts) : parts;
  const sum = sizes.reduce((a, b) => a + b, 0);
  if (typeof dim === "string" || sum !== dim) {
    throw new ShapeError(
      `split: the sizes must add up to the axis, got [${sizes.join(", ")}] for ${dim} on axis ${at}`,
    );
  }
  let from = 0;
  return sizes.map((count) => slice(x, [...x.shape.slice(0, at).map(() => null), [from, (from += count)]]));
}

function equalParts(dim: Dim, parts: number): number[] {
  if (typeof dim === "string" || !Number.isInteger(parts) || parts < 1 || dim % parts !== 0) {
    throw new ShapeError(`split: the axis must divide into equal parts, got ${dim} into ${parts}`);
  }
  return new Array<number>(parts).fill(dim / parts);
}

/** `x` with the elements of the given axes in reverse; of all axes where none are given. */
export function reverse<S extends Shape>(x: Tensor<S>, axes?: Axes): Tensor<S> {
  const normal = normalAxes("reverse", axes, x.shape.length);
  return normal.length === 0
    ? x
    : apply<S>(movement.reverse, [x], Object.freeze({ axes: Object.freeze(normal) }));
}
