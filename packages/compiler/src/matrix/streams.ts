// Few rows of C as sums of rows of B, a few steps of k at a time: B is read once, in place and in the order of memory.
// Factors from A stay in registers while the columns run; every element is summed in the order of k.

import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { moved, walk } from "./addresses.ts";
import { accumulate, loadLanes, loadSplat, storeLanes, type Element } from "./element.ts";

/** A stretch of some rows of C. */
export interface Streams {
  readonly element: Element;
  readonly height: number;
  readonly columns: number;
  /** Bytes between rows and steps of k of A, between steps of k of B, and between rows of C. */
  readonly left: { readonly row: number; readonly depth: number };
  readonly right: number;
  readonly result: number;
  /** Steps of k in the whole product, and in a block. */
  readonly depth: number;
  readonly depthBlock: number;
  readonly resumes: boolean;
}

/** Steps of k whose factors, with a row of B and a sum, fit the registers, for each height. */
export function streamDepth(height: number): number {
  return [6, 4, 3][height - 1] ?? 2;
}

/** Writes `(left, right, result, depth)`: one stretch; columns of B are dense. */
export function writeStreamTile(name: string, streams: Streams, features: Features): WasmFunction {
  return writeFunction(name, { parameters: ["i32", "i32", "i32", "i32"] }, features, (code) => {
    const depth = code.parameters[3]!;
    const { depthBlock } = streams;
    const rest = streams.depth % depthBlock;
    if (rest === 0) {
      writeStretch(code, streams, depthBlock);
      return;
    }
    code.emit("local.get", code.op("i32.eq", depth, code.i32(depthBlock)));
    code.emit("if");
    writeStretch(code, streams, depthBlock);
    code.emit("else");
    writeStretch(code, streams, rest);
    code.emit("end");
  });
}

function writeStretch(code: Code, streams: Streams, steps: number): void {
  const { element, height, columns, left } = streams;
  const [a, right, result] = code.parameters as [Local, Local, Local];
  const first = Math.min(0, (height - 1) * left.row) + Math.min(0, (steps - 1) * left.depth);
  const start = moved(code, a, first);
  const factors = Array.from({ length: height }, (_, row) =>
    Array.from({ length: steps }, (_each, k) =>
      loadSplat(code, element, { address: start, offset: row * left.row + k * left.depth - first }),
    ),
  );
  // As for A: immediate offsets are never negative.
  const firstRight = Math.min(0, (steps - 1) * streams.right);
  const walks = [
    { from: moved(code, right, firstRight), step: 16 },
    { from: result, step: 16 },
  ] as const;
  const vector = ([b, c]: readonly [Local, Local], count: number): void => {
    const rows = Array.from({ length: steps }, (_, k) =>
      loadLanes(code, element, { address: b, offset: k * streams.right - firstRight, count }),
    );
    for (const [row, rowFactors] of factors.entries())
      addRow(code, streams, { row, rowFactors, rows, c, count });
  };
  const most = Math.floor(columns / element.lanes);
  const [b, c] = walk(code, { count: code.i32(most), most }, walks, (pointers) =>
    vector(pointers, element.lanes),
  );
  const rest = columns % element.lanes;
  if (rest > 0) vector([moved(code, b, 16), moved(code, c, 16)], rest);
}

interface Row {
  readonly row: number;
  readonly rowFactors: readonly Local[];
  readonly rows: readonly Local[];
  readonly c: Local;
  readonly count: number;
}

function addRow(code: Code, streams: Streams, { row, rowFactors, rows, c, count }: Row): void {
  const { element, resumes, result } = streams;
  const place = { address: c, offset: row * result, count };
  const sum = code.local("v128");
  code.emit("local.get", resumes ? loadLanes(code, element, place) : code.i32x4(0));
  code.emit("local.set", sum);
  for (const [k, x] of rowFactors.entries()) accumulate(code, element, { sum, x, y: rows[k]! });
  storeLanes(code, element, { ...place, value: sum });
}
