// The product in blocks: for every chunk, for every block of k, pack B; for every block of rows, pack A; then panels of
// A by panels of B. What pays is packed: a panel of B stays in the level-1 cache, a block of A in the level-2 cache.

import type { KernelCode } from "../kernel-code.ts";
import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import {
  add,
  advance,
  call,
  countDown,
  moved,
  scaled,
  smaller,
  subtract,
  total,
  variableFrom,
  whileNot0,
} from "./addresses.ts";
import { addressOf, placeOf, type Place } from "./chunk.ts";
import * as layout from "./layout.ts";
import { writePackLeftByDepth, writePackLeftByPanel, writePackRight } from "./pack.ts";
import type { Plan } from "./plan.ts";
import { writeAllTiles } from "./tiles.ts";

/** Bytes that come into a cache at once. */
const cacheLine = 64;

/** Writes the kernel of a plan. */
export function writeBlocked(plan: Plan, features: Features): KernelCode {
  const { product, grid } = plan;
  return {
    functions: [
      writeChunk(plan, features),
      ...writeAllTiles(plan, features),
      ...writePackLeft(plan, features),
      ...writePackPanels(plan, features),
    ],
    chunks: product.batch * grid.rows * grid.columns,
    scratchBytes: packedBytes(plan) + (plan.touches ? cacheLine : 0),
  };
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

/** What the loops of a chunk share. */
interface Chunk {
  readonly plan: Plan;
  readonly place: Place;
  /** Addresses of the chunk's first elements at k = 0, and of the scratch. */
  readonly left: Local;
  readonly right: Local;
  readonly result: Local;
  readonly scratch: Local;
}

function writeChunk(plan: Plan, features: Features): WasmFunction {
  return writeFunction("product", { parameters: ["i32", "i32", "i32", "i32", "i32"] }, features, (code) => {
    const [chunk, scratch, a, b, c] = code.parameters as [Local, Local, Local, Local, Local];
    const { product, depthBlock } = plan;
    const { left, right } = product;
    const { bytes } = plan.element;
    const place = placeOf(code, plan, chunk);
    const { row, column } = place;
    // The only batch is at no distance from the operands' beginning.
    const batchOf = (distance: number): readonly [Local, number] => [
      place.batch,
      product.batch === 1 ? 0 : distance,
    ];
    const resultRow = product.columns * bytes;
    const state: Chunk = {
      plan,
      place,
      left: addressOf(code, a, batchOf(left.batch * bytes), [row, left.row * bytes]),
      right: addressOf(code, b, batchOf(right.batch * bytes), [column, right.column * bytes]),
      result: addressOf(code, c, batchOf(product.rows * resultRow), [row, resultRow], [column, bytes]),
      scratch,
    };
    if (depthBlock === product.depth) {
      writeDepthBlock(code, state, { k: code.i32(0), depth: code.i32(depthBlock) });
      return;
    }
    code.forRange({ from: code.i32(0), to: code.i32(product.depth), step: depthBlock }, (k) => {
      const depth = smaller(code, code.i32(depthBlock), code.op("i32.sub", code.i32(product.depth), k));
      writeDepthBlock(code, state, { k, depth });
    });
  });
}

/** A block of k: its first step, its depth, and B from there on, as tiles read it. */
interface DepthBlock {
  readonly k: Local;
  readonly depth: Local;
  readonly right: Local;
}

/** B is packed once; then every block of rows of A is packed and read by all panels of B. */
function writeDepthBlock(code: Code, chunk: Chunk, { k, depth }: Pick<DepthBlock, "k" | "depth">): void {
  const { plan, place, scratch } = chunk;
  const { product, element } = plan;
  const { bytes } = element;
  const isWhole = plan.depthBlock === product.depth;
  const atK = (base: Local, step: number): Local =>
    isWhole ? base : total(code, base, scaled(code, k, step * bytes));
  const from = atK(chunk.right, product.right.depth);
  if (plan.touches) touchRows(code, chunk, from, depth);
  if (plan.right === "packed") packAllColumns(code, chunk, { from, depth });
  const right = plan.right === "packed" ? moved(code, scratch, layout.leftBytes(plan)) : from;
  const source = variableFrom(code, atK(chunk.left, product.left.depth));
  const result = variableFrom(code, chunk.result);
  for (const [i, height] of layout.heightsOf(plan).entries()) {
    const remaining = variableFrom(code, place.panels[i]!);
    whileNot0(code, remaining, () => {
      const panels = smaller(code, remaining, code.i32(plan.rowBlock));
      let left = source;
      if (plan.left !== "inPlace") {
        call(code, layout.packLeftName(height), source, scratch, panels, depth);
        left = scratch;
      }
      writeRowBlock(code, chunk, { k, depth, right, left, result, panels, height });
      const rows = scaled(code, panels, height);
      add(code, source, scaled(code, rows, product.left.row * bytes));
      add(code, result, scaled(code, rows, product.columns * bytes));
      subtract(code, remaining, panels);
    });
  }
}

/**
 * Reads a word of every cache line of a block of B, row by row, so that the lines come in the order of memory, which
 * the processor foresees: panels read across it. The sum is stored so that no compiler leaves the reads out.
 */
function touchRows(code: Code, { plan, scratch }: Chunk, from: Local, depth: Local): void {
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
function packAllColumns(
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
  if (group > 1) {
    repeat(code, code.op("i32.div_u", place.full, code.i32(group)), () => pack(group));
    repeat(code, code.op("i32.rem_u", place.full, code.i32(group)), () => pack(1));
  } else if (group === 1) repeat(code, place.full, () => pack(1));
  if (columns.tail === 0) return;
  code.emit("local.get", place.hasTail);
  code.emit("if");
  call(code, layout.packRightName(columns.tail), source, target, depth);
  code.emit("end");
}

/** A block of rows: panels of one height of A, and the first row of C that they give. */
interface RowBlock extends DepthBlock {
  readonly left: Local;
  readonly result: Local;
  readonly panels: Local;
  readonly height: number;
}

/** The panels of a block of rows by every panel of B. */
function writeRowBlock(code: Code, chunk: Chunk, block: RowBlock): void {
  const { plan, place } = chunk;
  const { columns, element, product } = plan;
  const right = variableFrom(code, block.right);
  const result = variableFrom(code, block.result);
  const step =
    plan.right === "packed"
      ? layout.rightPanelBytes(plan)
      : columns.width * product.right.column * element.bytes;
  if (columns.full > 0) {
    repeat(code, place.full, () => {
      callTiles(code, plan, { ...block, right, result }, columns.width);
      advance(code, right, step);
      advance(code, result, columns.width * element.bytes);
    });
  }
  if (columns.tail === 0) return;
  code.emit("local.get", place.hasTail);
  code.emit("if");
  callTiles(code, plan, { ...block, right, result }, columns.tail);
  code.emit("end");
}

function callTiles(code: Code, plan: Plan, block: RowBlock, width: number): void {
  const { k, depth, left, right, result, panels, height } = block;
  const callOne = (resumes: boolean): void =>
    call(code, layout.tilesName(height, width, resumes), left, right, result, panels, depth);
  if (plan.depthBlock === plan.product.depth) {
    callOne(false);
    return;
  }
  code.emit("local.get", k);
  code.emit("if");
  callOne(true);
  code.emit("else");
  callOne(false);
  code.emit("end");
}

function repeat(code: Code, times: Local, body: () => void): void {
  code.emit("local.get", times);
  code.emit("if");
  countDown(code, variableFrom(code, times), body);
  code.emit("end");
}
