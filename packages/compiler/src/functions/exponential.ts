// exp, expm1 and sigmoid: x = n ln 2 + r with |r| ≤ ln 2 / 2, a polynomial for e^r - 1, and powers of two made of bits.
// Two powers are multiplied one after the other, so that one rounding gives subnormal results and infinity.
// Largest errors found, in ulp: f32 exp 1.0, expm1 1.8, sigmoid 2.4; f64 exp 1.0, expm1 2.4, sigmoid 2.1.

import type { Local } from "../wasm/code.ts";
import type { Pair } from "./double-double.ts";
import { polynomial, type Format, type Lanes } from "./lanes.ts";

interface ExponentialConstants {
  /** ln 2 in two parts; the first has so few bits that its product with n is exact. */
  readonly ln2High: number;
  readonly ln2Low: number;
  /** Beyond it e^x is infinite. */
  readonly largest: number;
  /** e^x of it, and of all below, is 0 because both powers of two are, which no processor is slow to multiply. */
  readonly smallest: number;
  /** Of (e^r - 1 - r) / r² on |r| ≤ 0.35: Chebyshev interpolation in 50 digits. */
  readonly coefficients: readonly number[];
}

const constants: Readonly<Record<Format["type"], ExponentialConstants>> = {
  f32x4: {
    ln2High: 0.693359375,
    ln2Low: -2.1219444005469057e-4,
    largest: 89,
    smallest: -254 * Math.LN2,
    // Within 2^-26 of e^r.
    coefficients: [0.5, 0.1666657342385974, 0.0416665501627203, 0.008363767023287037, 0.001392691805594798],
  },
  f64x2: {
    ln2High: 0.6931471803691238,
    ln2Low: 1.9082149292705877e-10,
    largest: 710,
    smallest: -2046 * Math.LN2,
    // Within 2^-55 of e^r.
    coefficients: [
      0.5000000000000001, 0.16666666666666669, 0.04166666666662404, 0.008333333333330055,
      0.0013888888917258759, 0.00019841269863088255, 2.4801521225986432e-5, 2.7557268406190795e-6,
      2.7620121717381933e-7, 2.51004110820149e-8,
    ],
  },
};

/** e^x as 2^n (1 + tail). */
export interface ReducedExponential {
  /** e^r - 1. */
  readonly tail: Local;
  /** A float whose low bits are n + 2 bias. */
  readonly exponent: Local;
  /** A float whose low bits are half of that, rounded. */
  readonly half: Local;
}

/** Reduces e^x for x where n stays within the exponents; NaN gives a NaN tail. */
export function reduceExponential(lanes: Lanes, x: Local): ReducedExponential {
  const { add, sub, mul, madd, constant, format } = lanes;
  const { ln2High, ln2Low, coefficients } = constants[format.type];
  const shifted = constant(format.rounder + 2 * format.bias);
  const exponent = madd(x, constant(Math.LOG2E), shifted);
  const half = madd(x, constant(Math.LOG2E / 2), constant(format.rounder + format.bias));
  const n = sub(exponent, shifted);
  const r = madd(n, constant(-ln2Low), madd(n, constant(-ln2High), x));
  const tail = add(r, mul(mul(r, r), polynomial(lanes, r, coefficients)));
  return { tail, exponent, half };
}

/** x · 2^n, rounded once even where it is subnormal. */
function scale(lanes: Lanes, x: Local, { exponent, half }: ReducedExponential): Local {
  const { fractionBits } = lanes.format;
  const first = lanes.shift("shl", half, fractionBits);
  const second = lanes.shift("shl", lanes.integer("sub", exponent, half), fractionBits);
  return lanes.mul(lanes.mul(x, first), second);
}

/** 2^(n + k), where that is a normal number. */
export function powerOfTwo(lanes: Lanes, { exponent }: ReducedExponential, k: number): Local {
  const { bias, fractionBits } = lanes.format;
  return lanes.shift("shl", lanes.integer("add", exponent, lanes.bits(BigInt(k - bias))), fractionBits);
}

/** The least of x and the largest argument worth telling apart; NaN stays. */
function capExponent(lanes: Lanes, x: Local): Local {
  return lanes.float("pmin", x, lanes.constant(constants[lanes.format.type].largest));
}

function floorExponent(lanes: Lanes, x: Local): Local {
  return lanes.float("pmax", x, lanes.constant(constants[lanes.format.type].smallest));
}

function exponentialOf(lanes: Lanes, x: Local): Local {
  const reduced = reduceExponential(lanes, x);
  return scale(lanes, lanes.add(reduced.tail, lanes.constant(1)), reduced);
}

/** e^x. */
export function exp(lanes: Lanes, x: Local): Local {
  return exponentialOf(lanes, floorExponent(lanes, capExponent(lanes, x)));
}

/** e^(high + low) for small low. */
export function exponentialOfPair(lanes: Lanes, { high, low }: Pair): Local {
  const reduced = reduceExponential(lanes, floorExponent(lanes, capExponent(lanes, high)));
  const tail = lanes.add(reduced.tail, lanes.madd(low, reduced.tail, low));
  return scale(lanes, lanes.add(tail, lanes.constant(1)), reduced);
}

/** e^x - 1 = 2 (2^(n-1) tail + (2^(n-1) - 1/2)): the difference is exact until it no longer matters. */
export function expm1(lanes: Lanes, x: Local): Local {
  const { add, sub, constant } = lanes;
  const lowest = constant(-(lanes.format.fractionBits + 4));
  const reduced = reduceExponential(lanes, lanes.float("pmax", capExponent(lanes, x), lowest));
  const power = powerOfTwo(lanes, reduced, -1);
  const halfResult = lanes.madd(power, reduced.tail, sub(power, constant(0.5)));
  // Of tiny x half of the tail would lose bits, and -0 its sign.
  const tiny = lanes.float("lt", lanes.float("abs", x), constant(2 ** -(lanes.format.fractionBits + 2)));
  return lanes.select(tiny, x, add(halfResult, halfResult));
}

/** 1 / (1 + e^-x), as e^x / (1 + e^x) where x is negative: no exponential overflows. */
export function sigmoid(lanes: Lanes, x: Local): Local {
  const { constant } = lanes;
  const e = exponentialOf(lanes, floorExponent(lanes, lanes.or(x, constant(-0))));
  const numerator = lanes.select(lanes.float("lt", x, constant(0)), e, constant(1));
  return lanes.div(numerator, lanes.add(e, constant(1)));
}
