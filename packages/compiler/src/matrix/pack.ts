// Copies of blocks of A and B in the order in which tiles read them. Panels of B are padded with zeros to whole vectors;
// nothing but the operand is read.

import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { advance, call, countDown, moved, variableFrom, whileCountDown } from "./addresses.ts";
import { loadLanes, storeLanes, type Element } from "./element.ts";

/** Panels of B, side by side: where they are and where they go, in bytes. */
export interface RightPanels {
  readonly element: Element;
  /** Columns of the operand in all panels together, and in one. */
  readonly columns: number;
  readonly width: number;
  readonly source: { readonly depth: number; readonly column: number };
  /** Bytes between packed panels. */
  readonly panel: number;
}

/** The function that packs such panels, of whatever product. */
export function packRightName({ element, columns, width, source, panel }: RightPanels): string {
  return ["pack", element.shape, columns, width, source.depth, source.column, panel].join("_");
}

/** Writes `(source, target, depth)`: panels of B one after the other, each ordered by k; depth ≥ 1. */
export function writePackRight(panels: RightPanels, features: Features): WasmFunction {
  return writeFunction(packRightName(panels), { parameters: ["i32", "i32", "i32"] }, features, (code) => {
    const [source, target, depth] = code.parameters as [Local, Local, Local];
    const { element, source: step } = panels;
    if (step.column === element.bytes) {
      countDown(code, depth, () => {
        copyRow(code, panels, { source, target });
        advance(code, source, step.depth);
        advance(code, target, panels.width * element.bytes);
      });
      return;
    }
    // Offsets are immediates, and so not negative: where columns go backwards, the source is at the last one.
    const first = Math.min(0, (panels.columns - 1) * step.column);
    advance(code, source, first);
    if (step.depth === element.bytes) transposeAll(code, panels, { source, target, depth, first });
    code.emit("local.get", depth);
    code.emit("if");
    countDown(code, depth, () => {
      gatherRow(code, panels, { source, target, first });
      advance(code, source, step.depth);
      advance(code, target, panels.width * element.bytes);
    });
    code.emit("end");
  });
}

interface Ends {
  readonly source: Local;
  readonly target: Local;
}

/** Vectors of the target: the columns that each holds, from `column` on, and its place for the first k. */
function vectorsOf({
  element,
  columns,
  width,
  panel,
}: RightPanels): { column: number; count: number; offset: number }[] {
  const { lanes } = element;
  return Array.from({ length: Math.ceil(columns / lanes) }, (_, v) => {
    const column = v * lanes;
    const inPanel = column % width;
    return {
      column,
      count: Math.min(lanes, columns - column),
      offset: ((column - inPanel) / width) * panel + inPanel * element.bytes,
    };
  });
}

function copyRow(code: Code, panels: RightPanels, { source, target }: Ends): void {
  const { element } = panels;
  for (const { column, count, offset } of vectorsOf(panels)) {
    const value = loadLanes(code, element, { address: source, offset: column * element.bytes, count });
    storeLanes(code, element, { address: target, offset, count: element.lanes, value });
  }
}

/** One step of k, element by element. */
function gatherRow(
  code: Code,
  panels: RightPanels,
  { source, target, first }: Ends & { first: number },
): void {
  const { element, source: step } = panels;
  for (const { column, count, offset } of vectorsOf(panels)) {
    for (let lane = 0; lane < element.lanes; lane++) {
      code.emit("local.get", target);
      if (lane < count) {
        code.emit("local.get", source);
        code.emit(element.bytes === 4 ? "i32.load" : "i64.load", (column + lane) * step.column - first);
      } else code.emit(element.bytes === 4 ? "i32.const" : "i64.const", 0);
      code.emit(element.bytes === 4 ? "i32.store" : "i64.store", offset + lane * element.bytes);
    }
  }
}

/** As many steps of k at a time as a vector has lanes; what remains of `depth` is less than that. */
function transposeAll(
  code: Code,
  panels: RightPanels,
  { source, target, depth, first }: Ends & { depth: Local; first: number },
): void {
  const { element, source: step, width } = panels;
  const { lanes, bytes } = element;
  const blocks = code.op("i32.shr_u", depth, code.i32(Math.log2(lanes)));
  code.emit("local.get", blocks);
  code.emit("if");
  countDown(code, blocks, () => {
    for (const { column, count, offset } of vectorsOf(panels)) {
      const columns = Array.from({ length: lanes }, (_, lane) =>
        lane < count
          ? code.opWith("v128.load", [(column + lane) * step.column - first], source)
          : code.i32x4(0),
      );
      for (const [k, value] of transposed(code, columns).entries()) {
        const place = { address: target, offset: offset + k * width * bytes };
        storeLanes(code, element, { ...place, count: lanes, value });
      }
    }
    advance(code, source, lanes * bytes);
    advance(code, target, lanes * width * bytes);
  });
  code.emit("end");
  code.emit("local.get", depth);
  code.emit("i32.const", lanes - 1);
  code.emit("i32.and");
  code.emit("local.set", depth);
}

