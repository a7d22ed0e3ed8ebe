// log and log1p: the argument is 2^k m with m in [√½, √2), and log m is a polynomial in f = m - 1.
// Arguments that are not positive normal numbers are rare and handled behind one branch.
// Largest errors found, in ulp: f32 log 1.1, log1p 1.7; f64 log 0.9, log1p 1.3.

import type { Local } from "../wasm/code.ts";
import { assign, bitsOf, polynomial, signOf, whenAny, type Format, type Lanes } from "./lanes.ts";

/** ln 2 in two parts; the first has so few bits that its product with an exponent is exact. */
const ln2: Readonly<Record<Format["type"], { readonly high: number; readonly low: number }>> = {
  f32x4: { high: 0.693359375, low: -2.1219444005469057e-4 },
  f64x2: { high: 0.6931471803691238, low: 1.9082149292705877e-10 },
};

/** (log(1 + f) - f) / f² on √½ - 1 … √2 - 1, within 2^-25.5 of the logarithm. */
const single: readonly number[] = [
  -0.5, 0.33333330728190674, -0.25000306422569796, 0.2000104509416068, -0.16641281463106394,
  0.14214495923947962, -0.1299818376365153, 0.12622319849228378, -0.0790274377239344,
];

/** (2 artanh s - 2s) / s³ in s², for s = f / (2 + f), within 2^-56. */
const double: readonly number[] = [
  0.666666666666667, 0.3999999999989889, 0.28571428626253836, 0.22222211089379496, 0.1818289243253687,
  0.15331611722055008, 0.14617807153417325,
];

/** x = 2^k m. */
export interface BinaryParts {
  /** In [√½, √2). */
  readonly mantissa: Local;
  /** k as a float. */
  readonly exponent: Local;
  /** k in the bits of the exponent: what adding to the bits of a number multiplies it by 2^k. */
  readonly exponentBits: Local;
}

/** The parts of positive normal numbers; of others nothing is promised. */
export function binaryParts(lanes: Lanes, x: Local): BinaryParts {
  const { integer, bits, and, format } = lanes;
  const lowest = BigInt.asIntN(64, bitsOf(format, Math.SQRT1_2));
  const one = bitsOf(format, 1);
  // The exponent of x / √½, still biased.
  const offset = integer("add", x, bits(one - lowest));
  const fraction = and(offset, bits((1n << BigInt(format.fractionBits)) - 1n));
  const mantissa = integer("add", fraction, bits(lowest));
  const exponentBits = integer("sub", x, mantissa);
  return { mantissa, exponentBits, exponent: exponentOf(lanes, exponentBits, offset) };
}

function exponentOf(lanes: Lanes, exponentBits: Local, offset: Local): Local {
  const { code, format, constant } = lanes;
  if (format.type === "f32x4")
    return code.op("f32x4.convert_i32x4_s", code.op("i32x4.shr_s", exponentBits, code.i32(23)));
  // No conversion of 64-bit integers: the biased exponent becomes the fraction of 2^52.
  const biased = lanes.or(lanes.shift("shr_u", offset, format.fractionBits), constant(2 ** 52));
  return lanes.sub(biased, constant(2 ** 52 + format.bias));
}

/** k ln 2 + log(1 + f) for f in √½ - 1 … √2 - 1. */
function logarithmOf(lanes: Lanes, f: Local, k: Local): Local {
  const { add, sub, mul, div, madd, constant, format } = lanes;
  const { high, low } = ln2[format.type];
  if (format.type === "f32x4") {
    // Not f² by the polynomial, which would be subnormal where f is not.
    const sum = madd(mul(f, polynomial(lanes, f, single)), f, f);
    return madd(k, constant(high), madd(k, constant(low), sum));
  }
  const halfSquare = mul(mul(f, f), constant(0.5));
  // log(1 + f) = f - (f²/2 - s (f²/2 + R)): the terms after f are small.
  const s = div(f, add(f, constant(2)));
  const z = mul(s, s);
  const rest = mul(s, madd(z, polynomial(lanes, z, double), halfSquare));
  const small = sub(halfSquare, madd(k, constant(low), rest));
  return madd(k, constant(high), sub(f, small));
}

