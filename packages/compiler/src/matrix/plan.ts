// How a product is divided: rows into panels, columns into panels, panels into chunks, depth into blocks; and which
// operands are packed. In what order a sum is taken follows from sizes, strides and features alone; the number of threads
// decides how many chunks there are, and no more.

import type { Features } from "../wasm/code.ts";
import { aheadBytes, canReadAhead, isLarge } from "./ahead.ts";
import { dotColumns } from "./dots.ts";
import { elementOf, type Element } from "./element.ts";
import { chunkGrid, keepsColumns } from "./grid.ts";
import type { MatrixProduct } from "./product.ts";
import { streamDepth } from "./streams.ts";

/** A dimension in panels: the first `tall` of them have `height` rows, the others one less. */
interface RowPanels {
  readonly count: number;
  readonly height: number;
  readonly tall: number;
  /** Rows that the last panel computes once more, so that all panels are equally high and need one function. */
  readonly again: number;
}

/** A dimension in panels: `full` of them have `width` columns; `tail` columns remain for one more, or 0. */
interface ColumnPanels {
  readonly count: number;
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
  /** Chunks: the panels of rows and of columns of a batch in as many equal ranges, or several whole batches. */
  readonly grid: { readonly batches: number; readonly rows: number; readonly columns: number };
  /** Steps of k in a block; the last may have fewer. */
  readonly depthBlock: number;
  /** A: read in place, or copied block by block into panels. */
  readonly left: "inPlace" | "packed";
  /** Panels of A in a block of rows. */
  readonly rowBlock: number;
  /** B: read in place, or copied into panels. */
  readonly right: "inPlace" | "packed";
  /** Whether packed columns are kept for the thread's next chunk, which may have other rows of the same. */
  readonly keeps: boolean;
  /** Whether B is read in place and too large for a level-2 cache: ahead where that can be, or else a block at a time. */
  readonly isFar: boolean;
  /** Tiles of sums in registers, of dot products, or of sums of rows of B. */
  readonly tiles: "sums" | "dots" | "streams";
  /** Vectors of k a turn of a dot product. */
  readonly unroll: number;
}

/** Steps of k in a block such that a panel of B stays in the level-1 cache; more where A is read across its rows. */
const packedDepthBlock = 512;
const maximalDepthBlock = 1024;
/** The same for a B that comes from afar and is read across: panels stay in the level-1 cache, with their part of A. */
const farDepthBlock = 128;
/** About the bytes of a block of rows of A, which is used again for every panel of B: a part of a level-2 cache, beside B and C. */
const leftBlockBytes = 131_072;

/** Divides a product whose sizes are all positive. */
export function planProduct(product: MatrixProduct, features: Features, threads: number): Plan {
  const tiles = tilesFor(product);
  if (tiles === "streams") return planStreams(product, threads);
  if (tiles === "dots") return planDots(product, threads);
  const element = elementOf(product.dtype);
  const rows = rowPanels(product.rows, features.relaxed && element.shape !== "i32x4" ? 6 : 5);
  const columns = columnPanels(product.columns, element.lanes * vectorsFor(rows.height, features));
  const right = rightAccess(product, rows);
  const isFar = right === "inPlace" && isLarge({ product, element });
  const left = leftAccess(product);
  const blocks = Math.ceil(product.depth / depthBlockFor(product, { element, left, isFar }));
  const depthBlock = Math.min(product.depth, 4 * Math.ceil(product.depth / blocks / 4));
  const parts = { product, element, rows, columns, depthBlock, left, right, isFar, tiles };
  const grid = chunkGrid(parts, threads);
  const isWhole = depthBlock === product.depth;
  return {
    ...parts,
    rows: isWhole ? levelled(rows, product.rows, grid.rows) : rows,
    grid,
    keeps: keepsColumns(parts, grid),
    rowBlock: rowBlockFor(parts, grid),
    unroll: 1,
  };
}

/** Panels of A in a block of rows: the blocks of a chunk are as equal as possible, since each reads all its panels of B. */
function rowBlockFor(
  { rows, depthBlock, element }: Pick<Plan, "rows" | "depthBlock" | "element">,
  grid: Plan["grid"],
): number {
  const panels = Math.ceil(rows.count / grid.rows);
  const bytes = panels * rows.height * depthBlock * element.bytes;
  return Math.ceil(panels / Math.max(1, Math.round(bytes / leftBlockBytes)));
}

