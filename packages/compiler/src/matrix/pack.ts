// Copies of blocks of A and B in the order in which tiles read them: in panels of neighbouring rows of A, or columns of B,
// each ordered by k. To packing these are the same thing, called lines here; nothing but the operand is read.

import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import {
  add,
  advance,
  moved,
  scaled,
  smaller,
  subtract,
  variableFrom,
  whileCountDown,
  whileNot0,
} from "./addresses.ts";
import { loadLanes, storeLanes, type Element } from "./element.ts";

/** How panels lie where they come from, and how wide they are where they go. */
export interface Panels {
  readonly element: Element;
  /** Lines of a panel. */
  readonly lines: number;
  /** Elements of a step of k in the packed panel, no more than the next whole vector; after the lines stand zeros. */
  readonly width: number;
  /** Bytes between neighbouring lines and steps of k of the operand. */
  readonly line: number;
  readonly depth: number;
}

/** The function that packs such panels, of whatever product. */
export function packName({ element, lines, width, line, depth }: Panels): string {
  return ["pack", element.shape, lines, width, line, depth].join("_");
}

/** Writes `(source, target, depth, panels, panel)`: so many panels, `panel` bytes from one to the next; depth ≥ 1. */
export function writePack(shape: Panels, features: Features): WasmFunction {
  const parameters = ["i32", "i32", "i32", "i32", "i32"] as const;
  return writeFunction(
    packName(shape),
    { parameters },
    features,
    (code, source, target, depth, panels, panel) => {
      const ends = { source, target, depth, panels, panel };
      if (shape.line === shape.element.bytes) copyAll(code, shape, ends);
      else turnAll(code, shape, ends);
    },
  );
}

interface Ends {
  readonly source: Local;
  readonly target: Local;
}

interface Block extends Ends {
  readonly depth: Local;
  readonly panels: Local;
  readonly panel: Local;
}

const stepsTogether = 4;
/** Steps of k no farther apart than this are copied for few panels at a time, of so many bytes together. */
const shortStep = 2048;
const bytesTogether = 128;

/**
 * Lines side by side: whole vectors, several steps of k a turn. Long steps are read through, since they come from afar, and
 * a piece of every panel is written. Of short ones a few whole cache lines are read at a time, and few panels written: that
 * is as fast on one thread, and saves up to a tenth of a product on two cores that are far from each other.
 */
function copyAll(code: Code, shape: Panels, block: Block): void {
  const turns = code.op("i32.div_u", block.depth, code.i32(stepsTogether));
  const rest = code.op("i32.rem_u", block.depth, code.i32(stepsTogether));
  const bytes = shape.lines * shape.element.bytes;
  const isShort = Math.abs(shape.depth) <= shortStep;
  const most = isShort ? code.i32(Math.ceil(bytesTogether / bytes)) : block.panels;
  const remaining = variableFrom(code, block.panels);
  const source = variableFrom(code, block.source);
  const target = variableFrom(code, block.target);
  whileNot0(code, remaining, () => {
    const panels = smaller(code, remaining, most);
    const ends = { source: variableFrom(code, source), target: variableFrom(code, target) };
    const some = { ...block, ...ends, panels };
    copySteps(code, shape, { ...some, turns: variableFrom(code, turns), steps: stepsTogether });
    copySteps(code, shape, { ...some, turns: variableFrom(code, rest), steps: 1 });
    add(code, source, scaled(code, panels, bytes));
    add(code, target, code.op("i32.mul", panels, block.panel));
    subtract(code, remaining, panels);
  });
}

function copySteps(
  code: Code,
  shape: Panels,
  { source, target, panels, panel, turns, steps }: Block & { readonly turns: Local; readonly steps: number },
): void {
  const { element, lines, width, depth } = shape;
  // Immediate offsets are never negative: where k goes backwards, it is counted from the last step.
  const first = Math.min(0, (steps - 1) * depth);
  whileCountDown(code, turns, () => {
    const from = variableFrom(code, moved(code, source, first));
    const to = variableFrom(code, target);
    whileCountDown(code, variableFrom(code, panels), () => {
      for (let k = 0; k < steps; k++) {
        for (let line = 0; line < lines; line += element.lanes) {
          const at = line * element.bytes;
          const read = { address: from, offset: k * depth - first + at, count: lines - line };
          const written = { address: to, offset: k * width * element.bytes + at, count: width - line };
          storeLanes(code, element, { ...written, value: loadLanes(code, element, read) });
        }
      }
      advance(code, from, lines * element.bytes);
      add(code, to, panel);
    });
    advance(code, source, steps * depth);
    advance(code, target, steps * width * element.bytes);
  });
}

