// How far results are from references, for tests: in units in the last place of the dtype, and infinitely far where a
// NaN, an infinity or the sign of a zero differs.

import {
  acos,
  asin,
  atan,
  atan2,
  cos,
  cosh,
  erf,
  evaluate,
  exp,
  expm1,
  input,
  log,
  log1p,
  pow,
  rem,
  rsqrt,
  sigmoid,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
} from "@wengert/tensor";
import type { VectorFunctionName } from "./index.ts";
import type { FloatArrays } from "./run-function.ts";

const unary = {
  exp,
  expm1,
  log,
  log1p,
  sqrt,
  rsqrt,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  sigmoid,
  erf,
} as const;
const binary = { pow, atan2, rem } as const;

/** The functions of one operand. */
export const unaryNames: readonly (keyof typeof unary)[] = Object.keys(unary) as (keyof typeof unary)[];

/** The functions of two. */
export const binaryNames: readonly (keyof typeof binary)[] = Object.keys(binary) as (keyof typeof binary)[];

/** The results in double precision, by the reference engine. */
export function referenceOf(
  name: VectorFunctionName,
  ...operands: readonly (Float32Array | Float64Array)[]
): Float64Array {
  const shape = [operands[0]!.length] as const;
  const x = input("x", shape, { dtype: "f64" });
  const y = input("y", shape, { dtype: "f64" });
  const arrays = operands.map((data) => ({ shape, dtype: "f64", data: new Float64Array(data) }) as const);
  const node =
    name in unary ? unary[name as keyof typeof unary](x) : binary[name as keyof typeof binary](x, y);
  const values = arrays.length === 1 ? { x: arrays[0]! } : { x: arrays[0]!, y: arrays[1]! };
  return evaluate(node, values).data as Float64Array;
}

/** The distance of neighbours around a number in a format. */
function unitOf(value: number, dtype: keyof FloatArrays): number {
  const size = Math.abs(value);
  const [lowest, fraction, highest] = dtype === "f32" ? [-126, 23, 127] : [-1022, 52, 1023];
  if (size < 2 ** lowest) return 2 ** (lowest - fraction);
  const estimate = Math.min(Math.floor(Math.log2(size)), highest);
  // The logarithm may be rounded up to an integer.
  const exponent = size < 2 ** estimate ? estimate - 1 : estimate;
  return 2 ** (exponent - fraction);
}

/** |result - value| in units in the last place; `lost` is what the value lost when it was rounded to a double. */
export function errorOf(result: number, value: number, dtype: keyof FloatArrays, lost = 0): number {
  const rounded = dtype === "f32" ? Math.fround(value) : value;
  if (Number.isNaN(value)) return Number.isNaN(result) ? 0 : Number.POSITIVE_INFINITY;
  if (!Number.isFinite(rounded) || !Number.isFinite(result)) return overflowError(result, rounded, dtype);
  if (signBit(result) !== signBit(value)) return Number.POSITIVE_INFINITY;
  return Math.abs((result - value) / unitOf(value, dtype) - lost);
}

function signBit(value: number): boolean {
  return value < 0 || Object.is(value, -0);
}

/** Infinity and the largest number are neighbours. */
function overflowError(result: number, rounded: number, dtype: keyof FloatArrays): number {
  if (Object.is(result, rounded)) return 0;
  const largest = dtype === "f32" ? 3.4028234663852886e38 : Number.MAX_VALUE;
  const near = (value: number): boolean => Math.abs(value) >= largest;
  return near(result) && near(rounded) && result * rounded > 0 ? 1 : Number.POSITIVE_INFINITY;
}
