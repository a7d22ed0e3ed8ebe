// Into how many chunks a product is divided, for the sake of threads, and whether by rows or by columns.

import { canReadAhead } from "./ahead.ts";
import type { Plan } from "./plan.ts";

/** Bytes of the packed panels of B of a chunk. */
const rightBlockBytes = 4_194_304;

/** Chunks for the sake of threads: fewer for products so small that packing the same twice would show. */
function wantedChunks(flop: number, threads: number): number {
  if (threads === 1) return 1;
  const most = flop < 2e7 ? 4 : flop < 2e8 ? 8 : flop < 1e10 ? 16 : 64;
  return Math.max(1, Math.min(most, Math.floor(flop / 100_000)));
}

/** What decides about chunks. */
type Parts = Omit<Plan, "grid" | "rowBlock" | "unroll">;

/** The division that costs least. */
export function chunkGrid(parts: Parts, threads: number): Plan["grid"] {
  const { rows, columns, tiles, isFar } = parts;
  const across = columns.full + Math.sign(columns.tail);
  const wanted = chunksFor(parts, threads);
  const least = parts.right === "inPlace" ? 1 : Math.ceil(packedBytes(parts, across) / rightBlockBytes);
  // A large B is read once by streams, and dot products read every row of A with a column.
  const most = tiles === "dots" || (tiles === "streams" && isFar) ? 1 : Math.min(rows.count, wanted);
  let best = { rows: rows.count, columns: across, cost: Infinity };
  for (let down = 1; down <= most; down++) {
    const beside = Math.min(across, Math.max(least, Math.floor(wanted / down)));
    const lost = wanted / Math.min(wanted, down * beside);
    const uneven = largestPart(rows.count, down) * largestPart(across, beside);
    const cost = uneven * lost * costOfChunks(parts, down, beside);
    if (cost < best.cost) best = { rows: down, columns: beside, cost };
  }
  return { rows: best.rows, columns: best.columns };
}

function chunksFor({ product, element, tiles, isFar }: Parts, threads: number): number {
  const { batch, rows, columns, depth } = product;
  // A large B is read by streams in long pieces of its rows, and across them by each thread once.
  const most = { dots: Infinity, sums: threads, streams: (columns * element.bytes) / 4096 }[tiles];
  const wanted = wantedChunks(2 * batch * rows * columns * depth, threads) / batch;
  return Math.ceil(isFar ? Math.min(most, wanted) : wanted);
}

function packedBytes({ columns, depthBlock, element }: Parts, panels: number): number {
  return panels * columns.width * depthBlock * element.bytes;
}

/** The largest of so many parts of some panels, against an equal one. */
function largestPart(panels: number, parts: number): number {
  return (Math.ceil(panels / parts) * parts) / panels;
}

/**
 * The time of chunks against that of one. For every chunk anew: packing B, or reading it across, takes as long as some
 * rows of C, and so does A with columns. Whole rows can be read ahead, pieces cannot.
 */
function costOfChunks(parts: Parts, down: number, beside: number): number {
  const { product, tiles, isFar } = parts;
  const rowsLost = parts.right === "inPlace" ? 4 : 6;
  const columnsLost = parts.left === "inPlace" ? 2 : 6;
  const inPieces = beside > 1 && tiles === "sums" && isFar && canReadAhead(parts) ? 1.2 : 1;
  return inPieces * (1 + (rowsLost * down) / product.rows + (columnsLost * beside) / product.columns);
}