/** Panel by panel: squares are transposed where elements are neighbours along k, and the others taken one by one. */
function turnAll(code: Code, shape: Panels, { source, target, depth, panels, panel }: Block): void {
  const { element, lines, width, line } = shape;
  const { bytes, lanes } = element;
  // As above: where lines go backwards, they are counted from the last one.
  const first = Math.min(0, (lines - 1) * line);
  whileCountDown(code, panels, () => {
    const ends = {
      source: variableFrom(code, moved(code, source, first)),
      target: variableFrom(code, target),
    };
    const advanceBoth = (steps: number): void => {
      advance(code, ends.source, steps * shape.depth);
      advance(code, ends.target, steps * width * bytes);
    };
    let rest = depth;
    if (shape.depth === bytes) {
      whileCountDown(code, code.op("i32.shr_u", depth, code.i32(Math.log2(lanes))), () => {
        transposeSquares(code, shape, { ...ends, first });
        advanceBoth(lanes);
      });
      rest = code.op("i32.and", depth, code.i32(lanes - 1));
    }
    whileCountDown(code, variableFrom(code, rest), () => {
      gatherStep(code, shape, { ...ends, first });
      advanceBoth(1);
    });
    advance(code, source, lines * line);
    add(code, target, panel);
  });
}

/** One step of k, element by element. */
function gatherStep(
  code: Code,
  { element, lines, width, line }: Panels,
  { source, target, first }: Ends & { readonly first: number },
): void {
  const { bytes } = element;
  for (let i = 0; i < width; i++) {
    code.emit("local.get", target);
    if (i < lines) {
      code.emit("local.get", source);
      code.emit(bytes === 4 ? "i32.load" : "i64.load", i * line - first);
    } else code.emit(bytes === 4 ? "i32.const" : "i64.const", 0);
    code.emit(bytes === 4 ? "i32.store" : "i64.store", i * bytes);
  }
}

/** As many steps of k as a vector has lanes, so many lines at a time. */
function transposeSquares(
  code: Code,
  { element, lines, width, line }: Panels,
  { source, target, first }: Ends & { readonly first: number },
): void {
  const { lanes, bytes } = element;
  for (let from = 0; from < lines; from += lanes) {
    const rows = Array.from({ length: lanes }, (_, lane) =>
      from + lane < lines ? code.opWith("v128.load", [(from + lane) * line - first], source) : code.i32x4(0),
    );
    transposed(code, rows).forEach((value, k) => {
      const place = { address: target, offset: (k * width + from) * bytes, count: width - from };
      storeLanes(code, element, { ...place, value });
    });
  }
}

/** Rows and columns of a square of lanes change places. */
function transposed(code: Code, rows: readonly Local[]): readonly Local[] {
  const mixed = (ways: readonly (readonly number[])[], x: Local, y: Local): readonly Local[] =>
    ways.map((lanes) => code.opWith("i8x16.shuffle", lanes, x, y));
  const [a, b, c, d] = rows as [Local, Local, Local, Local];
  if (rows.length === 2) return mixed(halves, a, b);
  const above = mixed(interleaved, a, b);
  const below = mixed(interleaved, c, d);
  return above.flatMap((each, i) => mixed(halves, each, below[i]!));
}

/** A shuffle of whole lanes as one of bytes. */
function bytesOf(lanes: readonly number[]): readonly number[] {
  const size = 16 / lanes.length;
  return lanes.flatMap((lane) => Array.from({ length: size }, (_, i) => lane * size + i));
}

/** Of two vectors: both first halves, and both second halves. */
export const halves = [bytesOf([0, 2]), bytesOf([1, 3])] as const;
/** Of two vectors of four lanes: the first halves by turns, and the second halves. */
export const interleaved = [bytesOf([0, 4, 1, 5]), bytesOf([2, 6, 3, 7])] as const;
