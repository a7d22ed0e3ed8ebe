// Builders that cut blocks out of tensors and put them together.

import { InputError, ShapeError } from "../errors.ts";
import type { ConcatOperand, ConcatShape, StackedShape, StackOperand } from "../list-types.ts";
import { requireKnownFields } from "../known-fields.ts";
import { movement } from "../primitives/movement.ts";
import { checkedShape, normalAxis, sameShape, showShape, type Dim, type Shape } from "../shape.ts";
import { isListOf, shownValue } from "../shown-value.ts";
import { apply, describeOperands, type Primitive, type Tensor } from "../tensor.ts";
import { where } from "./elementwise.ts";
import { expandDims, reverse } from "./movement.ts";
import { requireListOf, requireOneDType, requireTensors, shapeOf } from "./require.ts";
import { full } from "./source.ts";

/** One range an axis: `[from, to]` or `[from, to, step]`, `to` excluded; negative ends count from the end; null takes all. */
export type Range = readonly [from: number, to: number | null, step?: number] | null;

/**
 * A block of `x`, with one range an axis; axes without a range are taken whole. A negative step reverses.
 * On a named axis the ends must be known: from 0, or a range that does not count from the end.
 */
export function slice(x: Tensor, ranges: readonly Range[]): Tensor {
  requireTensors("slice", [x]);
  requireListOf("slice", "ranges", ranges);
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
  const isRange: boolean = Array.isArray(range);
  if (!isRange) throw new ShapeError(`slice: a range is [from, to, step] or null, got ${shownValue(range)}`);
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

/**
 * `x` with zeros, or another value, around it: one `[before, after]` an axis; axes without one stay.
 * @throws ShapeError when a named axis would grow.
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [before: number, after: number])[],
  options: { readonly value?: number } = {},
): Tensor {
  requireTensors("pad", [x]);
  requireListOf("pad", "widths", widths);
  requireKnownFields("pad", options, ["value"]);
  if (widths.length > x.shape.length) {
    const got = `${widths.length} for ${showShape(x.shape)}`;
    throw new ShapeError(`pad: at most one pair of widths an axis, got ${got}`);
  }
  const shape = x.shape.map((dim, axis) => {
    const [before, after] = widthsOf(widths[axis] ?? [0, 0]);
    if (before + after === 0) return dim;
    if (typeof dim === "string")
      throw new ShapeError(`pad: a named axis cannot grow, got ${dim} with [${before}, ${after}]`);
    return before + dim + after;
  });
  const place = (block: Tensor): Tensor =>
    padInto(
      block,
      shape,
      x.shape.map((_, axis) => widths[axis]?.[0] ?? 0),
      x.shape.map(() => 1),
    );
  if (sameShape(shape, x.shape)) return x;
  const { value = 0 } = options;
  return value === 0 ? place(x) : where(place(full(x.shape, true)), place(x), value);
}

function widthsOf(pair: readonly [before: number, after: number]): readonly [number, number] {
  requireListOf("pad", "the widths of an axis", pair);
  const [before, after] = pair;
  if (!Number.isInteger(before) || !Number.isInteger(after) || before < 0 || after < 0)
    throw new InputError(
      `pad: widths are whole numbers from 0, got [${shownValue(before)}, ${shownValue(after)}]`,
    );
  return pair;
}

/** Zeros of a shape with `x` placed in them: its element i at `start + i·step` of every axis. The transpose of `slice`. */
export function padInto(x: Tensor, shape: Shape, start: readonly number[], step: readonly number[]): Tensor {
  return applyBlock(movement.pad, x, { shape, start, step });
}

/** The block of `x` whose element i is element `start + i·step` of every axis. The transpose of `padInto`. */
export function sliceBlock(
  x: Tensor,
  shape: Shape,
  start: readonly number[],
  step: readonly number[],
): Tensor {
  return applyBlock(movement.slice, x, { shape, start, step });
}

function applyBlock(
  primitive: Primitive,
  x: Tensor,
  {
    shape,
    start,
    step,
  }: { readonly shape: Shape; readonly start: readonly number[]; readonly step: readonly number[] },
): Tensor {
  requireListOf(primitive.name, "starts", start);
  requireListOf(primitive.name, "steps", step);
  const attributes = {
    shape: checkedShape(primitive.name, shape),
    start: Object.freeze([...start]),
    step: Object.freeze([...step]),
  };
  return apply(primitive, [x], Object.freeze(attributes));
}

/**
 * Parts one after another along an axis (the first unless told otherwise), on which every size is a number.
 * @throws ShapeError when there is no part, or parts differ on another axis.
 */
export function concat<const Parts extends readonly Tensor[], const A extends number = 0>(
  parts: ConcatOperand<Parts, A>,
  axis?: A,
): Tensor<ConcatShape<Parts, A>>;
export function concat(parts: readonly Tensor[], axis = 0): Tensor {
  const rank = requireParts("concat", parts).shape.length;
  return apply(movement.concat, parts, Object.freeze({ axis: normalAxis("concat", axis, rank) }));
}

function requireParts(op: string, parts: readonly Tensor[]): Tensor {
  requireListOf(op, "parts", parts);
  requireTensors(op, parts);
  const first = parts[0];
  if (first === undefined) throw new ShapeError(`${op}: at least one part is needed, got none`);
  return first;
}

/**
 * Parts of one shape along a new axis, the first unless told otherwise.
 * @throws ShapeError when there is no part, or shapes differ.
 */
export function stack<const Parts extends readonly Tensor[], const A extends number = 0>(
  parts: StackOperand<Parts>,
  axis?: A,
): Tensor<StackedShape<Parts, A>>;
export function stack(parts: readonly Tensor[], axis = 0): Tensor {
  const first = requireParts("stack", parts);
  const odd = parts.find((part) => !sameShape(part.shape, first.shape));
  if (odd !== undefined) {
    const got = `${showShape(first.shape)} and ${showShape(odd.shape)}`;
    throw new ShapeError(`stack: parts must have one shape, got ${got}`, {
      context: describeOperands(["...part"], parts),
    });
  }
  requireOneDType("stack", ["...part"], parts);
  const at = normalAxis("stack", axis, first.shape.length + 1);
  return concat(
    parts.map((part) => expandDims(part, at)),
    at,
  );
}

/** `x` cut along an axis: into equal parts, or into parts of the given sizes. */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): readonly Tensor[] {
  const at = normalAxis("split", axis, shapeOf("split", x).length);
  const dim = x.shape[at];
  const sizes = typeof parts === "number" ? equalParts(dim, parts) : parts;
  requireListOf("split", "sizes", sizes);
  const whole = isListOf(sizes, (count) => Number.isInteger(count) && (count as number) >= 0);
  if (typeof dim === "string" || !whole || sizes.reduce((a, b) => a + b, 0) !== dim) {
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
