// The reference matrix product: plain loops, sums in double precision.
// Hot loops; benchmark: `pnpm bench:reference`.

import { allocate, type DType, type TypedArray } from "../dtype.ts";

/** Sizes of a batched product of [rows, inner] by [inner, columns]. */
export interface ProductSizes {
  readonly batches: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** `batches` products of C-ordered matrices, in C order. */
export function matrixProduct(
  left: TypedArray,
  right: TypedArray,
  sizes: ProductSizes,
  dtype: DType,
): TypedArray {
  const { batches, rows, inner, columns } = sizes;
  const out = allocate(dtype, batches * rows * columns);
  if (dtype === "i32" || dtype === "u32") integerProduct(left, right, sizes, out);
  else {
    const row = new Float64Array(columns);
    for (let b = 0; b < batches; b++) {
      for (let i = 0; i < rows; i++) {
        row.fill(0);
        addRow(left, (b * rows + i) * inner, right, b * inner * columns, inner, columns, row);
        out.set(row, (b * rows + i) * columns);
      }
    }
  }
  return out;
}

/** row += left[at .. at+inner] · right, four rows of `right` at a time so that `row` is read a quarter as often. */
function addRow(
  left: TypedArray,
  at: number,
  right: TypedArray,
  offset: number,
  inner: number,
  columns: number,
  row: Float64Array,
): void {
  let k = 0;
  for (; k + 4 <= inner; k += 4) {
    const [a, b, c, d] = [left[at + k], left[at + k + 1], left[at + k + 2], left[at + k + 3]];
    const p = offset + k * columns;
    const q = p + columns;
    const r = q + columns;
    const s = r + columns;
    for (let j = 0; j < columns; j++) {
      row[j] = row[j] + a * right[p + j] + b * right[q + j] + c * right[r + j] + d * right[s + j];
    }
  }
  for (; k < inner; k++) {
    const a = left[at + k];
    const p = offset + k * columns;
    for (let j = 0; j < columns; j++) row[j] += a * right[p + j];
  }
}

function integerProduct(left: TypedArray, right: TypedArray, sizes: ProductSizes, out: TypedArray): void {
  const { batches, rows, inner, columns } = sizes;
  for (let b = 0; b < batches; b++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          sum = (sum + Math.imul(left[(b * rows + i) * inner + k], right[(b * inner + k) * columns + j])) | 0;
        }
        out[(b * rows + i) * columns + j] = sum;
      }
    }
  }
}
