// Elements picked by indices that are themselves values. `scatterAdd` is the transpose of `gather`.

import { allocate } from "../dtype.ts";
import { InputError, ShapeError } from "../errors.ts";
import { makeArray, type NdArray } from "../ndarray.ts";
import { elements, sameShape, showShape, type Dim } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { family, requireDomain, type Row } from "./rows.ts";

function requireIndices(indices: Tensor): void {
  if (indices.dtype === "i32" || indices.dtype === "u32") return;
  throw new ShapeError(`indices must be i32 or u32, got ${indices.dtype}`, { help: 'cast(indices, "i32")' });
}

function requireInRange(op: string, indices: NdArray, size: number): void {
  for (let i = 0; i < indices.data.length; i++) {
    const index = indices.data[i];
    if (index < 0 || index >= size) {
      const range = size === 0 ? "there are none to pick from" : `indices must be from 0 to ${size - 1}`;
      throw new InputError(`${op}: ${range}, got ${index} at position ${i}`);
    }
  }
}

/** Rows of `x` along one axis; the indices' own shape takes the place of the axis. */
const gather: Row<{ readonly axis: number }> = {
  operands: ["x", "indices"],
  infer([x, indices], { axis }) {
    requireIndices(indices);
    return {
      shape: [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)],
      dtype: x.dtype,
    };
  },
  kernel([x, indices], { axis }, { shape, dtype }) {
    const size = x.shape[axis];
    requireInRange("gather", indices, size);
    const inner = elements(x.shape.slice(axis + 1));
    const outer = elements(x.shape.slice(0, axis));
    const to = allocate(dtype, elements(shape));
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of indices.data) {
        const from = (o * size + index) * inner;
        for (let i = 0; i < inner; i++) to[at++] = x.data[from + i]!;
      }
    }
    return makeArray(to, dtype, shape);
  },
};

/** Zeros with axis `axis` of size `size`, and the updates added at the indices; repeated indices add up. */
const scatterAdd: Row<{ readonly axis: number; readonly size: Dim }> = {
  operands: ["updates", "indices"],
  infer([updates, indices], { axis, size }) {
    requireDomain(updates, "number");
    requireIndices(indices);
    const rank = indices.shape.length;
    if (!sameShape(updates.shape.slice(axis, axis + rank), indices.shape)) {
      const got = `${showShape(updates.shape)} and ${showShape(indices.shape)}`;
      throw new ShapeError(`scatterAdd: updates must have the indices' shape at axis ${axis}, got ${got}`);
    }
    return {
      shape: [...updates.shape.slice(0, axis), size, ...updates.shape.slice(axis + rank)],
      dtype: updates.dtype,
    };
  },
  kernel([updates, indices], { axis }, { shape, dtype }) {
    const size = shape[axis];
    requireInRange("scatterAdd", indices, size);
    const inner = elements(shape.slice(axis + 1));
    const outer = elements(shape.slice(0, axis));
    // Double precision while adding, so that the order of equal indices cannot matter much.
    const sums = dtype === "f32" ? new Float64Array(elements(shape)) : allocate(dtype, elements(shape));
    let at = 0;
    for (let o = 0; o < outer; o++) {
      for (const index of indices.data) {
        const to = (o * size + index) * inner;
        for (let i = 0; i < inner; i++) sums[to + i] += updates.data[at++];
      }
    }
    return makeArray(dtype === "f32" ? Float32Array.from(sums) : sums, dtype, shape);
  },
};

/** Indexing by name. */
export const indexing = family({ gather, scatterAdd });
