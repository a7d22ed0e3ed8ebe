// Into how many chunks a product is divided, for the sake of threads, and whether by rows or by columns.

import { canReadAhead } from "./ahead.ts";
import type { Plan } from "./plan.ts";

/** Bytes of the packed panels of B of a chunk: those of a block of k, or where they are kept those of all blocks. */
const rightBlockBytes = 4_194_304;
/** Bytes of an A, or of packed columns, that stay in a level-2 cache while chunks read them one after another. */
const nearBytes = 524_288;

/**
 * Chunks for the sake of threads: fewer for products so small that packing the same twice would show. Of two threads each
 * keeps to its columns, and where these stay in its scratch packs them once for however many chunks: the more there are,
 * the less waits for a thread that came late.
 */
function wantedFor({ right, product }: Parts, threads: number): number {
  if (threads === 1) return 1;
  const { batch, rows, columns, depth } = product;
  const flop = 2 * batch * rows * columns * depth;
  const packsOnce = threads === 2 && right === "packed";
  const middle = packsOnce ? 32 : flop < 2e8 ? 8 : 16;
  const most = flop < 2e7 ? (packsOnce ? 8 : 4) : flop < 1e10 ? middle : 64;
  return Math.max(1, Math.min(most, Math.floor(flop / 100_000)));
}

/** What decides about chunks. */
type Parts = Omit<Plan, "grid" | "keeps" | "rowBlock" | "unroll">;

/** Into how many ranges the panels of a batch are divided. */
type Ranges = Pick<Plan["grid"], "rows" | "columns">;

/** The division that costs least. */
export function chunkGrid(parts: Parts, threads: number): Plan["grid"] {
  const { rows, columns, tiles, isFar } = parts;
  const wanted = chunksFor(parts, threads);
  const least =
    parts.right === "inPlace" ? 1 : Math.ceil(packedBytes(parts, columns.count) / rightBlockBytes);
  // A large B is read once by streams, and dot products read every row of A with a column.
  const most = tiles === "dots" || (tiles === "streams" && isFar) ? 1 : Math.min(rows.count, wanted);
  let best = { rows: rows.count, columns: columns.count, cost: Infinity };
  for (let down = 1; down <= most; down++) {
    const grid = { rows: down, columns: Math.min(columns.count, Math.max(least, Math.floor(wanted / down))) };
    const cost = costOfWaiting(parts, grid, { wanted, threads }) * costOfChunks(parts, grid, threads);
    if (cost < best.cost) best = { ...grid, cost };
  }
  return { batches: batchesOf(parts, best, threads), rows: best.rows, columns: best.columns };
}

/** Batches of a chunk: several where each would be a chunk of its own, and more of these than are wanted. */
function batchesOf(parts: Parts, { rows, columns }: Ranges, threads: number): number {
  if (rows * columns > 1) return 1;
  return Math.max(1, Math.ceil(parts.product.batch / wantedFor(parts, threads)));
}

/** Whether packed columns are kept for a thread's next chunk, which may have other rows of the same. */
export function keepsColumns(parts: Parts, grid: Ranges): boolean {
  return parts.right === "packed" && grid.rows > 1 && packedColumnsBytes(parts, grid) <= rightBlockBytes;
}

function packedColumnsBytes(parts: Parts, grid: Ranges): number {
  const { columns, product, depthBlock } = parts;
  return packedBytes(parts, Math.ceil(columns.count / grid.columns)) * Math.ceil(product.depth / depthBlock);
}

function chunksFor(parts: Parts, threads: number): number {
  const { product, element, tiles, isFar } = parts;
  const { batch, columns } = product;
  // A large B is read by streams in long pieces of its rows, or one for each thread where rows are short; and across its
  // rows by each thread once.
  const row = columns * element.bytes;
  const streams = Math.max(row / 4096, Math.min(threads, row / 1024));
  const most = { dots: Infinity, sums: threads, streams }[tiles];
  const wanted = wantedFor(parts, threads) / batch;
  return Math.ceil(isFar ? Math.min(most, wanted) : wanted);
}

function packedBytes({ columns, depthBlock, element }: Parts, panels: number): number {
  return panels * columns.width * depthBlock * element.bytes;
}

/** The largest of so many parts of some things, against an equal one. */
function largestPart(count: number, parts: number): number {
  return (Math.ceil(count / parts) * parts) / count;
}

/**
 * The time until the last thread is done, against that of threads which share equally: some have a chunk more, the largest
 * chunk may be the last of all, and of fewer chunks than are wanted each keeps the others waiting for longer.
 */
function costOfWaiting(
  { rows, columns, product }: Parts,
  grid: Ranges,
  { wanted, threads }: { readonly wanted: number; readonly threads: number },
): number {
  const ranges = grid.rows * grid.columns;
  const chunks = product.batch * ranges;
  const largest = largestPart(rows.count, grid.rows) * largestPart(columns.count, grid.columns);
  const last = 1 + (largest - 1) * Math.min(1, threads / chunks);
  return largestPart(chunks, threads) * last * (1 + 1.5 * Math.max(0, 1 / ranges - 1 / wanted));
}

/**
 * The time of chunks against that of one, as measured in products and networks. Packing B, or reading it across, takes as
 * long as some rows of C, and so does A with columns; reading packed panels or a near A again takes little. Whole rows can
 * be read ahead, pieces cannot. What comes before and after a product is mostly divided by rows: by columns, rows of A and C
 * go from core to core, also those beside a thread's own, which processors read ahead of need. Of an A that lies across, no
 * thread had the rows before.
 */
function costOfChunks(parts: Parts, grid: Ranges, threads: number): number {
  const { product, tiles, isFar, element } = parts;
  const { rows: down, columns: beside } = grid;
  const isPacked = parts.right === "packed";
  const again = isPacked && packedColumnsBytes(parts, grid) > nearBytes ? 1 : 0.5;
  const rowsLost = again * down + (isPacked ? 5.5 : 3.5) * packings(parts, grid, threads);
  const isNear = product.rows * product.depth * element.bytes <= nearBytes;
  const moved = beside === 1 ? 0 : parts.left === "inPlace" ? 10 : 4;
  const columnsLost = (parts.left === "packed" ? 6 : isNear ? 0.25 : 2) * beside + moved;
  const inPieces = beside > 1 && tiles === "sums" && isFar && canReadAhead(parts) ? 1.2 : 1;
  const lost = rowsLost / product.rows + columnsLost / product.columns + moved / product.depth;
  return inPieces * (1 + lost);
}

/**
 * How often columns are packed, or read across: for every chunk, or where they are kept for every thread. Two threads come
 * from opposite sides, and so only one to most columns.
 */
function packings(parts: Parts, grid: Ranges, threads: number): number {
  if (!keepsColumns(parts, grid)) return grid.rows;
  return threads === 2 && grid.columns > 1 ? 1 : Math.min(grid.rows, threads);
}
