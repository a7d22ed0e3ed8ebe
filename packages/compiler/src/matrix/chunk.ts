// From the number of a chunk to its place in C: equal ranges of panels of rows and of columns of one batch. Neighbours have
// the same columns as far as possible, since a thread's chunks are neighbours.

import type { Code, Local } from "../wasm/code.ts";
import { excess, moved, scaled, smaller, total } from "./addresses.ts";
import type { Plan } from "./plan.ts";

/** Where a chunk is, and how much it has. */
export interface Place {
  /** Which of all batches' ranges of columns it has. */
  readonly part: Local;
  readonly batch: Local;
  /** Its first row and column. */
  readonly row: Local;
  readonly column: Local;
  /** Panels of rows, for each height. */
  readonly panels: readonly Local[];
  /** Whether the last panel of all rows is among them: 0 or 1. */
  readonly hasLast: Local;
  /** Full panels of columns. */
  readonly full: Local;
  /** Whether the panel of the last columns is among its own. */
  readonly hasTail: Local;
}

/** What the loops of a chunk share. */
export interface Chunk {
  readonly plan: Plan;
  readonly place: Place;
  /** Addresses of the chunk's first elements at k = 0, and of the scratch. */
  readonly left: Local;
  readonly right: Local;
  readonly result: Local;
  readonly scratch: Local;
  /** Whether its columns are to be packed: 0 or 1. */
  readonly mustPack: Local;
}

/** Computes the place of a chunk. */
export function placeOf(code: Code, { product, grid, rows, columns }: Plan, chunk: Local): Place {
  const { quotient: part, rest: rowPart } = divided(code, chunk, grid.rows);
  const { quotient: batch, rest: columnPart } =
    product.batch === 1 ? { quotient: code.i32(0), rest: part } : divided(code, part, grid.columns);
  const panels = range(code, rowPart, { parts: grid.rows, count: rows.count });
  const { from, to } = range(code, columnPart, { parts: grid.columns, count: columns.count });
  const full = code.i32(columns.full);
  return {
    part,
    batch,
    ...placeOfRows(code, rows, panels),
    column: scaled(code, from, columns.width),
    hasLast: grid.rows === 1 ? code.i32(1) : code.op("i32.eq", panels.to, code.i32(rows.count)),
    full: code.op("i32.sub", smaller(code, to, full), from),
    hasTail: code.op("i32.gt_u", to, full),
  };
}

/** The first row of a range of panels, and how many panels of each height it has. */
function placeOfRows(
  code: Code,
  { count, height, tall }: Plan["rows"],
  { from: top, to: bottom }: Range,
): Pick<Place, "row" | "panels"> {
  const row = scaled(code, top, height);
  if (tall === count) return { row, panels: [code.op("i32.sub", bottom, top)] };
  const limit = code.i32(tall);
  const above = excess(code, top, limit);
  const below = excess(code, bottom, limit);
  const tallPanels = code.op("i32.sub", smaller(code, bottom, limit), smaller(code, top, limit));
  const shortPanels = code.op("i32.sub", below, above);
  return { row: code.op("i32.sub", row, above), panels: [tallPanels, shortPanels] };
}

function divided(code: Code, value: Local, by: number): { readonly quotient: Local; readonly rest: Local } {
  if (by === 1) return { quotient: value, rest: code.i32(0) };
  return {
    quotient: code.op("i32.div_u", value, code.i32(by)),
    rest: code.op("i32.rem_u", value, code.i32(by)),
  };
}

/** Things from the first up to the second. */
interface Range {
  readonly from: Local;
  readonly to: Local;
}

/** The bounds of one of `parts` equal ranges of `count` things. */
function range(code: Code, part: Local, { parts, count }: { parts: number; count: number }): Range {
  if (parts === 1) return { from: code.i32(0), to: code.i32(count) };
  const bound = (index: Local): Local => code.op("i32.div_u", scaled(code, index, count), code.i32(parts));
  return { from: bound(part), to: bound(moved(code, part, 1)) };
}

/** The address of an element of the chunk's batch. */
export function addressOf(code: Code, base: Local, ...terms: readonly (readonly [Local, number])[]): Local {
  const moving = terms.filter(([, bytes]) => bytes !== 0);
  return total(code, base, ...moving.map(([index, bytes]) => scaled(code, index, bytes)));
}
