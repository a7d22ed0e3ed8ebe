// Products of integer matrices: sums keep their low 32 bits, so that no number of terms makes them inexact.

import type { TypedArray } from "../dtype.ts";
import type { MatrixView, ProductSizes } from "./matrix.ts";

/** Writes the products, in C order, into `out`. */
export function integerProduct(
  left: MatrixView,
  right: MatrixView,
  sizes: ProductSizes,
  out: TypedArray,
): void {
  const { batches, rows, inner, columns } = sizes;
  const [x, y, step, stride] = [left.data, right.data, left.column, right.row];
  let at = 0;
  for (let b = 0; b < batches; b++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        let p = b * left.batch + i * left.row;
        let q = b * right.batch + j * right.column;
        for (let k = 0; k < inner; k++, p += step, q += stride) sum = (sum + Math.imul(x[p], y[q])) | 0;
        out[at++] = sum;
      }
    }
  }
}
