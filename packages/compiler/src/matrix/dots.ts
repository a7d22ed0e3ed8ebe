// Tiles of C as dot products, for few rows where the elements of B lie side by side along k: nothing is packed, and
// vectors run along k. The lanes of a sum are added pairwise at the end, in the same order for every element.

import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { moved, walk } from "./addresses.ts";
import { reader, tileParameters, type Ahead } from "./ahead.ts";
import { accumulate, loadLanes, type Element } from "./element.ts";
import { halves, interleaved } from "./pack.ts";

/** Dot products of some rows of A and some columns of B. */
export interface Dots {
  readonly element: Element;
  readonly height: number;
  readonly columns: number;
  /** Bytes between rows of A, between columns of B, and between rows of C. */
  readonly left: number;
  readonly right: number;
  readonly result: number;
  /** Vectors of k a turn, a power of 2: each has a sum of its own. */
  readonly unroll: number;
  /** Steps of k in the whole product; all blocks but the last are multiples of a turn. */
  readonly depth: number;
  readonly resumes: boolean;
  /** What the tile reads ahead, which it is then told where to go on with. */
  readonly ahead: Ahead | undefined;
}

/** Columns of a tile, such that sums and what is held of A or B fit 15 registers, for each height. */
export function dotColumns(height: number): number {
  return [8, 5, 3][height - 1] ?? 2;
}

/** Writes `(left, right, result, depth, ahead?)`: one tile; rows of A and columns of B are dense along k. */
export function writeDotTile(name: string, dots: Dots, features: Features): WasmFunction {
  return writeFunction(
    name,
    { parameters: tileParameters(dots.ahead) },
    features,
    (code, left, right, result, depth, place) => {
      const { element, height, columns, unroll } = dots;
      const ahead = reader(code, dots.ahead, place);
      const turn = unroll * element.lanes;
      // Locals begin as 0.
      const sums = Array.from({ length: height * columns * unroll }, () => code.local("v128"));
      const step = 16 * unroll;
      const walks = [
        { from: left, step },
        { from: right, step },
      ] as const;
      const turns = code.op("i32.div_u", depth, code.i32(turn));
      const ends = walk(code, { count: turns, most: Math.floor(dots.depth / turn) }, walks, (pointers) => {
        for (let part = 0; part < unroll; part++) addProducts(code, dots, { sums, part, pointers });
        ahead.turn();
      });
      ahead.end();
      const rest = dots.depth % turn;
      if (rest > 0) {
        code.emit("local.get", code.op("i32.rem_u", depth, code.i32(turn)));
        code.emit("if");
        const pointers = [moved(code, ends[0], step), moved(code, ends[1], step)] as const;
        for (let part = 0; part * element.lanes < rest; part++) {
          addProducts(code, dots, { sums, part, pointers, count: rest - part * element.lanes });
        }
        code.emit("end");
      }
      storeSums(code, dots, { sums: foldParts(code, dots, sums), result });
    },
  );
}

interface Step {
  /** Where the turn's steps of k are in the first row of A and the first column of B. */
  readonly pointers: readonly [left: Local, right: Local];
  readonly sums: readonly Local[];
  /** Which vector of the turn. */
  readonly part: number;
  /** Elements that remain, where less than a vector does. */
  readonly count?: number;
}

