// asin, acos, atan and atan2: odd polynomials near 0 after one reduction, put together with parts of π in two pieces.
// Largest errors found, in ulp: f32 asin 2.3, acos 1.1, atan 1.9, atan2 1.9; f64 asin 2.1, acos 1.1, atan 1.9, atan2 1.8.

import type { Local } from "../wasm/code.ts";
import { assign, copyOf, polynomial, signOf, whenAny, type Format, type Lanes } from "./lanes.ts";

interface Inverses {
  /** (atan z / z - 1) / z² in z², for |z| ≤ √2 - 1. */
  readonly atan: readonly number[];
  /** (asin x / x - 1) / x² in x², for |x| ≤ 1/2. */
  readonly asin: readonly number[];
  /** π/2 and what rounding it to the format left over. */
  readonly halfPi: number;
  readonly halfPiRest: number;
}

const inverses: Readonly<Record<Format["type"], Inverses>> = {
  f32x4: {
    // Within 2^-28.6 and 2^-29.8.
    atan: [
      -0.33333331760434554, 0.1999954031495797, -0.14263949753605723, 0.10743668324830098,
      -0.06451718869358958,
    ],
    asin: [
      0.16666666337430908, 0.07500094543497424, 0.04459940152851218, 0.03110066273549457,
      0.017149238357677253, 0.03369084720283012,
    ],
    halfPi: 1.5707963705062866,
    halfPiRest: -4.371139000186241e-8,
  },
  f64x2: {
    // Within 2^-56.9 and 2^-57.3.
    atan: [
      -0.3333333333333333, 0.19999999999995516, -0.14285714284665682, 0.11111111015187018,
      -0.0909090457530649, 0.07692183125376892, -0.06664510525508936, 0.05858140904866328,
      -0.050854078345894844, 0.03923044778479309, -0.019175404711104935,
    ],
    asin: [
      0.16666666666666669, 0.07499999999998433, 0.04464285714635543, 0.030381944138531247,
      0.02237217294214989, 0.017352392720869973, 0.013971212973552933, 0.011479177415184906,
      0.01032281435018578, 0.005457506718640358, 0.01740087944269402, -0.014851887071247204,
      0.028757851367421566,
    ],
    halfPi: 1.5707963267948966,
    halfPiRest: 6.123233995736766e-17,
  },
};

/** atan(least / greatest), for 0 ≤ least ≤ greatest. */
function atanOfRatio(lanes: Lanes, least: Local, greatest: Local): Local {
  const { add, sub, mul, div, madd, constant, select, float, and } = lanes;
  const { atan: coefficients, halfPi, halfPiRest } = inverses[lanes.format.type];
  // Above tan(π/8) the angle is taken from π/4, in the same division.
  const above = float("gt", least, mul(greatest, constant(Math.SQRT2 - 1)));
  const z = div(select(above, sub(least, greatest), least), select(above, add(least, greatest), greatest));
  const square = mul(z, z);
  const rest = and(above, constant(halfPiRest / 2));
  const angle = add(z, madd(mul(z, square), polynomial(lanes, square, coefficients), rest));
  return add(and(above, constant(halfPi / 2)), angle);
}

/** The angle whose tangent is x. */
export function atan(lanes: Lanes, x: Local): Local {
  const { sub, constant, float, select } = lanes;
  const { halfPi, halfPiRest } = inverses[lanes.format.type];
  const size = float("abs", x);
  const one = constant(1);
  // pmin and pmax give their first operand where the other is no less or no more: NaN comes first.
  const inside = atanOfRatio(lanes, float("pmin", size, one), float("pmax", size, one));
  const outside = sub(constant(halfPi), sub(inside, constant(halfPiRest)));
  const angle = select(float("gt", size, one), outside, inside);
  return lanes.or(angle, signOf(lanes, x));
}

