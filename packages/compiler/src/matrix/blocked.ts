// The product in blocks: for every chunk, for every block of k, pack B, unless it still lies packed; for every block of
// rows, pack A; then panels of A by panels of B. What pays is packed: a panel of B stays in the level-1 cache, a block of A
// in the level-2 cache.

import type { KernelCode } from "../kernel-code.ts";
import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import {
  add,
  advance,
  call,
  chosen,
  moved,
  scaled,
  smaller,
  subtract,
  total,
  variableFrom,
  whileNot0,
} from "./addresses.ts";
import { aheadOf, placeOfAhead, readColumnsAhead, readRowsAhead } from "./ahead.ts";
import { addressOf, placeOf, type Chunk } from "./chunk.ts";
import * as layout from "./layout.ts";
import { mustPack, packedColumns, packRows, sharedPacking } from "./packing.ts";
import type { Plan } from "./plan.ts";
import { writeAllTiles } from "./tiles.ts";

/** Writes the kernel of a plan. */
export function writeBlocked(plan: Plan, features: Features): KernelCode {
  const { product, grid } = plan;
  const own = grid.batches === 1 ? [] : [writeBatches(plan, features)];
  return {
    functions: [...own, writeChunk(plan, features), ...writeAllTiles(plan, features)],
    shared: sharedPacking(plan, features),
    chunks: Math.ceil(product.batch / grid.batches) * grid.rows * grid.columns,
    scratchBytes: layout.scratchBytes(plan),
  };
}

const parameters = ["i32", "i32", "i32", "i32", "i32"] as const;

/** A chunk of several batches, one after another. */
function writeBatches({ product, grid }: Plan, features: Features): WasmFunction {
  return writeFunction("product", { parameters }, features, (code, chunk, ...operands) => {
    const from = scaled(code, chunk, grid.batches);
    const to = smaller(code, moved(code, from, grid.batches), code.i32(product.batch));
    code.forRange({ from, to, step: 1 }, (batch) => call(code, "batch", batch, ...operands));
  });
}

/** A chunk of one batch. */
function writeChunk(plan: Plan, features: Features): WasmFunction {
  return writeFunction(
    plan.grid.batches === 1 ? "product" : "batch",
    { parameters },
    features,
    (code, chunk, scratch, a, b, c) => {
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
        scratch: moved(code, scratch, layout.headBytes(plan)),
        mustPack: mustPack(code, plan, scratch, place),
      };
      if (depthBlock === product.depth) {
        writeDepthBlock(code, state, { k: code.i32(0), depth: code.i32(depthBlock) });
        return;
      }
      code.forRange({ from: code.i32(0), to: code.i32(product.depth), step: depthBlock }, (k) => {
        const depth = smaller(code, code.i32(depthBlock), code.op("i32.sub", code.i32(product.depth), k));
        writeDepthBlock(code, state, { k, depth });
      });
    },
  );
}

/** A block of k: its first step, its depth, and B from there on, as tiles read it. */
interface DepthBlock {
  readonly k: Local;
  readonly depth: Local;
  readonly right: Local;
}

/** B is packed once, if at all; then every block of rows of A is packed and read by all panels of B. */
function writeDepthBlock(code: Code, chunk: Chunk, { k, depth }: Pick<DepthBlock, "k" | "depth">): void {
  const { plan, place, scratch } = chunk;
  const { product, element } = plan;
  const { bytes } = element;
  const isWhole = plan.depthBlock === product.depth;
  const atK = (base: Local, step: number): Local =>
    isWhole ? base : total(code, base, scaled(code, k, step * bytes));
  const from = atK(chunk.right, product.right.depth);
  if (plan.tiles === "sums" && plan.isFar) readRowsAhead(code, chunk, { k, depth, right: from });
  const right = plan.right === "packed" ? packedColumns(code, chunk, { k, from, depth }) : from;
  const source = variableFrom(code, atK(chunk.left, product.left.depth));
  const result = variableFrom(code, chunk.result);
  for (const [i, height] of layout.heightsOf(plan).entries()) {
    const remaining = variableFrom(code, place.panels[i]!);
    whileNot0(code, remaining, () => {
      const panels = nextPanels(code, chunk, { remaining, source, result });
      let left = source;
      if (plan.left !== "inPlace") {
        packRows(code, chunk, height, { from: source, depth, panels });
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

/** How many panels the next block of rows has. The last panel of all, where it begins early, is a block of its own. */
function nextPanels(
  code: Code,
  { plan, place }: Chunk,
  {
    remaining,
    source,
    result,
  }: { readonly remaining: Local; readonly source: Local; readonly result: Local },
): Local {
  const { product, element, rows } = plan;
  const most = code.i32(plan.rowBlock);
  if (rows.again === 0) return smaller(code, remaining, most);
  const before = code.op("i32.sub", remaining, place.hasLast);
  code.emit("local.get", before);
  code.emit("i32.eqz");
  code.emit("if");
  advance(code, source, -rows.again * product.left.row * element.bytes);
  advance(code, result, -rows.again * product.columns * element.bytes);
  code.emit("end");
  return chosen(code, before, [smaller(code, before, most), code.i32(1)]);
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
  const remaining = variableFrom(code, place.full);
  const step =
    plan.right === "packed"
      ? layout.rightPanelBytes(plan)
      : columns.width * product.right.column * element.bytes;
  if (columns.full > 0) {
    whileNot0(code, remaining, () => {
      callTiles(code, chunk, { ...block, right, result, remaining }, columns.width);
      advance(code, remaining, -1);
      advance(code, right, step);
      advance(code, result, columns.width * element.bytes);
    });
  }
  if (columns.tail === 0) return;
  code.emit("local.get", place.hasTail);
  code.emit("if");
  callTiles(code, chunk, { ...block, right, result, remaining }, columns.tail);
  code.emit("end");
}

/** A block of rows by one panel of B; so many full panels remain, this one included. */
function callTiles(
  code: Code,
  chunk: Chunk,
  block: RowBlock & { readonly remaining: Local },
  width: number,
): void {
  const { plan } = chunk;
  const { k, depth, left, right, result, panels, height } = block;
  const ahead = aheadOf(plan, height);
  if (ahead !== undefined && plan.tiles === "dots") readColumnsAhead(code, chunk, { ...block, ahead });
  const operands = [left, right, result, panels, depth, ...(ahead ? [placeOfAhead(code, chunk)] : [])];
  const callOne = (resumes: boolean): void =>
    call(code, layout.tilesName(height, width, resumes), ...operands);
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
