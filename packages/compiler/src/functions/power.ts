// pow = e^(y log |x|), with the sign of an odd power; the logarithm of doubles is a pair, since its error is multiplied
// by up to 745. What zeros, infinities, NaN and negative numbers give stands behind one branch.
// Largest errors found, in ulp: f32 0.54, f64 1.3.

import type { Code, Local } from "../wasm/code.ts";
import { fastSum, multiplyPairs, product, sum, type Pair } from "./double-double.ts";
import { exponentialOfPair } from "./exponential.ts";
import { assign, copyOf, binary32, lanesOf, polynomial, signOf, whenAny, type Lanes } from "./lanes.ts";
import { binaryParts, unusual, type BinaryParts } from "./logarithm.ts";
import { exponentialOfTwo } from "./power-of-two.ts";
import { viaDouble } from "./via-double.ts";

/** (2 artanh s - 2s - 2s³/3) / s⁵ in s², for s = (m - 1) / (m + 1). */
const tail: readonly number[] = [
  0.4000000000000003, 0.2857142857133801, 0.22222222271326808, 0.18181808210921882, 0.15385577463308145,
  0.13285868837545742, 0.1291471218393509,
];

/** ln 2, 2/3: the first 42 bits or all, and the rest. */
const ln2 = { high: 0.6931471805598903, low: 5.497923018708371e-14 } as const;
const twoThirds = { high: 0.6666666666666666, low: 3.700743415417188e-17 } as const;

/** log (2^k m) to about 65 bits. */
function logarithmPair(lanes: Lanes, { mantissa, exponent }: BinaryParts): Pair {
  const { add, mul, madd, constant } = lanes;
  const s = quotientPair(lanes, mantissa);
  const terms = cubicTerms(lanes, s);
  const whole = sum(lanes, mul(exponent, constant(ln2.high)), add(s.high, s.high));
  const total = sum(lanes, whole.high, terms.high);
  const rest = add(terms.low, madd(exponent, constant(ln2.low), add(s.low, s.low)));
  return fastSum(lanes, total.high, add(add(whole.low, total.low), rest));
}

/** (m - 1) / (m + 1). */
function quotientPair(lanes: Lanes, m: Local): Pair {
  const { sub, mul, div, constant } = lanes;
  const one = constant(1);
  const f = sub(m, one);
  const denominator = sum(lanes, m, one);
  const reciprocal = div(one, denominator.high);
  const high = mul(f, reciprocal);
  const back = product(lanes, high, denominator.high);
  const rest = sub(sub(sub(f, back.high), back.low), mul(high, denominator.low));
  return { high, low: mul(rest, reciprocal) };
}

/** s³ (2/3 + 2/5 s² + …). */
function cubicTerms(lanes: Lanes, s: Pair): Pair {
  const { madd, constant } = lanes;
  const square = multiplyPairs(lanes, s, s);
  const small = madd(square.high, polynomial(lanes, square.high, tail), constant(twoThirds.low));
  const factor = fastSum(lanes, constant(twoThirds.high), small);
  return multiplyPairs(lanes, multiplyPairs(lanes, square, s), factor);
}

/** |x|^y from the parts of |x|. */
function magnitude(lanes: Lanes, parts: BinaryParts, y: Local): Local {
  const { add, mul, float, constant } = lanes;
  const logarithm = logarithmPair(lanes, parts);
  const { high, low } = product(lanes, y, logarithm.high);
  const rest = add(low, mul(y, logarithm.low));
  // Only where the result is 0 or infinite is the rest so large.
  const bounded = float("pmax", float("pmin", rest, constant(2 ** -40)), constant(-(2 ** -40)));
  return exponentialOfPair(lanes, { high, low: bounded });
}

