// Walking arrays by strides: the one place that turns positions into offsets.
// Hot loops: every kernel that moves elements ends here.

import { allocate, type TypedArray } from "../dtype.ts";
import { type NdArray } from "../ndarray.ts";
import { elements, stridesOf } from "../shape.ts";

/**
 * The elements at `offset + Σ index·stride` for every index of `shape`, in C order, in new storage.
 * A stride of 0 repeats, a negative one reverses.
 */
export function gatherStrided(
  source: NdArray,
  shape: readonly number[],
  strides: readonly number[],
  offset = 0,
): TypedArray {
  const to = allocate(source.dtype, elements(shape));
  if (to.length > 0) copyStrided(source.data, offset, strides, to, 0, stridesOf(shape), shape);
  return to;
}

/** Copies a block of `shape` between two strided places. */
export function copyStrided(
  from: TypedArray,
  fromOffset: number,
  fromStrides: readonly number[],
  to: TypedArray,
  toOffset: number,
  toStrides: readonly number[],
  shape: readonly number[],
): void {
  const rank = shape.length;
  if (rank === 0) {
    to[toOffset] = from[fromOffset]!;
    return;
  }
  const last = rank - 1;
  const [length, step, toStep] = [shape[last], fromStrides[last], toStrides[last]];
  const index = new Array<number>(rank).fill(0);
  for (let a = fromOffset, b = toOffset; ;) {
    if (step === 0 && toStep === 1) to.fill(from[a], b, b + length);
    else for (let k = 0, i = a, j = b; k < length; k++, i += step, j += toStep) to[j] = from[i]!;
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      a += fromStrides[axis];
      b += toStrides[axis];
      if (++index[axis] < shape[axis]) break;
      a -= fromStrides[axis] * shape[axis];
      b -= toStrides[axis] * shape[axis];
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** An array with its axes in another order, in C order. */
export function permuted(source: NdArray, order: readonly number[]): TypedArray {
  if (order.every((axis, i) => axis === i)) return source.data;
  const strides = stridesOf(source.shape);
  return gatherStrided(
    source,
    order.map((axis) => source.shape[axis]),
    order.map((axis) => strides[axis]),
  );
}

/** The elements as `outer` runs of `length`, a run for each place that a reduction over `axes` leaves. */
export function regroup(source: NdArray, axes: readonly number[]): Runs {
  const kept = source.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const length = axes.reduce((product, axis) => product * source.shape[axis], 1);
  const outer = kept.reduce((product, axis) => product * source.shape[axis], 1);
  return { data: permuted(source, [...kept, ...axes]), outer, length };
}

interface Runs {
  readonly data: TypedArray;
  readonly outer: number;
  readonly length: number;
}

/** Calls `visit` with the start, the stride and the length of every line of elements along one axis. */
export function forEachFibre(
  shape: readonly number[],
  axis: number,
  visit: (start: number, stride: number, length: number) => void,
): void {
  const length = shape[axis];
  const stride = elements(shape.slice(axis + 1));
  const outer = elements(shape.slice(0, axis));
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < stride; i++) visit(o * length * stride + i, stride, length);
}
