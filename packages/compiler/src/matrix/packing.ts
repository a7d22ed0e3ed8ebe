// What a chunk does before its tiles: copies of blocks of A and B where these pay. They lie in the scratch of the thread,
// A before B.

import type { SharedFunctions } from "../kernel-code.ts";
import { type Code, type Features, type Local } from "../wasm/code.ts";
import { call, moved, scaled, total } from "./addresses.ts";
import type { Chunk, Place } from "./chunk.ts";
import * as layout from "./layout.ts";
import { packName, writePack, type Panels } from "./pack.ts";
import type { Plan } from "./plan.ts";

/** The functions that pack panels of A and B. */
export function sharedPacking(plan: Plan, features: Features): SharedFunctions {
  const ofLeft = plan.left === "inPlace" ? [] : layout.heightsOf(plan);
  const ofRight = plan.right === "inPlace" ? [] : layout.widthsOf(plan);
  const all = [
    ...ofLeft.map((height) => panelsOfLeft(plan, height)),
    ...ofRight.map((width) => panelsOfRight(plan, width)),
  ];
  return new Map(all.map((panels) => [packName(panels), () => writePack(panels, features)]));
}

function panelsOfLeft(plan: Plan, height: number): Panels {
  const { element, product } = plan;
  const line = product.left.row * element.bytes;
  const depth = product.left.depth * element.bytes;
  return { element, lines: height, width: height, line, depth };
}

function panelsOfRight(plan: Plan, columns: number): Panels {
  const { element, product } = plan;
  const line = product.right.column * element.bytes;
  const depth = product.right.depth * element.bytes;
  return { element, lines: columns, width: layout.wholeVectors(columns, element.lanes), line, depth };
}

/** Packs so many panels of A from an address on. */
export function packRows(
  code: Code,
  { plan, scratch }: Chunk,
  height: number,
  { from, depth, panels }: { readonly from: Local; readonly depth: Local; readonly panels: Local },
): void {
  const step = code.i32(layout.leftSteps(plan, height).panel);
  call(code, packName(panelsOfLeft(plan, height)), from, scratch, depth, panels, step);
}

/**
 * Whether a chunk's columns are to be packed: 0 where the first word of the thread's scratch says that they lie there, and
 * 1 otherwise, whereupon the word says so.
 */
export function mustPack(code: Code, { keeps }: Plan, scratch: Local, { part }: Place): Local {
  if (!keeps) return code.i32(1);
  const kept = code.opWith("i32.load", [0], scratch);
  // 0 stands for nothing.
  const own = moved(code, part, 1);
  code.emit("local.get", scratch);
  code.emit("local.get", own);
  code.emit("i32.store");
  return code.op("i32.ne", kept, own);
}

/** The chunk's panels of B for steps from k on: packed here, unless they are kept. */
export function packedColumns(
  code: Code,
  chunk: Chunk,
  { k, ...block }: { readonly k: Local; readonly from: Local; readonly depth: Local },
): Local {
  const { plan, scratch } = chunk;
  const first = moved(code, scratch, layout.leftBytes(plan));
  if (!plan.keeps) {
    packAllColumns(code, chunk, { ...block, target: first });
    return first;
  }
  const target = total(code, first, scaled(code, k, layout.rightStepBytes(plan)));
  code.emit("local.get", chunk.mustPack);
  code.emit("if");
  packAllColumns(code, chunk, { ...block, target });
  code.emit("end");
  return target;
}

/** Packs the chunk's panels of B. */
function packAllColumns(
  code: Code,
  { plan, place }: Chunk,
  { from, depth, target }: { readonly from: Local; readonly depth: Local; readonly target: Local },
): void {
  const { columns, element, product } = plan;
  const panel = layout.rightPanelBytes(plan);
  if (columns.full > 0) {
    const name = packName(panelsOfRight(plan, columns.width));
    call(code, name, from, target, depth, place.full, code.i32(panel));
  }
  if (columns.tail === 0) return;
  const source = scaled(code, place.full, columns.width * product.right.column * element.bytes);
  call(
    code,
    packName(panelsOfRight(plan, columns.tail)),
    total(code, from, source),
    total(code, target, scaled(code, place.full, panel)),
    depth,
    place.hasTail,
    code.i32(0),
  );
}