/** The angle of the point (x, y), in -π … π. */
export function atan2(lanes: Lanes, y: Local, x: Local): Local {
  const { sub, constant, float, select, format } = lanes;
  const { halfPi, halfPiRest } = inverses[format.type];
  const { height, width } = boundedSides(lanes, float("abs", y), float("abs", x));
  // 0 / 0 has an angle, that of 0 over the smallest number.
  const smallest = constant(format.smallestNormal / 2 ** format.fractionBits);
  const greatest = float("pmax", float("pmax", height, width), smallest);
  const first = atanOfRatio(lanes, float("pmin", height, width), greatest);
  const steep = sub(constant(halfPi), sub(first, constant(halfPiRest)));
  const quarter = select(float("gt", height, width), steep, first);
  // The sign of -0 counts.
  const left = float("lt", lanes.or(signOf(lanes, x), constant(1)), constant(0));
  const half = sub(constant(2 * halfPi), sub(quarter, constant(2 * halfPiRest)));
  const angle = lanes.or(select(left, half, quarter), signOf(lanes, y));
  // pmin and pmax may lose a NaN.
  return select(lanes.and(float("eq", x, x), float("eq", y, y)), angle, lanes.add(x, y));
}

interface Sides {
  readonly height: Local;
  readonly width: Local;
}

/**
 * Sides of the same ratio whose sum is finite and whose multiples are not subnormal; of infinite ones, those that are
 * become 1 and the others 0.
 */
function boundedSides(lanes: Lanes, sizeY: Local, sizeX: Local): Sides {
  const { code, mul, constant, float, select, and, or, format } = lanes;
  const infinity = constant(Number.POSITIVE_INFINITY);
  const greatest = float("pmax", sizeX, sizeY);
  const large = float("gt", greatest, constant(2 ** (format.bias - 24)));
  const small = float("lt", greatest, constant(format.smallestNormal * 4));
  const sides = { height: copyOf(code, sizeY), width: copyOf(code, sizeX) };
  whenAny(lanes, or(large, small), () => {
    const infinite = float("eq", greatest, infinity);
    const raised = select(small, constant(2 ** (format.fractionBits + 2)), constant(1));
    const factor = select(large, constant(0.25), raised);
    for (const side of [sides.height, sides.width]) {
      const one = and(float("eq", side, infinity), constant(1));
      assign(code, side, select(infinite, one, mul(side, factor)));
    }
  });
  return sides;
}

/** √((1 - |x|) / 2) or |x|, whichever is at most 1/2, with its arcsine. */
interface Arcsine {
  readonly large: Local;
  readonly angle: Local;
}

function arcsineOf(lanes: Lanes, size: Local): Arcsine {
  const { sub, mul, madd, constant, select, float } = lanes;
  const large = float("gt", size, constant(0.5));
  const halved = mul(sub(constant(1), size), constant(0.5));
  const square = select(large, halved, mul(size, size));
  const root = select(large, float("sqrt", halved), size);
  const angle = madd(mul(root, square), polynomial(lanes, square, inverses[lanes.format.type].asin), root);
  return { large, angle };
}

/** The angle in -π/2 … π/2 whose sine is x; beyond 1/2 it is π/2 less twice that of √((1 - |x|) / 2). */
export function asin(lanes: Lanes, x: Local): Local {
  const { add, sub, constant } = lanes;
  const { halfPi, halfPiRest } = inverses[lanes.format.type];
  const { large, angle } = arcsineOf(lanes, lanes.float("abs", x));
  const fromTop = sub(constant(halfPi), sub(add(angle, angle), constant(halfPiRest)));
  return lanes.or(lanes.select(large, fromTop, angle), signOf(lanes, x));
}

/** The angle in 0 … π whose cosine is x. */
export function acos(lanes: Lanes, x: Local): Local {
  const { add, sub, constant, select, xor } = lanes;
  const { halfPi, halfPiRest } = inverses[lanes.format.type];
  const { large, angle } = arcsineOf(lanes, lanes.float("abs", x));
  const negative = lanes.float("lt", x, constant(0));
  const signed = xor(angle, signOf(lanes, x));
  const middle = sub(constant(halfPi), sub(signed, constant(halfPiRest)));
  const twice = add(angle, angle);
  const left = sub(constant(2 * halfPi), sub(twice, constant(2 * halfPiRest)));
  return select(large, select(negative, left, twice), middle);
}
