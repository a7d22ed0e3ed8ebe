// Operations that combine the elements along axes. Reduced axes disappear; sums accumulate in double precision.

import { allocate, isFloat, type DType, type TypedArray } from "../dtype.ts";
import { InputError } from "../errors.ts";
import { makeArray, type NdArray } from "../ndarray.ts";
import type { TensorType } from "../tensor.ts";
import { family, requireDomain, type Domain, type Row } from "./rows.ts";
import { forEachFibre, regroup } from "./strided.ts";

/** The axes that an operation works along. */
export interface AxesAttributes extends Readonly<Record<string, unknown>> {
  /** Rising, counted from the front. */
  readonly axes: readonly number[];
}

/** The one axis that an operation works along. */
export interface AxisAttributes extends Readonly<Record<string, unknown>> {
  readonly axis: number;
}

function without(type: TensorType, axes: readonly number[], dtype: DType): TensorType {
  return { shape: type.shape.filter((_, axis) => !axes.includes(axis)), dtype };
}

/** Folds the elements along the axes, beginning with `start`. */
function fold(domain: Domain, start: Start, combine: (a: number, b: number) => number, whole = combine): Row {
  const row: Row<AxesAttributes> = {
    operands: ["x"],
    infer([x], { axes }) {
      requireDomain(x, domain);
      return without(x, axes, x.dtype);
    },
    kernel([x], { axes }, { shape, dtype }) {
      const f = isFloat(dtype) ? combine : whole;
      const { data, outer, length } = regroup(x, axes);
      const to = allocate(dtype, outer);
      if (combine === addTwo && isFloat(dtype)) {
        for (let i = 0; i < outer; i++) to[i] = sumOf(data, i * length, length);
        return makeArray(to, dtype, shape);
      }
      const first = start(dtype);
      for (let i = 0, from = 0; i < outer; i++) {
        let total = first;
        for (let k = 0; k < length; k++) total = f(total, data[from++]);
        to[i] = total;
      }
      return makeArray(to, dtype, shape);
    },
  };
  return row;
}

const addTwo = (a: number, b: number): number => a + b;

// Hot loop: of all folds the commonest, without a call for each element.
function sumOf(data: TypedArray, from: number, length: number): number {
  let total = 0;
  for (let k = from; k < from + length; k++) total += data[k];
  return total;
}

/** Integer sums keep their low 32 bits, so that no number of terms makes them inexact. */
const wrapped = (a: number, b: number): number => (a + b) | 0;

/** What a fold over no element gives. */
type Start = (dtype: DType) => number;

const lowest: Start = (dtype) =>
  isFloat(dtype) ? Number.NEGATIVE_INFINITY : dtype === "i32" ? -2147483648 : 0;
const highest: Start = (dtype) =>
  isFloat(dtype) ? Number.POSITIVE_INFINITY : dtype === "i32" ? 2147483647 : 4294967295;

/** The first position along one axis whose element beats all before it; NaN beats everything. */
function best(name: string, beats: (a: number, b: number) => boolean): Row {
  const row: Row<AxisAttributes> = {
    operands: ["x"],
    infer([x], { axis }) {
      requireDomain(x, "number");
      return without(x, [axis], "i32");
    },
    kernel([x], { axis }, { shape, dtype }) {
      const { data, outer, length } = regroup(x, [axis]);
      if (length === 0 && outer > 0) throw new InputError(`${name}: the axis must not be empty, got size 0`);
      const to = allocate(dtype, outer);
      for (let i = 0; i < outer; i++) {
        let place = 0;
        for (let k = 1; k < length; k++) {
          const [a, b] = [data[i * length + k], data[i * length + place]];
          if (!Number.isNaN(b) && (Number.isNaN(a) || beats(a, b))) place = k;
        }
        to[i] = place;
      }
      return makeArray(to, dtype, shape);
    },
  };
  return row;
}

/** Each element plus all before it along the axis. */
const cumulativeSum: Row<AxisAttributes> = {
  operands: ["x"],
  infer([x]) {
    requireDomain(x, "number");
    return { shape: x.shape, dtype: x.dtype };
  },
  kernel([x], { axis }, { dtype, shape }): NdArray {
    const to = allocate(dtype, x.data.length);
    const plus = isFloat(dtype) ? (a: number, b: number) => a + b : wrapped;
    forEachFibre(shape, axis, (start, stride, length) => {
      let total = 0;
      for (let k = 0, at = start; k < length; k++, at += stride) to[at] = total = plus(total, x.data[at]);
    });
    return makeArray(to, dtype, shape);
  },
};

/** Reductions by name. */
export const reduction = family({
  sum: fold("number", () => 0, addTwo, wrapped),
  prod: fold(
    "number",
    () => 1,
    (a, b) => a * b,
    Math.imul,
  ),
  max: fold("number", lowest, Math.max),
  min: fold("number", highest, Math.min),
  argMax: best("argMax", (a, b) => a > b),
  argMin: best("argMin", (a, b) => a < b),
  any: fold(
    "bool",
    () => 0,
    (a, b) => a | b,
  ),
  all: fold(
    "bool",
    () => 1,
    (a, b) => a & b,
  ),
  cumulativeSum,
});