/** One vector of every row by one of every column; the fewer of both stay in registers. */
function addProducts(code: Code, dots: Dots, { pointers: [left, right], sums, part, count }: Step): void {
  const { element, height, columns, unroll } = dots;
  const load = (side: { pointer: Local; stride: number; size: number }, index: number): Local => {
    // Immediate offsets are never negative: where rows go backwards, they are counted from the last one.
    const first = Math.min(0, side.stride * (side.size - 1));
    const place = {
      address: moved(code, side.pointer, first),
      offset: index * side.stride - first + 16 * part,
    };
    return loadLanes(code, element, { ...place, count: count ?? element.lanes });
  };
  const add = (row: number, column: number, { x, y }: { x: Local; y: Local }): void =>
    accumulate(code, element, { sum: sums[positionOf(dots, row, column) * unroll + part]!, x, y });
  const rowsAreFewer = height <= columns;
  const fewer = Math.min(height, columns);
  const more = Math.max(height, columns);
  const loadRow = (row: number): Local => load({ pointer: left, stride: dots.left, size: height }, row);
  const loadColumn = (column: number): Local =>
    load({ pointer: right, stride: dots.right, size: columns }, column);
  const held = Array.from({ length: fewer }, (_, i) => (rowsAreFewer ? loadRow(i) : loadColumn(i)));
  // From the last to the first: as in `writeTile`, so that V8 keeps each load beside its products.
  for (let i = more - 1; i >= 0; i--) {
    const y = rowsAreFewer ? loadColumn(i) : loadRow(i);
    held.forEach((x, j) => (rowsAreFewer ? add(j, i, { x, y }) : add(i, j, { x, y })));
  }
}

/** The position of an element among the sums of a tile: what shares the streamed operand is side by side. */
function positionOf({ height, columns }: Dots, row: number, column: number): number {
  return height <= columns ? column * height + row : row * columns + column;
}

/** One sum for every element of the tile. */
function foldParts(code: Code, { element, unroll }: Dots, sums: readonly Local[]): readonly Local[] {
  return Array.from({ length: sums.length / unroll }, (_, i) =>
    sums.slice(i * unroll, (i + 1) * unroll).reduce((x, y) => code.op(`${element.shape}.add`, x, y)),
  );
}

/** Adds the lanes of as many sums at a time as a vector has lanes, and stores the totals: neighbours in C by twos. */
function storeSums(
  code: Code,
  dots: Dots,
  { sums, result }: { readonly sums: readonly Local[]; readonly result: Local },
): void {
  const { height, columns } = dots;
  const { lanes, bytes, shape } = dots.element;
  const isByRows = height > columns;
  for (let first = 0; first < sums.length; first += lanes) {
    const square = Array.from({ length: lanes }, (_, i) => sums[first + i] ?? code.i32x4(0));
    const totals = foldLanes(code, shape, square);
    const end = Math.min(lanes, sums.length - first);
    for (let lane = 0; lane < end;) {
      const index = first + lane;
      const row = isByRows ? Math.floor(index / columns) : index % height;
      const column = isByRows ? index % columns : Math.floor(index / height);
      const arePair = isByRows && bytes === 4 && lane % 2 === 0 && lane + 1 < end && column + 1 < columns;
      const count = arePair ? 2 : 1;
      storeTotals(code, dots, {
        totals,
        lane,
        count,
        address: result,
        offset: row * dots.result + column * bytes,
      });
      lane += count;
    }
  }
}

/** The sums of the lanes of as many vectors as one has lanes: its halves are added first. */
function foldLanes(code: Code, shape: Element["shape"], sums: readonly Local[]): Local {
  const merge = ([low, high]: readonly (readonly number[])[], [x, y]: readonly Local[]): Local =>
    code.op(
      `${shape}.add`,
      code.opWith("i8x16.shuffle", low!, x!, y!),
      code.opWith("i8x16.shuffle", high!, x!, y!),
    );
  if (sums.length === 2) return merge(halves, sums);
  return merge(halves, [merge(interleaved, sums.slice(0, 2)), merge(interleaved, sums.slice(2))]);
}

interface Totals {
  readonly totals: Local;
  /** The first lane, and how many lanes. */
  readonly lane: number;
  readonly count: number;
  readonly address: Local;
  readonly offset: number;
}

function storeTotals(
  code: Code,
  { element, resumes }: Dots,
  { totals, lane, count, address, offset }: Totals,
): void {
  const isWord = count * element.bytes === 4;
  const load = isWord ? "v128.load32_splat" : "v128.load64_splat";
  const value = resumes
    ? code.op(`${element.shape}.add`, code.opWith(load, [offset], address), totals)
    : totals;
  code.emit("local.get", address);
  code.emit("local.get", value);
  code.emit(isWord ? "v128.store32_lane" : "v128.store64_lane", offset, lane / count);
}
