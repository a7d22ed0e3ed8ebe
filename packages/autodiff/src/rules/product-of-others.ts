// For every element the product of all others along the axes, by products alone: no division, so zeros among
// the elements are no exception, and it can be differentiated again.

import {
  and,
  broadcastAlong,
  concat,
  equal,
  iota,
  mul,
  not,
  ones,
  onesLike,
  permute,
  prod,
  slice,
  where,
  type Dim,
  type Range,
  type Tensor,
} from "@wengert/tensor";

/** Same shape as `x`. Axes of known size take O(n log n) operations, named ones O(n²). */
export function productOfOthers(x: Tensor, axes: readonly number[]): Tensor {
  return axes.every((axis) => typeof x.shape[axis] === "number") ? byScans(x, axes) : byMask(x, axes);
}

/** Axis after axis: the others on this axis, times the whole of the axes before, taken over again. */
function byScans(x: Tensor, axes: readonly number[]): Tensor {
  let others = onesLike(x);
  let whole = x;
  for (const axis of axes) {
    others = mul(others, mul(before(whole, axis, 1), before(whole, axis, -1)));
    const total = prod(whole, axis);
    const kept = x.shape.map((_, a) => a).filter((a) => a !== axis);
    whole = broadcastAlong(total, x.shape, kept);
  }
  return others;
}

/** The product of all elements before each on the axis (after it, where the direction is -1): a scan by doubling. */
function before(x: Tensor, axis: number, direction: 1 | -1): Tensor {
  const size = x.shape[axis] as number;
  let product = shift(x, axis, direction);
  for (let distance = 1; distance < size; distance *= 2) {
    product = mul(product, shift(product, axis, direction * distance));
  }
  return product;
}

/** The elements moved along the axis, with ones where none arrive. */
function shift(x: Tensor, axis: number, distance: number): Tensor {
  const size = x.shape[axis] as number;
  const steps = Math.min(size, Math.abs(distance));
  if (steps === 0) return x;
  const gap = ones(
    x.shape.map((dim, a): Dim => (a === axis ? steps : dim)),
    { dtype: x.dtype },
  );
  const range: Range = distance > 0 ? [0, size - steps] : [steps, size];
  const rest = slice(
    x,
    x.shape.map((_, a) => (a === axis ? range : null)),
  );
  return concat(distance > 0 ? [gap, rest] : [rest, gap], axis);
}

/** Every element beside all elements, itself replaced by 1: [...x, ...reduced axes]. */
function byMask(x: Tensor, axes: readonly number[]): Tensor {
  const rank = x.shape.length;
  const shape = [...x.shape, ...axes.map((axis) => x.shape[axis] as Dim)];
  const extra = axes.map((_, i) => rank + i);
  let same: Tensor | undefined;
  for (const [i, axis] of axes.entries()) {
    const here = equal(iota(shape, axis), iota(shape, rank + i));
    same = same === undefined ? here : and(same, here);
  }
  // The elements that are multiplied lie on the new axes; kept axes stay where they are.
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const source = broadcastAlong(permute(x, [...kept, ...axes]), shape, [...kept, ...extra]);
  return prod(same === undefined ? source : where(not(same), source, 1), extra);
}