/** A mask of the lanes that are not positive normal numbers. */
export function unusual(lanes: Lanes, x: Local): Local {
  const { bits, integer, format } = lanes;
  const smallest = bitsOf(format, format.smallestNormal);
  const infinity = bitsOf(format, Number.POSITIVE_INFINITY);
  const width = format.type === "f32x4" ? 32 : 64;
  // Signed comparison of numbers that are turned round: what is below the smallest comes out on top.
  const lowest = -(1n << BigInt(width - 1));
  const turned = integer("add", x, bits(BigInt.asIntN(width, lowest - smallest)));
  return integer("gt_s", turned, bits(lowest + infinity - smallest - 1n));
}

/** Puts what log gives at 0, infinity, NaN and below 0 in place of a result. */
function repair(lanes: Lanes, argument: Local, result: Local): void {
  const { constant, float, select, code } = lanes;
  const zero = constant(0);
  const infinite = constant(Number.POSITIVE_INFINITY);
  const atMost = select(
    float("eq", argument, zero),
    constant(Number.NEGATIVE_INFINITY),
    constant(Number.NaN),
  );
  // Infinity and NaN are their own logarithms.
  const small = select(float("le", argument, zero), atMost, result);
  const finite = float("lt", argument, infinite);
  assign(code, result, select(finite, small, lanes.add(argument, infinite)));
}

/** log of positive normal numbers. */
function ordinaryLogarithm(lanes: Lanes, x: Local): Local {
  const { mantissa, exponent } = binaryParts(lanes, x);
  return logarithmOf(lanes, lanes.sub(mantissa, lanes.constant(1)), exponent);
}

/** log x, the natural logarithm. */
export function log(lanes: Lanes, x: Local): Local {
  const { constant, code, format, mul, sub, select, float } = lanes;
  const result = ordinaryLogarithm(lanes, x);
  whenAny(lanes, unusual(lanes, x), () => {
    const shift = format.fractionBits + 2;
    const shifted = sub(ordinaryLogarithm(lanes, mul(x, constant(2 ** shift))), constant(shift * Math.LN2));
    const subnormal = float("lt", x, constant(format.smallestNormal));
    assign(code, result, select(subnormal, shifted, result));
    repair(lanes, x, result);
  });
  return result;
}

/** log(1 + x): the rounding error of 1 + x is added to f, where it is exact for small x. */
export function log1p(lanes: Lanes, x: Local): Local {
  const { constant, add, sub, madd } = lanes;
  const one = constant(1);
  const sum = add(x, one);
  // Exact up to 2^24 or 2^53: sum - 1 has no more bits than the sum. Beyond, the error does not matter.
  const error = sub(x, sub(sum, one));
  const { mantissa, exponent, exponentBits } = binaryParts(lanes, sum);
  const f = madd(error, reciprocalPower(lanes, exponentBits), sub(mantissa, one));
  const result = logarithmOf(lanes, f, exponent);
  whenAny(lanes, unusual(lanes, sum), () => repair(lanes, sum, result));
  // log(1 + x) has the sign of x, which -0 keeps.
  return lanes.or(result, signOf(lanes, x));
}

/** 2^-k; 0 where that would be subnormal, which is when the error no longer matters. */
function reciprocalPower(lanes: Lanes, exponentBits: Local): Local {
  const { bits, integer, format, code, constant } = lanes;
  const power = integer("sub", bits(bitsOf(format, 1)), exponentBits);
  if (format.type === "f32x4") return code.op("i32x4.max_s", power, code.i32x4(0));
  // Of doubles only k = 1024 gives other bits: those of -∞, which becomes 0.
  return lanes.float("pmax", power, constant(0));
}
