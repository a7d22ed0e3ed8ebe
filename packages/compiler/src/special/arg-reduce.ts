// The first position along the middle axis of [outer, size, inner] whose element beats all before it. Lines are searched
// side by side where inner is more than 1; a long line that lies together is searched by lanes.

import { InputError } from "@wengert/tensor";
import type { KernelCode } from "../kernel-code.ts";
import { scaled, total } from "../matrix/addresses.ts";
import { writeFunction, type Code, type Local, type WriteBody } from "../wasm/code.ts";
import { newBest, takeBetter, takeBetterOrEarlier, type Best, type Search } from "./best.ts";
import { forColumns, type Place } from "./columns.ts";
import type { MiddleAxis } from "./cumulative-sum.ts";
import { forRows, gridOf, writePart, type Part } from "./grid.ts";
import { namesOf, storeAt } from "./rows.ts";

/** A search along one axis. */
export type ArgReduction = MiddleAxis & Search;

/**
 * The kernel of argMax or argMin: `(chunk, scratch, x, out)`, out being i32 [outer, inner].
 * @param node whose it is, for the error
 * @throws InputError where the axis is empty and there is something to give.
 */
export function writeArgReduce(reduction: ArgReduction, node?: string): KernelCode {
  const { primitive, outer, size, inner } = reduction;
  if (size === 0 && outer * inner > 0)
    throw new InputError(`${primitive}: the axis must not be empty, got size 0`, {
      context: node === undefined ? [] : [`node   ${node} = ${primitive}`],
    });
  const grid = gridOf(outer, inner, { weight: size });
  const byLanes = inner === 1 && size >= 4 * lanesOf(reduction);
  const write: WriteBody = (code, _chunk, _scratch, x, out) => {
    if (size === 0) return;
    writePart(code, grid, (part) =>
      forRows(code, part, (row) =>
        (byLanes ? searchRow : searchColumns)(code, reduction, { x, out, row, part }),
      ),
    );
  };
  const parameters = ["i32", "i32", "i32", "i32"] as const;
  const entry = writeFunction(primitive, { parameters }, { relaxed: false, wide: false }, write);
  return { functions: [entry], chunks: grid.chunks, scratchBytes: 0 };
}

const lanesOf = ({ dtype }: Search): 2 | 4 => (dtype === "f64" ? 2 : 4);

interface Lines {
  readonly x: Local;
  readonly out: Local;
  readonly row: Local;
  readonly part: Part;
}

/** Searches the lines of all columns of one row, side by side. */
function searchColumns(code: Code, reduction: ArgReduction, { x, out, row, part }: Lines): void {
  const { dtype, size, inner } = reduction;
  const { bytes } = namesOf(dtype);
  const options = { width: part.width, bytes, step: lanesOf(reduction), most: 4 };
  forColumns(code, options, (first = code.i32(0), places) => {
    const at = (base: Local, height: number, width: number): Local =>
      total(code, base, scaled(code, row, height * inner * width), scaled(code, part.firstColumn, width));
    const from = total(code, at(x, size, bytes), first);
    const to = total(code, at(out, 1, 4), bytes === 4 ? first : code.op("i32.shr_u", first, code.i32(1)));
    const load = (address: Local, { offset, isVector }: Place): Local =>
      code.opWith(isVector ? "v128.load" : `${namesOf(dtype).scalar}.load`, [offset], address);
    const bests = places.map((place) => {
      const { isVector } = place;
      const position = isVector ? code.i32x4(0) : code.i32(0);
      return newBest(code, reduction, { value: load(from, place), position, isVector });
    });
    code.forRange({ from: code.i32(1), to: code.i32(size), step: 1 }, (k) => {
      const address = total(code, from, scaled(code, k, inner * bytes));
      const positions = places[0]!.isVector ? splat(code, reduction, k) : k;
      places.forEach((place, i) => {
        const position = place.isVector ? positions : k;
        takeBetter(code, reduction, bests[i]!, { value: load(address, place), position });
      });
    });
    places.forEach(({ offset }, i) =>
      storePositions(code, reduction, bests[i]!, { address: to, offset: (offset / bytes) * 4 }),
    );
  });
}

function splat(code: Code, { dtype }: Search, k: Local): Local {
  return dtype === "f64" ? code.op("i64x2.splat", code.op("i64.extend_i32_u", k)) : code.op("i32x4.splat", k);
}

function storePositions(
  code: Code,
  { dtype }: Search,
  { position, isVector }: Best,
  place: { readonly address: Local; readonly offset: number },
): void {
  if (!isVector) return storeAt(code, "i32.store", { ...place, value: position });
  if (dtype !== "f64") return storeAt(code, "v128.store", { ...place, value: position });
  const lowWords = [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11];
  const value = code.opWith("i8x16.shuffle", lowWords, position, position);
  storeAt(code, "v128.store64_lane", { ...place, value, lane: 0 });
}

/** Searches one line that lies together: every lane on its own, then the lanes, then what no vector has. */
function searchRow(code: Code, reduction: ArgReduction, { x, out, row }: Lines): void {
  const { dtype, size } = reduction;
  const { bytes, scalar, vector } = namesOf(dtype);
  const lanes = lanesOf(reduction);
  const whole = size - (size % lanes);
  const from = total(code, x, scaled(code, row, size * bytes));
  const lanePositions = dtype === "f64" ? code.i64x2(0n, 1n) : code.i32x4(0, 1, 2, 3);
  const byLanes = newBest(code, reduction, {
    value: code.opWith("v128.load", [0], from),
    position: lanePositions,
    isVector: true,
  });
  code.forRange({ from: code.i32(lanes), to: code.i32(whole), step: lanes }, (k) => {
    const value = code.opWith("v128.load", [0], total(code, from, scaled(code, k, bytes)));
    const add = dtype === "f64" ? "i64x2.add" : "i32x4.add";
    const position = code.op(add, splat(code, reduction, k), lanePositions);
    takeBetter(code, reduction, byLanes, { value, position });
  });
  const laneOf = (lane: number): { value: Local; position: Local } => {
    const value = laneValue(code, vector, lane, byLanes.value);
    // The low words of two 64-bit positions are at 0 and 2 among the four 32-bit lanes.
    const position = code.opWith("i32x4.extract_lane", [(lane * 4) / lanes], byLanes.position);
    return { value, position };
  };
  const best = newBest(code, reduction, { ...laneOf(0), isVector: false });
  for (let lane = 1; lane < lanes; lane++) takeBetterOrEarlier(code, reduction, best, laneOf(lane));
  for (let k = whole; k < size; k++) {
    const value = code.opWith(`${scalar}.load`, [k * bytes], from);
    takeBetter(code, reduction, best, { value, position: code.i32(k) });
  }
  storeAt(code, "i32.store", { address: total(code, out, scaled(code, row, 4)), value: best.position });
}

function laneValue(code: Code, shape: "f32x4" | "f64x2" | "i32x4", lane: number, vector: Local): Local {
  return code.opWith(`${shape}.extract_lane`, [lane], vector);
}
