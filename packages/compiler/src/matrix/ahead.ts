// Reading ahead in a B that comes from afar: in every turn, tiles read a word of the part of B that is next, in the order of
// memory, which the processor foresees. Otherwise they would wait: sums read B across its rows, and dot products read new
// columns at once and then none for a while. V8 leaves out no load that could trap.

import type { Code, Local } from "../wasm/code.ts";
import type { ValueType } from "../wasm/module.ts";
import { add, advance, chosen, countDown, moved, variableFrom } from "./addresses.ts";
import type { Chunk } from "./chunk.ts";
import * as layout from "./layout.ts";
import type { Plan } from "./plan.ts";

/** A part of B without gaps, which tiles read: the rows of the next block of k, or the columns of a panel further on. */
export interface Ahead {
  /** Bytes of a row or column. */
  readonly line: number;
  /** Bytes from one read to the next. */
  readonly step: number;
  /** Lines that are read, at most. */
  readonly lines: number;
}

/** From the panel of columns that dot products multiply to the one that they read ahead. */
const panelsAhead = 2;

/** Where tiles leave off: the last address that was read, and the step, 0 where there is nothing to read. */
const [lastAt, stepAt] = [0, 4];

/** Bytes that come into a cache at once, and bytes that a read takes. */
const cacheLine = 64;
const word = 4;

/** Bytes that do not stay in a level-2 cache. */
const largeBytes = 1_060_000;
/** Bytes that are read ahead at most, so that they and those before stay there. */
export const aheadBytes = 262_144;
/** Steps of k below which beginning tiles would cost more than reading ahead wins. */
const leastSteps = 64;

/** Whether B is larger than a level-2 cache. */
export function isLarge({
  product: { columns, depth },
  element,
}: Pick<Plan, "product" | "element">): boolean {
  return columns * depth * element.bytes > largeBytes;
}

/** Whether B is large and its rows lie side by side, enough of them in what is read ahead. */
export function canReadAhead(plan: Pick<Plan, "product" | "element">): boolean {
  const { right, columns } = plan.product;
  const isDense = right.column === 1 && right.depth === columns;
  return isDense && isLarge(plan) && leastSteps * columns * plan.element.bytes <= aheadBytes;
}

/** What tiles of a height read ahead, if anything. */
export function aheadOf(plan: Plan, height: number): Ahead | undefined {
  if (!plan.isFar || plan.tiles === "streams") return undefined;
  const { product, element, rows, columns, grid, depthBlock } = plan;
  const { bytes } = element;
  if (plan.tiles === "dots") {
    if (product.right.column !== depthBlock) return undefined;
    const panels = height === rows.height ? rows.tall : rows.count - rows.tall;
    const turns = panels * Math.floor(depthBlock / (plan.unroll * element.lanes));
    return readBy(turns, { line: depthBlock * bytes, lines: columns.width });
  }
  if (product.right.depth !== product.columns || grid.columns > 1) return undefined;
  const panels = columns.count * Math.ceil(rows.count / grid.rows);
  return readBy(panels * depthBlock, { line: product.columns * bytes, lines: depthBlock });
}

/** Lines that are read in at most so many turns, where they are not too many to stay. */
function readBy(turns: number, { line, lines }: Pick<Ahead, "line" | "lines">): Ahead | undefined {
  const step = Math.ceil((line * lines) / turns);
  if (step > cacheLine || line * lines > aheadBytes) return undefined;
  return { line, step, lines: Math.ceil(((turns - 1) * step + word) / line) };
}

/** The place where tiles leave off. */
export function placeOfAhead(code: Code, { plan, scratch }: Chunk): Local {
  return moved(code, scratch, layout.packedBytes(plan));
}

/** Reads the rows of a block of k, unless tiles of the one before have, and lets its tiles read those of the next. */
export function readRowsAhead(
  code: Code,
  chunk: Chunk,
  { k, depth, right }: Record<"k" | "depth" | "right", Local>,
): void {
  const { plan } = chunk;
  const ahead = aheadOf(plan, plan.rows.height);
  if (ahead === undefined) {
    readRows(code, plan, { from: right, depth });
    return;
  }
  const isThere = (from: Local): Local =>
    code.op("i32.le_u", moved(code, from, ahead.lines), code.i32(plan.product.depth));
  const isRead = code.op("i32.and", isThere(k), code.op("i32.ne", k, code.i32(0)));
  code.emit("local.get", code.op("i32.eqz", isRead));
  code.emit("if");
  readRows(code, plan, { from: right, depth });
  code.emit("end");
  startAhead(code, chunk, {
    ahead,
    right,
    bytes: plan.depthBlock * ahead.line,
    isThere: isThere(moved(code, k, plan.depthBlock)),
  });
}

/** Lets dot products read the columns of a panel further on, where so many are left. */
export function readColumnsAhead(
  code: Code,
  chunk: Chunk,
  { ahead, right, remaining }: { readonly ahead: Ahead; readonly right: Local; readonly remaining: Local },
): void {
  const { width } = chunk.plan.columns;
  const least = panelsAhead + Math.ceil(ahead.lines / width);
  startAhead(code, chunk, {
    ahead,
    right,
    bytes: panelsAhead * width * ahead.line,
    isThere: code.op("i32.ge_u", remaining, code.i32(least)),
  });
}

/** Says what is read next: from so many bytes after an address on, where so much is there, or else only its word. */
function startAhead(
  code: Code,
  chunk: Chunk,
  {
    ahead,
    right,
    bytes,
    isThere,
  }: { readonly ahead: Ahead; readonly right: Local; readonly bytes: number; readonly isThere: Local },
): void {
  const place = placeOfAhead(code, chunk);
  store(code, place, chosen(code, isThere, [moved(code, right, bytes - ahead.step), right]), lastAt);
  store(code, place, chosen(code, isThere, [code.i32(ahead.step), code.i32(0)]), stepAt);
}

/** Reads so many steps of k of a chunk's columns of B at once, row by row. */
function readRows(
  code: Code,
  { product, columns, grid, element }: Plan,
  { from, depth }: { readonly from: Local; readonly depth: Local },
): void {
  const bytes = Math.floor(columns.full / grid.columns) * columns.width * element.bytes;
  const row = variableFrom(code, from);
  countDown(code, variableFrom(code, depth), () => {
    for (let at = 0; at + word <= bytes; at += cacheLine) read(code, row, at);
    advance(code, row, product.right.depth * element.bytes);
  });
}

/** Parameters of a tile: `(left, right, result, depth)`, and the place of what it reads ahead. */
export function tileParameters(ahead: Ahead | undefined): readonly ValueType[] {
  return ["i32", "i32", "i32", "i32", ...(ahead ? (["i32"] as const) : [])];
}

/** What a tile does now, in every turn, and after the last one. */
export function reader(
  code: Code,
  ahead: Ahead | undefined,
  place: Local | undefined,
): { readonly turn: () => void; readonly end: () => void } {
  if (ahead === undefined || place === undefined) return { turn: () => {}, end: () => {} };
  const last = variableFrom(code, code.opWith("i32.load", [lastAt], place));
  const step = code.opWith("i32.load", [stepAt], place);
  return {
    turn: () => {
      add(code, last, step);
      read(code, last, 0);
    },
    end: () => store(code, place, last, lastAt),
  };
}

function read(code: Code, address: Local, offset: number): void {
  code.emit("local.get", address);
  code.emit("i32.load", offset);
  code.emit("drop");
}

function store(code: Code, place: Local, value: Local, at: number): void {
  code.emit("local.get", place);
  code.emit("local.get", value);
  code.emit("i32.store", at);
}
