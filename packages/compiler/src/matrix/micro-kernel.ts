// The innermost loops: a tile of C, a few rows by a few vectors, is held in registers while k runs.
// Every element of C is summed in the order of k, block by block, so that tiles of any size give the same bits.

import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { moved, walk } from "./addresses.ts";
import { reader, tileParameters, type Ahead } from "./ahead.ts";
import { accumulate, loadLanes, loadSplat, storeLanes, type Element } from "./element.ts";

/** A tile, and how its operands lie. */
export interface Tiles {
  readonly element: Element;
  readonly height: number;
  readonly columns: number;
  /** Bytes between rows and steps of k of A. */
  readonly left: { readonly row: number; readonly depth: number };
  /** Bytes between steps of k of B; a panel that is not padded is read to its last column only. */
  readonly right: { readonly depth: number; readonly padded: boolean };
  /** Bytes between rows of C. */
  readonly result: number;
  /** Steps of k at most. */
  readonly depth: number;
  /** Whether the sums are added to what C holds. */
  readonly resumes: boolean;
  /** What the tile reads ahead, which it is then told where to go on with. */
  readonly ahead: Ahead | undefined;
}

/**
 * Writes `(left, right, result, depth, ahead?)`: one tile; depth ≥ 1. The loop over k has a function of its own: V8 unrolls inner
 * loops the more the deeper they are nested, and an unrolled turn needs more registers than there are.
 */
export function writeTile(name: string, tiles: Tiles, features: Features): WasmFunction {
  return writeFunction(
    name,
    { parameters: tileParameters(tiles.ahead) },
    features,
    (code, left, right, result, depth, place) =>
      writeSums(code, tiles, { left, right, result, depth, place }),
  );
}

interface Pointers {
  readonly left: Local;
  readonly right: Local;
  readonly result: Local;
  readonly depth: Local;
  readonly place: Local | undefined;
}

function writeSums(code: Code, tiles: Tiles, pointers: Pointers): void {
  const { element, height, left, right } = tiles;
  // Immediate offsets cannot be negative: where rows go backwards, the pointer is at the last one.
  const first = Math.min(0, (height - 1) * left.row);
  const walks = [
    { from: pointers.right, step: right.depth },
    { from: moved(code, pointers.left, first), step: left.depth },
  ] as const;
  const ahead = reader(code, tiles.ahead, pointers.place);
  const sums = beginSums(code, tiles);
  walk(code, { count: pointers.depth, most: tiles.depth }, walks, ([b, a]) => {
    addStep(code, tiles, { sums, a, b, first });
    ahead.turn();
  });
  ahead.end();
  sums.forEach((rowSums, row) => {
    const places = rowSums.map((_, v) => ({ address: pointers.result, ...partOfResult(tiles, row, v) }));
    // What C holds comes last: nothing but the stores waits for it, while the next tile begins. A row's vectors are all
    // read before one is written, or V8 could not make wider ones of them.
    const values = rowSums.map((sum, v) =>
      tiles.resumes ? code.op(`${element.shape}.add`, loadLanes(code, element, places[v]!), sum) : sum,
    );
    values.forEach((value, v) => storeLanes(code, element, { ...places[v]!, value }));
  });
}

interface Step {
  readonly sums: readonly (readonly Local[])[];
  readonly a: Local;
  readonly b: Local;
  /** Bytes from the pointer `a` to the first row, negated. */
  readonly first: number;
}

/**
 * One step of k. V8's TurboFan visits sums that are stored from the last to the first, and sums that are added to others
 * from the first to the last; it keeps a load beside its products only where loads come in the opposite order.
 */
function addStep(code: Code, tiles: Tiles, { sums, a, b, first }: Step): void {
  const { element, height, left, resumes } = tiles;
  const forAll = (count: number, body: (index: number) => void): void => {
    for (let i = 0; i < count; i++) body(resumes ? count - 1 - i : i);
  };
  const factor = (row: number): Local =>
    loadSplat(code, element, { address: a, offset: row * left.row - first });
  const vector = (v: number): Local => loadLanes(code, element, { address: b, ...part(tiles, v) });
  if (height === 1) {
    const x = factor(0);
    forAll(sums[0]!.length, (v) => accumulate(code, element, { sum: sums[0]![v]!, x, y: vector(v) }));
    return;
  }
  const vectors = sums[0]!.map((_, v) => vector(v));
  forAll(height, (row) => {
    const x = factor(row);
    sums[row]!.forEach((sum, v) => accumulate(code, element, { sum, x, y: vectors[v]! }));
  });
}

/** Bytes to the vector `v` of a row, and how many of its elements count. */
function part({ element, columns, right }: Tiles, v: number): { offset: number; count: number } {
  return { offset: 16 * v, count: right.padded ? element.lanes : columns - v * element.lanes };
}

function partOfResult({ element, columns, result }: Tiles, row: number, v: number): ReturnType<typeof part> {
  return { offset: row * result + 16 * v, count: columns - v * element.lanes };
}

function forTile({ element, height, columns }: Tiles, body: (row: number, v: number) => void): void {
  for (let row = 0; row < height; row++) {
    for (let v = 0; v * element.lanes < columns; v++) body(row, v);
  }
}

function beginSums(code: Code, tiles: Tiles): readonly (readonly Local[])[] {
  // Locals begin as 0.
  const sums: Local[][] = Array.from({ length: tiles.height }, () => []);
  forTile(tiles, (row) => sums[row]!.push(code.local("v128")));
  return sums;
}
