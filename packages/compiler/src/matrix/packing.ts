// What a chunk does before its tiles: copies of blocks of A and B where these pay, and a first look at a B that is read in
// place. The copies lie in the scratch of the thread, A before B.

import type { SharedFunctions } from "../kernel-code.ts";
import { type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { advance, call, countDown, moved, variableFrom, whileCountDown } from "./addresses.ts";
import type { Chunk } from "./chunk.ts";
import * as layout from "./layout.ts";
import {
  packRightName,
  writePackLeftByDepth,
  writePackLeftByPanel,
  writePackRight,
  type RightPanels,
} from "./pack.ts";
import type { Plan } from "./plan.ts";

/** Bytes that come into a cache at once. */
const cacheLine = 64;

/** Bytes of the packed panels of A and B, and of a word that keeps reads alive. */
export function scratchBytes(plan: Plan): number {
  return packedBytes(plan) + (plan.touches ? cacheLine : 0);
}

/** Bytes of the packed panels of A and B. */
function packedBytes(plan: Plan): number {
  return layout.leftBytes(plan) + layout.rightBytes(plan);
}

/** Writes the functions that pack blocks of rows of A, one a height. */
export function writePackLeft(plan: Plan, features: Features): readonly WasmFunction[] {
  const { element, product, left } = plan;
  if (left === "inPlace") return [];
  return layout.heightsOf(plan).map((height) => {
    const name = layout.packLeftName(height);
    if (left === "byPanel") return writePackLeftByPanel(name, rowsAsColumns(plan, height), features);
    const { panel } = layout.leftSteps(plan, height);
    const source = product.left.depth * element.bytes;
    return writePackLeftByDepth(name, { element, height, source, panel }, features);
  });
}

/** The functions that pack panels of B, and single panels of A where it is packed in the same way. */
export function sharedPacking(plan: Plan, features: Features): SharedFunctions {
  const widths = [layout.groupOf(plan) * plan.columns.width, ...layout.widthsOf(plan)];
  const ofRight = plan.right === "inPlace" ? [] : widths.filter((width) => width > 0);
  const ofLeft = plan.left === "byPanel" ? layout.heightsOf(plan) : [];
  const all = [
    ...ofRight.map((width) => panelsOfRight(plan, width)),
    ...ofLeft.map((height) => rowsAsColumns(plan, height)),
  ];
  return new Map(all.map((panels) => [packRightName(panels), () => writePackRight(panels, features)]));
}

/** Panels of B with so many columns together. */
function panelsOfRight(plan: Plan, columns: number): RightPanels {
  const { element, product } = plan;
  return {
    element,
    columns,
    width: Math.min(plan.columns.width, layout.wholeVectors(columns, element.lanes)),
    source: { depth: product.right.depth * element.bytes, column: product.right.column * element.bytes },
    panel: layout.rightPanelBytes(plan),
  };
}

/** A panel of A: rows of A are packed as columns of B are, and differ in nothing but what one calls them. */
function rowsAsColumns(plan: Plan, height: number): RightPanels {
  const { element, product } = plan;
  return {
    element,
    columns: height,
    width: layout.wholeVectors(height, element.lanes),
    source: { depth: product.left.depth * element.bytes, column: product.left.row * element.bytes },
    panel: layout.leftSteps(plan, height).panel,
  };
}

/**
 * Reads a word of every cache line of a block of B, row by row, so that the lines come in the order of memory, which
 * the processor foresees: panels read across it. The sum is stored so that no compiler leaves the reads out.
 */
export function touchRows(code: Code, { plan, scratch }: Chunk, from: Local, depth: Local): void {
  const { columns, grid, element, product } = plan;
  const bytes = Math.floor(columns.full / grid.columns) * columns.width * element.bytes;
  const sum = code.local("i32");
  const row = variableFrom(code, from);
  countDown(code, variableFrom(code, depth), () => {
    for (let line = 0; line + 4 <= bytes; line += cacheLine) {
      code.emit("local.get", row);
      code.emit("i32.load", line);
      code.emit("local.get", sum);
      code.emit("i32.add");
      code.emit("local.set", sum);
    }
    advance(code, row, product.right.depth * element.bytes);
  });
  code.emit("local.get", scratch);
  code.emit("local.get", sum);
  code.emit("i32.store", packedBytes(plan));
}

/** Packs the chunk's panels of B, several at a time while there are so many. */
export function packAllColumns(
  code: Code,
  { plan, place, scratch }: Chunk,
  { from, depth }: { from: Local; depth: Local },
): void {
  const { columns, element, product } = plan;
  const source = variableFrom(code, from);
  const target = variableFrom(code, moved(code, scratch, layout.leftBytes(plan)));
  const pack = (panels: number): void => {
    const width = panels * columns.width;
    call(code, packRightName(panelsOfRight(plan, width)), source, target, depth);
    advance(code, source, width * product.right.column * element.bytes);
    advance(code, target, panels * layout.rightPanelBytes(plan));
  };
  const group = layout.groupOf(plan);
  const repeat = (times: Local, panels: number): void =>
    whileCountDown(code, variableFrom(code, times), () => pack(panels));
  if (group > 1) {
    repeat(code.op("i32.div_u", place.full, code.i32(group)), group);
    repeat(code.op("i32.rem_u", place.full, code.i32(group)), 1);
  } else if (group === 1) repeat(place.full, 1);
  if (columns.tail === 0) return;
  code.emit("local.get", place.hasTail);
  code.emit("if");
  call(code, packRightName(panelsOfRight(plan, columns.tail)), source, target, depth);
  code.emit("end");
}
