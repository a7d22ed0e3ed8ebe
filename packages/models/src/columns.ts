// Columns of examples, picked for mini-batches. Each example is kept as one row, so that picking one reads memory in
// order: several times as fast as picking columns where they are.

import { arrayFrom, type NdArray } from "@wengert/tensor";

/** Examples one after another, in the dtype of a network. */
export interface ExampleRows {
  /** Numbers of one example. */
  readonly size: number;
  /** m. */
  readonly count: number;
  readonly data: Float32Array | Float64Array;
}

const storage = (dtype: "f32" | "f64", length: number): Float32Array | Float64Array =>
  dtype === "f64" ? new Float64Array(length) : new Float32Array(length);

/** The columns of `[size, m]` as rows. */
export function rowsOf({ shape, data: from }: NdArray, dtype: "f32" | "f64"): ExampleRows {
  const [size, count] = shape as [number, number];
  const data = storage(dtype, size * count);
  for (let i = 0; i < size; i++) {
    for (let example = 0; example < count; example++) {
      data[example * size + i] = from[i * count + example] as number;
    }
  }
  return { size, count, data };
}

/** The examples at the given positions as columns `[size, positions]`, in that order. */
export function columnsAt({ size, data }: ExampleRows, positions: ArrayLike<number>): NdArray {
  const count = positions.length;
  const to = storage(data instanceof Float64Array ? "f64" : "f32", size * count);
  for (let column = 0; column < count; column++) {
    const at = (positions[column] as number) * size;
    for (let i = 0; i < size; i++) to[i * count + column] = data[at + i] as number;
  }
  return arrayFrom(to, [size, count]);
}

/** All columns, in the dtype of a network; the array itself where it has that dtype. */
export function allColumns(value: NdArray, dtype: "f32" | "f64"): NdArray {
  if (value.dtype === dtype) return value;
  const to = dtype === "f64" ? Float64Array.from(value.data) : Float32Array.from(value.data);
  return arrayFrom(to, value.shape);
}
