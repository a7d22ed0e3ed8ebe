// Product → product of the same values with the fewest dimensions: batches that are rows become rows, and a column
// becomes a row, since C is as dense either way.

import type { MatrixProduct } from "./product.ts";

/** A product, and whether its operands have changed places. */
export interface Normalized {
  readonly product: MatrixProduct;
  readonly swapped: boolean;
}

/** The simplest equal product; `swapped` means that its A is B of the given one, and its B is A. */
export function normalize(given: MatrixProduct): Normalized {
  const merged = mergeBatch(given);
  // C with one column is as dense as its transpose, Cᵀ = Bᵀ Aᵀ.
  const swapped = merged.columns === 1 && merged.rows > 1;
  return { product: canonicalStrides(swapped ? mergeBatch(transposed(merged)) : merged), swapped };
}

function transposed({ left, right, rows, columns, ...rest }: MatrixProduct): MatrixProduct {
  return {
    ...rest,
    rows: columns,
    columns: rows,
    left: { batch: right.batch, row: right.column, depth: right.depth },
    right: { batch: left.batch, depth: left.depth, column: left.row },
  };
}

/** Batches that lie where further rows, or further columns of a single row, would lie. */
function mergeBatch(product: MatrixProduct): MatrixProduct {
  const { batch, rows, columns, left, right } = product;
  if (batch <= 1) return product;
  if (right.batch === 0 && (rows === 1 || left.batch === rows * left.row)) {
    const row = rows === 1 ? left.batch : left.row;
    return { ...product, batch: 1, rows: batch * rows, left: { ...left, row } };
  }
  if (rows === 1 && left.batch === 0 && (columns === 1 || right.batch === columns * right.column)) {
    const column = columns === 1 ? right.batch : right.column;
    return { ...product, batch: 1, columns: batch * columns, right: { ...right, column } };
  }
  return product;
}

/** A stride along a dimension of size 1 says nothing: 1 is the one that every path reads fastest. */
function canonicalStrides(product: MatrixProduct): MatrixProduct {
  const { rows, columns, depth, left, right } = product;
  return {
    ...product,
    left: { ...left, row: rows === 1 ? 0 : left.row, depth: depth === 1 ? 1 : left.depth },
    right: { ...right, column: columns === 1 ? 1 : right.column },
  };
}
