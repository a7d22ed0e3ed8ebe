// The reference matrix product: operands are read by strides, so a transposed one is never copied first; each sum
// runs in double precision in the order of the inner axis. Hot loops; benchmark: `pnpm run bench:reference`.

import { allocate, type DType, type TypedArray } from "../dtype.ts";
import { integerProduct } from "./matrix-integer.ts";
import { multiplyTiles, packPanels, tile } from "./matrix-tile.ts";

/** Sizes of a batched product of [rows, inner] by [inner, columns]. */
export interface ProductSizes {
  readonly batches: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** A batch of matrices anywhere in memory: element (b, i, j) is at `b·batch + i·row + j·column`. */
export interface MatrixView {
  readonly data: TypedArray;
  readonly batch: number;
  readonly row: number;
  readonly column: number;
}

/** Doubles of a block of packed rows: what stays in the second-level cache. */
const blockElements = 65536;

/** `batches` products of matrices, in C order. */
export function matrixProduct(
  left: MatrixView,
  right: MatrixView,
  sizes: ProductSizes,
  dtype: DType,
): TypedArray {
  const { batches, rows, inner, columns } = sizes;
  const out = allocate(dtype, batches * rows * columns);
  if (dtype === "i32" || dtype === "u32") {
    integerProduct(left, right, sizes, out);
    return out;
  }
  const fit = Math.floor(blockElements / Math.max(1, inner));
  const blockRows = tile * Math.max(8, Math.floor(fit / tile));
  const leftPanels = new Float64Array(Math.ceil(Math.min(rows, blockRows) / tile) * tile * inner);
  const rightPanel = new Float64Array(tile * inner);
  for (let b = 0; b < batches; b++) {
    for (let i = 0; i < rows; i += blockRows) {
      const count = Math.min(blockRows, rows - i);
      packPanels(left.data, b * left.batch + i * left.row, left.row, left.column, count, inner, leftPanels);
      for (let j = 0; j < columns; j += tile) {
        const width = Math.min(tile, columns - j);
        const from = b * right.batch + j * right.column;
        packPanels(right.data, from, right.column, right.row, width, inner, rightPanel);
        const at = (b * rows + i) * columns + j;
        const place = { at, rows: count, columns: width, stride: columns };
        multiplyTiles(leftPanels, rightPanel, inner, out, place);
      }
    }
  }
  return out;
}
