// Zeros [outer, size, inner] plus `updates[o, c, i]` at `[o, index[c], i]`, in the order of c. A chunk owns what it
// adds to and goes through all indices, so that no two chunks add to one element: a range of rows where updates are few,
// for clearing is the work then and wants neighbours; else places of outer × inner.

import type { KernelCode } from "../kernel-code.ts";
import { scaled, total } from "../matrix/addresses.ts";
import { writeFunction, type Code, type Local } from "../wasm/code.ts";
import { forIndices, type IndexedRows } from "./gather.ts";
import { forRows, gridOf, writePart, type Part } from "./grid.ts";
import { addRow, clearRow, namesOf, type NumberType } from "./rows.ts";

/** Sizes of out [outer, size, inner], of the indices [count] and of the updates [outer, count, inner]. */
export type AddedRows = IndexedRows & { readonly dtype: NumberType };

/** Elements that are cleared in the time in which an index is read that belongs to another chunk, and more. */
const clearedPerUpdate = 32;

/**
 * The kernel of scatterAdd: `(chunk, scratch, updates, indices, out, failure, kernel number)`. Sums of f32 are rounded
 * after every addition; updates whose index is out of range are skipped.
 */
export function writeScatterAdd(rows: AddedRows): KernelCode {
  const { outer, size, inner, count } = rows;
  const parts = gridOf(outer, size, { weight: inner, least: clearedPerUpdate * count });
  const grid = parts.pieces > 1 ? parts : gridOf(outer, inner, { weight: size + count });
  const entry = writeFunction("scatterAdd", { parameters }, { relaxed: false, wide: false }, (code) => {
    // Without rows, indices are looked at all the same.
    if (outer === 0) return forIndices(code, rows, () => undefined);
    writePart(code, grid, (part) => (grid === parts ? addToRows : addToPlaces)(code, rows, part));
  });
  return { functions: [entry], chunks: grid.chunks, scratchBytes: 0 };
}

/** A part of one [size, inner] that is a range of rows: `firstColumn` and `width` count rows. */
function addToRows(code: Code, rows: AddedRows, { rows: [o], firstColumn: first, width }: Part): void {
  const { dtype, size, inner, count } = rows;
  const rowBytes = inner * namesOf(dtype).bytes;
  const [, , updates, , out] = code.parameters as Parameters;
  const sums = total(code, out, scaled(code, o, size * rowBytes), scaled(code, first, rowBytes));
  fill(code, sums, width * rowBytes);
  const added = total(code, updates, scaled(code, o, count * rowBytes));
  forIndices(code, rows, (c, index) => {
    const row = code.op("i32.sub", index, first);
    code.emit("local.get", code.op("i32.lt_u", row, code.i32(width)));
    code.emit("if");
    const to = total(code, sums, scaled(code, row, rowBytes));
    addRow(code, dtype, { to, from: total(code, added, scaled(code, c, rowBytes)), count: inner });
    code.emit("end");
  });
}

/** A part that is columns of some [size, inner]. */
function addToPlaces(code: Code, rows: AddedRows, part: Part): void {
  const { dtype, size, inner, count } = rows;
  const { bytes } = namesOf(dtype);
  const rowBytes = inner * bytes;
  const [, , updates, , out] = code.parameters as Parameters;
  const at = scaled(code, part.firstColumn, bytes);
  forRows(code, part, (o) => {
    const sums = total(code, out, scaled(code, o, size * rowBytes), at);
    if (part.width === inner) fill(code, sums, size * rowBytes);
    else
      code.forRange({ from: code.i32(0), to: code.i32(size), step: 1 }, (row) =>
        clearRow(code, { to: total(code, sums, scaled(code, row, rowBytes)), bytes: part.width * bytes }),
      );
    const added = total(code, updates, scaled(code, o, count * rowBytes), at);
    forIndices(code, rows, (c, index) => {
      const to = total(code, sums, scaled(code, index, rowBytes));
      addRow(code, dtype, { to, from: total(code, added, scaled(code, c, rowBytes)), count: part.width });
    });
  });
}

function fill(code: Code, address: Local, bytes: number): void {
  for (const operand of [address, code.i32(0), code.i32(bytes)]) code.emit("local.get", operand);
  code.emit("memory.fill");
}

type Parameters = readonly [Local, Local, Local, Local, Local, Local, Local];
const parameters = Array.from({ length: 7 }, () => "i32" as const);
