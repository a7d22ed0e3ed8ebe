// Arrays as text: whole when small, with an ellipsis in the middle of each long axis when large.

import type { NdArray } from "./ndarray.ts";
import { elements } from "./shape.ts";

/** How to print an array. */
export interface FormatOptions {
  /** Significant digits of floating-point elements; default 6. */
  readonly digits?: number;
  /** Arrays with more elements are abbreviated; default 200. */
  readonly limit?: number;
  /** Elements shown at each end of an abbreviated axis; default 3. */
  readonly edge?: number;
}

/**
 * The array as text, columns aligned: `f32[2, 2]` and then the rows.
 * Long arrays show the first and last elements of every axis.
 */
export function formatArray(value: NdArray, options: FormatOptions = {}): string {
  const { digits = 6, limit = 200, edge = 3 } = options;
  const header = `${value.dtype}[${value.shape.join(", ")}]`;
  // Consoles call this, so it must not throw. A view whose memory has moved has no elements.
  if (value.data.length !== elements(value.shape)) return `${header} with ${value.data.length} elements`;
  const shown = value.data.length > limit ? edge : Number.POSITIVE_INFINITY;
  const cells = new Map<number, string>();
  visit(value, shown, (index) => cells.set(index, formatElement(value, index, digits)));
  let width = 0;
  for (const cell of cells.values()) width = Math.max(width, cell.length);
  const body = render(value, shown, 0, 0, " ", (index) => (cells.get(index) ?? "").padStart(width));
  return value.shape.length === 0 ? `${header} ${body}` : `${header}\n${body}`;
}

function formatElement(value: NdArray, index: number, digits: number): string {
  const x = value.data[index];
  if (value.dtype === "bool") return x === 0 ? "false" : "true";
  return formatNumber(x, digits);
}

/** A number with at most the given significant digits, in exponent form only where it is shorter. */
export function formatNumber(x: number, digits = 6): string {
  if (Object.is(x, -0)) return "-0";
  if (Number.isInteger(x) && Math.abs(x) < 1e9) return String(x);
  const rounded = Number(x.toPrecision(digits));
  const plain = String(rounded);
  return plain.length <= digits + 5 ? plain : rounded.toExponential();
}

function positions(size: number, shown: number): (number | undefined)[] {
  if (size <= 2 * shown) return Array.from({ length: size }, (_, i) => i);
  const head = Array.from({ length: shown }, (_, i) => i);
  return [...head, undefined, ...head.map((i) => size - shown + i)];
}

function visit(value: NdArray, shown: number, see: (index: number) => void, axis = 0, offset = 0): void {
  if (axis === value.shape.length) return see(offset);
  const size = value.shape[axis];
  const inner = value.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  for (const i of positions(size, shown))
    if (i !== undefined) visit(value, shown, see, axis + 1, offset + i * inner);
}

function render(
  value: NdArray,
  shown: number,
  axis: number,
  offset: number,
  indent: string,
  cell: (index: number) => string,
): string {
  if (axis === value.shape.length) return cell(offset);
  const inner = value.shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const parts = positions(value.shape[axis], shown).map((i) =>
    i === undefined ? "…" : render(value, shown, axis + 1, offset + i * inner, `${indent} `, cell),
  );
  const last = axis === value.shape.length - 1;
  return `[${parts.join(last ? ", " : `,\n${indent}`)}]`;
}