/** x^y of doubles; 1^NaN = 1 and (-1)^±∞ = 1, as IEEE 754 has it. */
export function pow(lanes: Lanes, x: Local, y: Local): Local {
  const { code, constant, float, select, mul, sub } = lanes;
  const special = specialOf(lanes, x, y);
  const argument = copyOf(code, x);
  const shift = copyOf(code, constant(0));
  whenAny(lanes, special, () => {
    const size = float("abs", x);
    const subnormal = float("lt", size, constant(lanes.format.smallestNormal));
    assign(code, argument, select(subnormal, mul(size, constant(2 ** 54)), size));
    assign(code, shift, lanes.and(subnormal, constant(54)));
  });
  const parts = binaryParts(lanes, argument);
  const exponent = sub(parts.exponent, shift);
  const result = magnitude(lanes, { ...parts, exponent }, boundedPower(lanes, y));
  whenAny(lanes, special, () => assign(code, result, repaired(lanes, { x, y, result })));
  return result;
}

/** x^y of floats: its size by doubles, where a simple logarithm is exact enough and nothing is subnormal. */
export function singlePow(code: Code, x: Local, y: Local): Local {
  const lanes = lanesOf(code, binary32);
  const result = viaDouble(code, shortMagnitude, [lanes.float("abs", x), boundedPower(lanes, y)]);
  whenAny(lanes, specialOf(lanes, x, y), () => assign(code, result, repaired(lanes, { x, y, result })));
  return result;
}

/** A power next to which a larger one gives nothing else: of x next to 1 the logarithm is at least 2^-53. */
function boundedPower({ float, constant }: Lanes, y: Local): Local {
  return float("pmax", float("pmin", y, constant(2 ** 65)), constant(-(2 ** 65)));
}

function specialOf(lanes: Lanes, x: Local, y: Local): Local {
  return lanes.or(unusual(lanes, x), lanes.float("ne", y, y));
}

/** log₂ m / s in s², for s = (m - 1) / (m + 1), within 2^-37.7. */
const binaryLogarithm: readonly number[] = [
  2.885390081790048, 0.9617966733682309, 0.5770835830070087, 0.41167268734376855, 0.3407329932424559,
];

/** x^y of doubles that were floats, x > 0, to 2^-28; its exponent stays within ±200. */
function shortMagnitude(lanes: Lanes, x: Local, y: Local): Local {
  const { add, sub, mul, div, madd, float, constant } = lanes;
  const { mantissa, exponent } = binaryParts(lanes, x);
  const one = constant(1);
  const s = div(sub(mantissa, one), add(mantissa, one));
  const logarithm = madd(s, polynomial(lanes, mul(s, s), binaryLogarithm), exponent);
  const exponentOfPower = float("pmin", mul(y, logarithm), constant(200));
  return exponentialOfTwo(lanes, float("pmax", exponentOfPower, constant(-200)));
}

/** The result where x or y is not an ordinary number; the others' stays. */
function repaired(
  lanes: Lanes,
  { x, y, result }: { readonly x: Local; readonly y: Local; readonly result: Local },
): Local {
  const { constant, float, select, mul, and, or } = lanes;
  const zero = constant(0);
  const infinity = constant(Number.POSITIVE_INFINITY);
  const size = float("abs", x);
  const down = float("lt", y, zero);
  const half = mul(y, constant(0.5));
  const whole = float("eq", float("trunc", y), y);
  const odd = and(whole, float("ne", float("trunc", half), half));
  const atZero = select(float("eq", size, zero), select(down, infinity, zero), result);
  const atInfinity = select(float("eq", size, infinity), select(down, zero, infinity), atZero);
  const signed = or(atInfinity, and(odd, signOf(lanes, x)));
  const finiteNegative = and(float("lt", x, zero), float("gt", x, constant(Number.NEGATIVE_INFINITY)));
  const imaginary = and(finiteNegative, float("ne", float("trunc", y), y));
  const real = select(imaginary, constant(Number.NaN), signed);
  const ordered = and(float("eq", x, x), float("eq", y, y));
  const one = or(float("eq", y, zero), float("eq", x, constant(1)));
  return select(one, constant(1), select(ordered, real, lanes.add(x, y)));
}
