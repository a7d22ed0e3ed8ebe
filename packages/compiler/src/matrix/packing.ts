// What a chunk does before its tiles: copies of blocks of A and B where these pay, and a first look at a B that is read in
// place. The copies lie in the scratch of the thread, A before B.

import { type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { advance, call, countDown, moved, variableFrom, whileCountDown } from "./addresses.ts";
import type { Chunk } from "./chunk.ts";
import * as layout from "./layout.ts";
import { writePackLeftByDepth, writePackLeftByPanel, writePackRight } from "./pack.ts";
import type { Plan } from "./plan.ts";

/** Bytes that come into a cache at once. */
const cacheLine = 64;

/** Bytes of the packed panels of A and B, and of a word that keeps reads alive. */
export function scratchBytes(plan: Plan): number {
  return packedBytes(plan) + (plan.touches ? cacheLine : 0);
}

/** Writes the functions that pack blocks of A and panels of B. */
export function writePacking(plan: Plan, features: Features): readonly WasmFunction[] {
  return [...writePackLeft(plan, features), ...writePackPanels(plan, features)];
}

/** Bytes of the packed panels of A and B. */
function packedBytes(plan: Plan): number {
  return layout.leftBytes(plan) + layout.rightBytes(plan);
}

function writePackLeft(plan: Plan, features: Features): readonly WasmFunction[] {
  const { element, product, left } = plan;
  const [row, depth] = [product.left.row * element.bytes, product.left.depth * element.bytes];
  return layout.heightsOf(plan).flatMap((height) => {
    const name = layout.packLeftName(height);
    const { panel } = layout.leftSteps(plan, height);
    if (left === "byDepth") {
      return [writePackLeftByDepth(name, { element, height, source: depth, panel }, features)];
    }
    if (left === "byPanel") {
      return writePackLeftByPanel(name, { element, height, source: { row, depth }, panel }, features);
    }
    return [];
  });
}

function writePackPanels(plan: Plan, features: Features): readonly WasmFunction[] {
  const { element, product, columns } = plan;
  if (plan.right === "inPlace") return [];
  const source = { depth: product.right.depth * element.bytes, column: product.right.column * element.bytes };
  const widths = new Set([layout.groupOf(plan) * columns.width, ...layout.widthsOf(plan)]);
  return [...widths]
    .filter((width) => width > 0)
    .map((width) => {
      const panel = { width: Math.min(columns.width, layout.wholeVectors(width, element.lanes)) };
      const shape = { element, columns: width, ...panel, source, panel: layout.rightPanelBytes(plan) };
      return writePackRight(layout.packRightName(width), shape, features);
    });
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
    call(code, layout.packRightName(width), source, target, depth);
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
  call(code, layout.packRightName(columns.tail), source, target, depth);
  code.emit("end");
}
