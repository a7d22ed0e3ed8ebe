// Table of the transcendental functions as straight vector code, total over their names, for both float formats.
// Infinities, NaN, signed zeros and subnormal numbers go as in JavaScript's Math; errors stay below 4 units in the
// last place, and each family says how far below.

import type { Code, Local } from "../wasm/code.ts";
import { erf } from "./error-function.ts";
import { exp, expm1, sigmoid } from "./exponential.ts";
import { cosh, sinh, tanh } from "./hyperbolic.ts";
import { acos, asin, atan, atan2 } from "./inverse-trigonometric.ts";
import { binary32, binary64, lanesOf, type Lanes } from "./lanes.ts";
import { log, log1p } from "./logarithm.ts";
import { pow, singlePow } from "./power.ts";
import { rem } from "./remainder.ts";
import { rsqrt, sqrt } from "./square-root.ts";
import { cos, sin, tan, type Options } from "./trigonometric.ts";
import { viaDouble } from "./via-double.ts";

/** Appends the code of a function to `code`: of the vectors in the operands, in a new local the vector of results. */
type VectorFunction = (code: Code, ...operands: readonly Local[]) => Local;

/** The names of the functions, as those of the primitives. */
export type VectorFunctionName =
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sqrt"
  | "rsqrt"
  | "sin"
  | "cos"
  | "tan"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh"
  | "tanh"
  | "sigmoid"
  | "erf"
  | "pow"
  | "atan2"
  | "rem";

interface Formats {
  readonly f32: VectorFunction;
  readonly f64: VectorFunction;
}

type LanesFunction = (lanes: Lanes, ...operands: readonly Local[]) => Local;

/** One algorithm for both formats. */
function generic(apply: LanesFunction): Formats {
  return {
    f32: (code, ...operands) => apply(lanesOf(code, binary32), ...operands),
    f64: (code, ...operands) => apply(lanesOf(code, binary64), ...operands),
  };
}

/** An algorithm for doubles, which floats are promoted to. */
function ofDoubles(single: LanesFunction, double: LanesFunction): Formats {
  return {
    f32: (code, ...operands) => viaDouble(code, single, operands),
    f64: (code, ...operands) => double(lanesOf(code, binary64), ...operands),
  };
}

/** The same, of one operand and an accuracy. */
function unary(apply: (lanes: Lanes, x: Local, options: Options) => Local): Formats {
  return ofDoubles(
    (lanes, x) => apply(lanes, x, { accuracy: "single" }),
    (lanes, x) => apply(lanes, x, { accuracy: "double" }),
  );
}

/** The vector functions by name. */
export const vectorFunctions: Readonly<Record<VectorFunctionName, Formats>> = {
  exp: generic(exp),
  expm1: generic(expm1),
  log: generic(log),
  log1p: generic(log1p),
  sqrt: generic(sqrt),
  rsqrt: generic(rsqrt),
  sin: unary(sin),
  cos: unary(cos),
  tan: unary(tan),
  asin: generic(asin),
  acos: generic(acos),
  atan: generic(atan),
  sinh: generic(sinh),
  cosh: generic(cosh),
  tanh: generic(tanh),
  sigmoid: generic(sigmoid),
  erf: generic(erf),
  pow: {
    f32: (code, x, y) => singlePow(code, x, y),
    f64: (code, x, y) => pow(lanesOf(code, binary64), x, y),
  },
  atan2: generic(atan2),
  rem: ofDoubles(rem, rem),
};