function depthBlockFor(
  product: MatrixProduct,
  { element, left, isFar }: Pick<Plan, "element" | "left" | "isFar">,
): number {
  if (!isFar) return left === "inPlace" ? maximalDepthBlock : packedDepthBlock;
  if (!canReadAhead({ product, element })) return farDepthBlock;
  return Math.min(farDepthBlock, Math.floor(aheadBytes / (product.columns * element.bytes)));
}

/** Skinny products have paths of their own, as far as the strides of B allow. */
function tilesFor({ rows, columns, depth, left, right }: MatrixProduct): Plan["tiles"] {
  if (right.column === 1 && columns >= 32 && (rows <= 6 || depth <= 4)) return "streams";
  const isDense = left.depth === 1 && right.depth === 1;
  return isDense && depth >= 32 && rows <= 24 ? "dots" : "sums";
}

const inPlace = {
  left: "inPlace",
  rowBlock: 2 ** 30,
  right: "inPlace",
  keeps: false,
  unroll: 1,
} as const;

function planStreams(product: MatrixProduct, threads: number): Plan {
  const element = elementOf(product.dtype);
  // A shallow product is done in one pass, by rows so few that all their factors fit the registers.
  const rows = rowPanels(product.rows, [6, 6, 3, 2][product.depth - 1] ?? 6);
  const columns = columnPanels(product.columns, 64 * element.lanes);
  const depthBlock = Math.min(product.depth, streamDepth(rows.height));
  const isFar = isLarge({ product, element });
  const parts = { product, element, rows, columns, depthBlock, ...inPlace, isFar, tiles: "streams" } as const;
  return { ...parts, grid: chunkGrid(parts, threads) };
}

function planDots(product: MatrixProduct, threads: number): Plan {
  const element = elementOf(product.dtype);
  const rows = rowPanels(product.rows, 6);
  const columns = columnPanels(product.columns, dotColumns(rows.height));
  // So few sums that each waits for its last addition get several partial sums.
  const sums = rows.height * Math.min(columns.width, product.columns);
  const unroll = 2 ** Math.max(0, Math.floor(Math.log2(8 / sums)));
  // What several panels of rows read again is to stay in the level-1 cache.
  const depthBlock = rows.count === 1 ? product.depth : Math.min(product.depth, 1024);
  const isFar = isLarge({ product, element });
  const parts = {
    product,
    element,
    rows,
    columns,
    depthBlock,
    ...inPlace,
    isFar,
    unroll,
    tiles: "dots",
  } as const;
  return { ...parts, grid: chunkGrid(parts, threads) };
}

/** As few panels as possible, as equal as possible. */
function rowPanels(rows: number, maximum: number): RowPanels {
  const count = Math.ceil(rows / maximum);
  const height = Math.ceil(rows / count);
  return { count, height, tall: rows - count * (height - 1), again: 0 };
}

/**
 * Panels of one height, where no more than a hundredth of the rows is computed twice: half the functions. Both times are
 * in one chunk, and sums must be whole: what is added to would be added twice.
 */
function levelled(panels: RowPanels, rows: number, chunks: number): RowPanels {
  const { count, height } = panels;
  const again = count * height - rows;
  return 100 * again <= rows && count >= 2 * chunks ? { ...panels, tall: count, again } : panels;
}

function columnPanels(columns: number, width: number): ColumnPanels {
  return {
    count: Math.ceil(columns / width),
    full: Math.floor(columns / width),
    width,
    tail: columns % width,
  };
}

/** Vectors in a row of a tile, such that its sums, a row of B and one element of A fit 15 registers. */
function vectorsFor(height: number, { wide }: Features): number {
  const vectors = [8, 4, 3][height - 1] ?? 2;
  return wide ? 2 * vectors : vectors;
}

function rightAccess({ right }: MatrixProduct, rows: RowPanels): Plan["right"] {
  return right.column === 1 && rows.count <= 4 ? "inPlace" : "packed";
}

/**
 * Packing A takes as long as some columns of C: that pays where steps of k lie far apart. Where they are neighbours, the
 * tiles read a few rows side by side as fast as a copy.
 */
function leftAccess({ left, rows, depth, columns }: MatrixProduct): Plan["left"] {
  const isAcross = left.row === 1 && left.depth !== 1;
  return isAcross && columns >= 64 && rows * depth >= 16_384 ? "packed" : "inPlace";
}
