// Neighbouring columns in a few vectors at a time: as many as registers hold, then what is left, then single elements.

import type { Code, Local } from "../wasm/code.ts";

/** One vector of elements, or one element, at a constant distance in bytes. */
export interface Place {
  readonly offset: number;
  readonly isVector: boolean;
}

/** Vectors that are worked on together: sums of 8 fit 16 registers with room for what is loaded. */
const together = 8;

/**
 * Covers `width` columns by vectors of `step` elements and single elements: `body(start, places)` is about the places
 * at `start` bytes from the first column, or at the first where there is no start.
 */
export function forColumns(
  code: Code,
  { width, bytes, step, most = together }: ColumnOptions,
  body: (start: Local | undefined, places: readonly Place[]) => void,
): void {
  const vector = step * bytes;
  const places = (from: number, count: number, isVector: boolean): Place[] =>
    Array.from({ length: count }, (_, i) => ({ offset: from + i * (isVector ? vector : bytes), isVector }));
  const block = most * vector;
  const blocks = Math.floor((width * bytes) / block);
  if (blocks > 1)
    code.forRange({ from: code.i32(0), to: code.i32(blocks * block), step: block }, (start) =>
      body(start, places(0, most, true)),
    );
  else if (blocks === 1) body(undefined, places(0, most, true));
  const left = width - blocks * most * step;
  const vectors = Math.floor(left / step);
  const after = blocks * block;
  const rest = [
    ...places(after, vectors, true),
    ...places(after + vectors * vector, left - vectors * step, false),
  ];
  if (rest.length > 0) body(undefined, rest);
}

interface ColumnOptions {
  readonly width: number;
  readonly bytes: number;
  /** Elements of a vector. */
  readonly step: number;
  /** Vectors that are worked on together. */
  readonly most?: number;
}
