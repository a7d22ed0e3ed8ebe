// Functions of f32 computed in f64: both halves are promoted, and results are rounded once more when they are demoted.
// That makes them wrong by at most half a unit in the last place and a little.

import type { Code, Local } from "../wasm/code.ts";
import { binary64, lanesOf, type Lanes } from "./lanes.ts";

const bytes = (from: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => from + i);

/** A function of doubles applied to the four lanes of an f32x4. */
export function viaDouble(
  code: Code,
  apply: (lanes: Lanes, ...operands: readonly Local[]) => Local,
  operands: readonly Local[],
): Local {
  const lanes = lanesOf(code, binary64);
  const promote = (x: Local): Local => code.op("f64x2.promote_low_f32x4", x);
  const upper = (x: Local): Local => code.opWith("i8x16.shuffle", [...bytes(8, 8), ...bytes(8, 8)], x, x);
  const demote = (x: Local): Local => code.op("f32x4.demote_f64x2_zero", x);
  const low = demote(apply(lanes, ...operands.map((x) => promote(x))));
  const high = demote(apply(lanes, ...operands.map((x) => promote(upper(x)))));
  return code.opWith("i8x16.shuffle", [...bytes(0, 8), ...bytes(16, 8)], low, high);
}