/** Rows and columns of a square of lanes change places. */
export function transposed(code: Code, rows: readonly Local[]): readonly Local[] {
  const [a, b, c, d] = rows as [Local, Local, Local, Local];
  const mix = (lanes: readonly number[], x: Local, y: Local): Local =>
    code.opWith("i8x16.shuffle", lanes, x, y);
  if (rows.length === 2) return [mix(firstHalves, a, b), mix(secondHalves, a, b)];
  const low = [mix(lowLanes, a, b), mix(lowLanes, c, d)] as const;
  const high = [mix(highLanes, a, b), mix(highLanes, c, d)] as const;
  return [
    mix(firstHalves, ...low),
    mix(secondHalves, ...low),
    mix(firstHalves, ...high),
    mix(secondHalves, ...high),
  ];
}

/** A shuffle of whole lanes as one of bytes. */
function bytesOf(lanes: readonly number[]): readonly number[] {
  const size = 16 / lanes.length;
  return lanes.flatMap((lane) => Array.from({ length: size }, (_, i) => lane * size + i));
}

const firstHalves = bytesOf([0, 2]);
const secondHalves = bytesOf([1, 3]);
const lowLanes = bytesOf([0, 4, 1, 5]);
const highLanes = bytesOf([2, 6, 3, 7]);

/** Panels of A: bytes between steps of k where they are, and between panels where they go. */
export interface LeftPanels {
  readonly element: Element;
  readonly height: number;
  readonly source: number;
  readonly panel: number;
}

/** Writes `(source, target, panels, depth)`: panels of A whose rows are side by side, each ordered by k; depth ≥ 1. */
export function writePackLeftByDepth(name: string, shape: LeftPanels, features: Features): WasmFunction {
  return writeFunction(name, { parameters: ["i32", "i32", "i32", "i32"] }, features, (code) => {
    const depth = code.parameters[3]!;
    // Several steps of k a turn, and then one by one what remains.
    const turns = code.op("i32.div_u", depth, code.i32(stepsTogether));
    const rest = code.op("i32.rem_u", depth, code.i32(stepsTogether));
    copySteps(code, shape, { turns, steps: stepsTogether });
    copySteps(code, shape, { turns: rest, steps: 1 });
  });
}

const stepsTogether = 4;

function copySteps(code: Code, shape: LeftPanels, { turns, steps }: { turns: Local; steps: number }): void {
  const [source, target, panels] = code.parameters as [Local, Local, Local];
  const { element, height, source: step, panel } = shape;
  const stepBytes = height * element.bytes;
  // Immediate offsets are never negative: where k goes backwards, it is counted from the last step.
  const first = Math.min(0, (steps - 1) * step);
  whileCountDown(code, turns, () => {
    const [from, to] = [variableFrom(code, moved(code, source, first)), variableFrom(code, target)];
    whileCountDown(code, variableFrom(code, panels), () => {
      for (let k = 0; k < steps; k++) {
        for (let row = 0; row < height; row += element.lanes) {
          const [at, count] = [row * element.bytes, height - row];
          const value = loadLanes(code, element, { address: from, offset: k * step - first + at, count });
          storeLanes(code, element, { address: to, offset: k * stepBytes + at, count, value });
        }
      }
      advance(code, from, stepBytes);
      advance(code, to, panel);
    });
    advance(code, source, steps * step);
    advance(code, target, steps * stepBytes);
  });
}

/** Writes `(source, target, panels, depth)`: panels of A one by one, each packed as columns of B are; depth ≥ 1. */
export function writePackLeftByPanel(name: string, rows: RightPanels, features: Features): WasmFunction {
  return writeFunction(name, { parameters: ["i32", "i32", "i32", "i32"] }, features, (code) => {
    const [source, target, panels, depth] = code.parameters as [Local, Local, Local, Local];
    whileCountDown(code, panels, () => {
      call(code, packRightName(rows), source, target, depth);
      advance(code, source, rows.columns * rows.source.column);
      advance(code, target, rows.panel);
    });
  });
}
