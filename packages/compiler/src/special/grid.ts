// How a kernel over rows × columns is cut into chunks: by its sizes alone, never by the number of threads. A chunk has
// whole rows, or a piece of one row where rows are long; every width is then a constant of the code.

import { moved, scaled, smaller } from "../matrix/addresses.ts";
import type { Code, Local } from "../wasm/code.ts";

/** The grid of chunks. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  readonly rowsPerChunk: number;
  /** Pieces that a row is cut into, and the columns of each but the last. */
  readonly pieces: number;
  readonly columnsPerPiece: number;
  readonly chunks: number;
}

/** What a chunk covers. */
export interface Part {
  /** Rows from the first up to the second. */
  readonly rows: readonly [from: Local, to: Local];
  readonly firstColumn: Local;
  readonly width: number;
}

/** Elements of a chunk, at least: some microseconds of copying, well above the cost of sharing. */
const leastWork = 16_384;
const mostChunks = 256;
/** Columns of a piece are a multiple of this, so that no two threads write to one cache line of an aligned row. */
const unit = 64;

/**
 * The grid for so many rows and columns, each place of which takes `weight` elements of work; a chunk has `least`
 * elements of work or more. There is one chunk at least.
 */
export function gridOf(
  rows: number,
  columns: number,
  { weight = 1, least = leastWork }: { readonly weight?: number; readonly least?: number } = {},
): Grid {
  const work = rows * columns * weight;
  const whole = { rows, columns, rowsPerChunk: rows, pieces: 1, columnsPerPiece: columns, chunks: 1 };
  if (work === 0) return whole;
  const target = Math.max(leastWork, least, Math.ceil(work / mostChunks));
  const rowWork = columns * weight;
  const wanted = Math.floor(rowWork / target);
  if (wanted < 2 || columns < 2 * unit) {
    const rowsPerChunk = Math.ceil(target / rowWork);
    const chunks = Math.ceil(rows / rowsPerChunk);
    return { ...whole, rowsPerChunk, chunks };
  }
  const columnsPerPiece = Math.ceil(columns / wanted / unit) * unit;
  const pieces = Math.ceil(columns / columnsPerPiece);
  return { rows, columns, rowsPerChunk: 1, pieces, columnsPerPiece, chunks: rows * pieces };
}

/** Writes the body for the part that a chunk covers: twice where the last piece of a row is shorter. */
export function writePart(code: Code, grid: Grid, body: (part: Part) => void): void {
  const { columns, rowsPerChunk, pieces, columnsPerPiece } = grid;
  const chunk = code.parameters[0]!;
  if (pieces === 1) {
    const from = scaled(code, chunk, rowsPerChunk);
    const to = smaller(code, moved(code, from, rowsPerChunk), code.i32(grid.rows));
    return body({ rows: [from, to], firstColumn: code.i32(0), width: columns });
  }
  const row = code.op("i32.div_u", chunk, code.i32(pieces));
  const piece = code.op("i32.rem_u", chunk, code.i32(pieces));
  const part = {
    rows: [row, moved(code, row, 1)],
    firstColumn: scaled(code, piece, columnsPerPiece),
  } as const;
  const last = columns - (pieces - 1) * columnsPerPiece;
  if (last === columnsPerPiece) return body({ ...part, width: last });
  code.emit("local.get", code.op("i32.eq", piece, code.i32(pieces - 1)));
  code.emit("if");
  body({ ...part, width: last });
  code.emit("else");
  body({ ...part, width: columnsPerPiece });
  code.emit("end");
}

/** Runs the body for every row of a part. */
export function forRows(code: Code, { rows: [from, to] }: Part, body: (row: Local) => void): void {
  code.forRange({ from, to, step: 1 }, body);
}
