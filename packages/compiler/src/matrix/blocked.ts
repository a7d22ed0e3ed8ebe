// The product in blocks: for every chunk, for every block of k, pack what pays, then panels of A by panels of B.

import type { KernelCode } from "../kernel-code.ts";
import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { advance, call, countDown, moved, scaled, smaller, total, variableFrom } from "./addresses.ts";
import { addressOf, placeOf, type Place } from "./chunk.ts";
import * as layout from "./layout.ts";
import { writePackLeftByDepth, writePackRight } from "./pack.ts";
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
  const { bytes } = element;
  if (left === "inPlace") return [];
  return layout.heightsOf(plan).map((height) => {
    const { panel } = layout.leftSteps(plan, height);
    const shape = { element, height, source: product.left.depth * bytes, panel };
    return writePackLeftByDepth(layout.packLeftName(height), shape, features);
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
    const { batch, row, column } = place;
    const resultRow = product.columns * bytes;
    const state: Chunk = {
      plan,
      place,
      left: addressOf(code, a, [batch, left.batch * bytes], [row, left.row * bytes]),
      right: addressOf(code, b, [batch, right.batch * bytes], [column, right.column * bytes]),
      result: addressOf(code, c, [batch, product.rows * resultRow], [row, resultRow], [column, bytes]),
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

/** What the loops of a block of k share: `lefts` and `results` have one address for each height of panels. */
interface DepthBlock {
  readonly k: Local;
  readonly depth: Local;
  readonly lefts: readonly Local[];
  readonly results: readonly Local[];
  /** Where B is read, or packed from, next. */
  readonly right: Local;
}

function writeDepthBlock(code: Code, chunk: Chunk, { k, depth }: Pick<DepthBlock, "k" | "depth">): void {
  const { plan, place } = chunk;
  const { product, element, columns } = plan;
  const lefts = writeLefts(code, chunk, { k, depth });
  const tall = scaled(code, place.panels[0]!, plan.rows.height * product.columns * element.bytes);
  const results = [variableFrom(code, chunk.result)];
  if (place.panels.length > 1) results.push(variableFrom(code, total(code, chunk.result, tall)));
  const from = total(code, chunk.right, scaled(code, k, product.right.depth * element.bytes));
  const block: DepthBlock = { k, depth, lefts, results, right: variableFrom(code, from) };
  if (plan.touches) touchRows(code, chunk, from, depth);
  const group = layout.groupOf(plan);
  if (plan.right === "packed" && group > 1) {
    repeat(code, code.op("i32.div_u", place.full, code.i32(group)), () =>
      writePanels(code, chunk, block, group),
    );
    repeat(code, code.op("i32.rem_u", place.full, code.i32(group)), () => writePanels(code, chunk, block, 1));
  } else if (group > 0) repeat(code, place.full, () => writePanels(code, chunk, block, 1));
  if (columns.tail === 0) return;
  code.emit("local.get", place.hasTail);
  code.emit("if");
  callTiles(code, chunk, {
    ...block,
    right: packPanels(code, chunk, block, columns.tail),
    width: columns.tail,
  });
  code.emit("end");
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

/** Some full panels of B, packed together where they are packed, and the pointers after them. */
function writePanels(code: Code, chunk: Chunk, block: DepthBlock, panels: number): void {
  const { plan } = chunk;
  const { columns, element, product } = plan;
  const from = packPanels(code, chunk, block, panels * columns.width);
  for (let panel = 0; panel < panels; panel++) {
    const right = moved(code, from, panel * layout.rightPanelBytes(plan));
    callTiles(code, chunk, { ...block, right, width: columns.width });
    for (const result of block.results) advance(code, result, columns.width * element.bytes);
  }
  advance(code, block.right, panels * columns.width * product.right.column * element.bytes);
}

/** The address of columns of B as tiles read them. */
function packPanels(
  code: Code,
  { plan, scratch }: Chunk,
  { right, depth }: DepthBlock,
  columns: number,
): Local {
  if (plan.right === "inPlace") return right;
  const packed = moved(code, scratch, layout.leftBytes(plan));
  call(code, layout.packRightName(columns), right, packed, depth);
  return packed;
}

function repeat(code: Code, times: Local, body: () => void): void {
  code.emit("local.get", times);
  code.emit("if");
  countDown(code, variableFrom(code, times), body);
  code.emit("end");
}

/** Packs the block of A where it is packed; gives the address of the first panel of each height. */
function writeLefts(
  code: Code,
  { plan, place, left, scratch }: Chunk,
  { k, depth }: Pick<DepthBlock, "k" | "depth">,
): readonly Local[] {
  const { product, element, rows } = plan;
  const { bytes } = element;
  const source = total(code, left, scaled(code, k, product.left.depth * bytes));
  const heights = layout.heightsOf(plan);
  const starts = (base: Local, step: (height: number) => number): readonly Local[] =>
    heights.length === 1
      ? [base]
      : [base, total(code, base, scaled(code, place.panels[0]!, step(heights[0]!)))];
  const steps = (height: number): number => layout.leftSteps(plan, height).panel;
  if (plan.left === "inPlace") return starts(source, steps);
  const targets = starts(scratch, steps);
  const sources = starts(source, () => rows.height * product.left.row * bytes);
  for (const [i, height] of heights.entries()) {
    call(code, layout.packLeftName(height), sources[i]!, targets[i]!, place.panels[i]!, depth);
  }
  return targets;
}

/** All panels of A by one panel of B. */
function callTiles(
  code: Code,
  { plan, place }: Chunk,
  { k, depth, lefts, results, right, width }: DepthBlock & { width: number },
): void {
  const callAll = (resumes: boolean): void => {
    for (const [i, height] of layout.heightsOf(plan).entries()) {
      const name = layout.tilesName(height, width, resumes);
      call(code, name, lefts[i]!, right, results[i]!, place.panels[i]!, depth);
    }
  };
  if (plan.depthBlock === plan.product.depth) {
    callAll(false);
    return;
  }
  code.emit("local.get", k);
  code.emit("if");
  callAll(true);
  code.emit("else");
  callAll(false);
  code.emit("end");
}
