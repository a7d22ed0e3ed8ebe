// How a product is divided: rows into panels, columns into panels, panels into chunks, depth into blocks; and which
// operands are packed. Everything follows from sizes, strides and features, never from the number of threads.

import type { Features } from "../wasm/code.ts";
import { elementOf, type Element } from "./element.ts";
import type { MatrixProduct } from "./product.ts";

/** A dimension in panels: the first `tall` of them have `height` rows, the others one less. */
export interface RowPanels {
  readonly count: number;
  readonly height: number;
  readonly tall: number;
}

/** A dimension in panels of `width` columns; `tail` columns remain for one more, or 0. */
export interface ColumnPanels {
  readonly full: number;
  readonly width: number;
  readonly tail: number;
}

/** The division of a product. */
export interface Plan {
  readonly product: MatrixProduct;
  readonly element: Element;
  readonly rows: RowPanels;
  readonly columns: ColumnPanels;
  /** Chunks: the panels of rows and of columns in as many equal ranges. */
  readonly grid: { readonly rows: number; readonly columns: number };
  /** Steps of k in a block; the last may have fewer. */
  readonly depthBlock: number;
  /** A: read in place, or copied row by row, or step by step of k. */
  readonly left: "inPlace" | "byRow" | "byDepth";
  /** B: read in place, or copied into panels of so many at a time. */
  readonly right: "inPlace" | "packed";
  readonly group: number;
}

const maximalDepthBlock = 256;
/** Bytes of A that are used again and again, for every panel of B: half of a level-2 cache. */
const leftBlockBytes = 262_144;

/** Divides a product whose sizes are all positive. */
export function planProduct(product: MatrixProduct, features: Features): Plan {
  const element = elementOf(product.dtype);
  const rows = rowPanels(product.rows, features.relaxed && element.shape !== "i32x4" ? 6 : 5);
  const columns = columnPanels(product.columns, element.lanes * vectorsFor(rows.height, features));
  const blocks = Math.ceil(product.depth / maximalDepthBlock);
  const depthBlock = Math.min(product.depth, 4 * Math.ceil(product.depth / blocks / 4));
  const right = rightAccess(product, rows);
  const grid = chunkGrid(product, { rows, columns, depthBlock, element });
  const left = leftAccess(product, Math.ceil(product.columns / grid.columns));
  return { product, element, rows, columns, grid, depthBlock, left, right, group: 4 };
}

/** As few panels as possible, as equal as possible. */
export function rowPanels(rows: number, maximum: number): RowPanels {
  const count = Math.ceil(rows / maximum);
  const height = Math.ceil(rows / count);
  return { count, height, tall: rows - count * (height - 1) };
}

function columnPanels(columns: number, width: number): ColumnPanels {
  return { full: Math.floor(columns / width), width, tail: columns % width };
}

/** Vectors in a row of a tile, such that its sums, a row of B and one element of A fit 15 registers. */
function vectorsFor(height: number, { wide }: Features): number {
  const vectors = [8, 4, 3][height - 1] ?? 2;
  return wide ? 2 * vectors : vectors;
}

function rightAccess({ right }: MatrixProduct, rows: RowPanels): Plan["right"] {
  return right.column === 1 && rows.count <= 4 ? "inPlace" : "packed";
}

function leftAccess({ left, rows, depth }: MatrixProduct, columns: number): Plan["left"] {
  if (columns < 64 || rows * depth < 16_384) return "inPlace";
  if (left.depth === 1) return "byRow";
  return left.row === 1 ? "byDepth" : "inPlace";
}

/** Operations that a chunk should have at least, and chunks that a product has at most for the sake of threads. */
const chunkFlop = 100_000;
const enoughChunks = 16;

function chunkGrid(
  product: MatrixProduct,
  { rows, columns, depthBlock, element }: Pick<Plan, "rows" | "columns" | "depthBlock" | "element">,
): Plan["grid"] {
  const { batch, depth } = product;
  const flop = 2 * batch * product.rows * product.columns * depth;
  const wanted = Math.ceil(Math.max(1, Math.min(enoughChunks, Math.floor(flop / chunkFlop))) / batch);
  const blockPanels = Math.max(1, Math.floor(leftBlockBytes / (depthBlock * element.bytes) / rows.height));
  const least = Math.ceil(rows.count / blockPanels);
  const across = columns.full + Math.sign(columns.tail);
  let best = { rows: rows.count, columns: across, cost: Infinity };
  for (let down = least; down <= Math.min(rows.count, Math.max(least, wanted)); down++) {
    const beside = Math.min(across, Math.max(1, Math.floor(wanted / down)));
    const uneven =
      ((Math.ceil(rows.count / down) * down) / rows.count) * ((Math.ceil(across / beside) * beside) / across);
    const lost = wanted / Math.min(wanted, down * beside);
    // Packing costs about as much as 4 rows of C, reading A about as much as 4 columns.
    const cost = uneven * lost * (1 + (4 * down) / product.rows + (4 * beside) / product.columns);
    if (cost < best.cost) best = { rows: down, columns: beside, cost };
  }
  return best;
}
