// sinh, cosh and tanh from e^x = 2^n (1 + t), in forms whose cancelling terms are exact powers of two.
// Largest errors found, in ulp: f32 sinh 2.3, cosh 1.5, tanh 2.5; f64 sinh 2.3, cosh 1.5, tanh 2.5.

import type { Local } from "../wasm/code.ts";
import { powerOfTwo, reduceExponential, type ReducedExponential } from "./exponential.ts";
import { bitsOf, signOf, type Lanes } from "./lanes.ts";

/** A little more than where sinh and cosh overflow; 2^(n-2) is still finite there. */
const overflow = { f32x4: 89.5, f64x2: 710.5 } as const;

interface Halves {
  readonly size: Local;
  readonly reduced: ReducedExponential;
  /** 2^(n-2) and 2^(-n-2) of e^|x| = 2^n (1 + t). */
  readonly up: Local;
  readonly down: Local;
}

function halvesOf(lanes: Lanes, x: Local): Halves {
  const { float, constant, integer, bits, format } = lanes;
  const size = float("abs", x);
  const reduced = reduceExponential(lanes, float("pmin", size, constant(overflow[format.type])));
  const up = powerOfTwo(lanes, reduced, -2);
  // The bits of 2^k and 2^-k add up to those of 1, twice.
  const reciprocal = integer("sub", bits(2n * bitsOf(format, 1)), up);
  return { size, reduced, up, down: lanes.mul(reciprocal, constant(1 / 16)) };
}

/** (e^x - e^-x) / 2, where 1 / (1 + t) = 1 - t / (1 + t) leaves small terms after a difference of powers. */
export function sinh(lanes: Lanes, x: Local): Local {
  const { add, sub, mul, div, madd, constant, format } = lanes;
  const { size, reduced, up, down } = halvesOf(lanes, x);
  const { tail } = reduced;
  const quotient = div(tail, add(tail, constant(1)));
  const half = add(sub(up, down), madd(down, quotient, mul(up, tail)));
  const tiny = lanes.float("lt", size, constant(2 ** -(format.fractionBits / 2 + 2)));
  return lanes.or(lanes.select(tiny, size, add(half, half)), signOf(lanes, x));
}

/** (e^x + e^-x) / 2. */
export function cosh(lanes: Lanes, x: Local): Local {
  const { add, div, madd, constant } = lanes;
  const { reduced, up, down } = halvesOf(lanes, x);
  const { tail } = reduced;
  const half = add(madd(up, tail, up), div(down, add(tail, constant(1))));
  return add(half, half);
}

/** Beyond it tanh rounds to 1. */
const flat = { f32x4: 9.25, f64x2: 20 } as const;

/** (e^2x - 1) / (e^2x + 1), where e^2x - 1 = 2^n t + (2^n - 1). */
export function tanh(lanes: Lanes, x: Local): Local {
  const { add, sub, div, madd, float, constant } = lanes;
  const size = float("pmin", float("abs", x), constant(flat[lanes.format.type]));
  const reduced = reduceExponential(lanes, add(size, size));
  const power = powerOfTwo(lanes, reduced, 0);
  const expm1 = madd(power, reduced.tail, sub(power, constant(1)));
  return lanes.or(div(expm1, add(expm1, constant(2))), signOf(lanes, x));
}
