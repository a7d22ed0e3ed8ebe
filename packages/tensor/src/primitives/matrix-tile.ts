// The innermost part of the matrix product: panels of four rows or columns in double precision, and 4×4 tiles whose
// sixteen sums stay in registers. Hot loops, spelled out on purpose; benchmark: `pnpm run bench:reference`.

import type { TypedArray } from "../dtype.ts";

/** Rows and columns of a tile. */
export const tile = 4;

/**
 * Copies `count` lines of `inner` elements into panels of four lines, the four elements of a step side by side.
 * Lines begin `line` apart, elements `step` apart; what lacks of the last panel is zero.
 */
export function packPanels(
  from: TypedArray,
  offset: number,
  line: number,
  step: number,
  count: number,
  inner: number,
  to: Float64Array,
): void {
  for (let first = 0; first < count; first += tile) {
    const start = offset + first * line;
    const base = first * inner;
    if (first + tile <= count) packFull(from, start, line, step, inner, to, base);
    else {
      to.fill(0, base, base + tile * inner);
      for (let lane = 0; first + lane < count; lane++) {
        let p = start + lane * line;
        for (let k = 0, at = base + lane; k < inner; k++, at += tile, p += step) to[at] = from[p];
      }
    }
  }
}

function packFull(
  from: TypedArray,
  start: number,
  line: number,
  step: number,
  inner: number,
  to: Float64Array,
  base: number,
): void {
  let p = start;
  let q = p + line;
  let r = q + line;
  let s = r + line;
  for (let k = 0, at = base; k < inner; k++, at += 4) {
    to[at] = from[p];
    to[at + 1] = from[q];
    to[at + 2] = from[r];
    to[at + 3] = from[s];
    p += step;
    q += step;
    r += step;
    s += step;
  }
}

/** Where a column of tiles goes: the first element, how many rows and columns count, and the distance of rows. */
export interface TilePlace {
  readonly at: number;
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
}

/** The products of panels of the left with one panel of the right, rounded once, into `out`. */
export function multiplyTiles(
  left: Float64Array,
  right: Float64Array,
  inner: number,
  out: TypedArray,
  { at, rows, columns, stride }: TilePlace,
): void {
  const sums = new Float64Array(tile * tile);
  for (let first = 0; first < rows; first += tile) {
    multiplyTile(left, first * inner, right, inner, sums);
    const height = Math.min(tile, rows - first);
    for (let i = 0; i < height; i++) {
      const to = at + (first + i) * stride;
      for (let j = 0; j < columns; j++) out[to + j] = sums[i * tile + j];
    }
  }
}

function multiplyTile(
  left: Float64Array,
  start: number,
  right: Float64Array,
  inner: number,
  sums: Float64Array,
): void {
  let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [c0, c1, c2, c3, d0, d1, d2, d3] = [0, 0, 0, 0, 0, 0, 0, 0];
  const end = start + inner * tile;
  for (let p = start, q = 0; p < end; p += 4, q += 4) {
    const w = right[q];
    const x = right[q + 1];
    const y = right[q + 2];
    const z = right[q + 3];
    const a = left[p];
    a0 += a * w;
    a1 += a * x;
    a2 += a * y;
    a3 += a * z;
    const b = left[p + 1];
    b0 += b * w;
    b1 += b * x;
    b2 += b * y;
    b3 += b * z;
    const c = left[p + 2];
    c0 += c * w;
    c1 += c * x;
    c2 += c * y;
    c3 += c * z;
    const d = left[p + 3];
    d0 += d * w;
    d1 += d * x;
    d2 += d * y;
    d3 += d * z;
  }
  sums.set([a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3]);
}
