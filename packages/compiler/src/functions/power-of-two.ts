// 2^x by rounding x to an integer and a polynomial for the rest, for functions whose exponents stay in range.

import type { Local } from "../wasm/code.ts";
import { polynomial, type Lanes } from "./lanes.ts";

/** 2^f for |f| ≤ 1/2: within 2^-23.5, and within 2^-28.9. */
const short: readonly number[] = [
  1.0000000754548972, 0.6931471880262288, 0.2402210748530834, 0.05550357114219078, 0.009676031918322054,
  0.0013390863364671234,
];
const long: readonly number[] = [
  1, 0.6931472067028326, 0.24022650922288757, 0.05550327266670302, 0.009618056678524637,
  0.0013400428177615838, 0.0001546144469856913,
];

/** 2^x where that is a normal number of the format; NaN gives NaN. The error is that of a single at most. */
export function exponentialOfTwo(lanes: Lanes, x: Local): Local {
  const { add, sub, mul, constant, shift, format } = lanes;
  const rounder = constant(format.rounder + format.bias);
  const shifted = add(x, rounder);
  const fraction = sub(x, sub(shifted, rounder));
  const coefficients = format.type === "f32x4" ? short : long;
  return mul(polynomial(lanes, fraction, coefficients), shift("shl", shifted, format.fractionBits));
}
