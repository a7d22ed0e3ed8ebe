// sin, cos and tan: x = n π/2 + r by subtracting parts of π/2 (Cody and Waite), in double; polynomials in r.
// Beyond 2^20 the reduction needs hundreds of bits of 2/π: `lib.reduceAngle`, behind one branch.
// Largest errors found, in ulp: f32 0.52 for all three; f64 sin 0.9, cos 0.8, tan 2.1.

import type { Local } from "../wasm/code.ts";
import { fastSum, sum, type Pair } from "./double-double.ts";
import { assign, copyOf, polynomial, when, whenAny, type Lanes } from "./lanes.ts";

/** How far results must be right: to the last bit of an f64, or of an f32 computed in f64. */
type Accuracy = "double" | "single";

/** Of (sin r / r - 1) / r² and (cos r - 1 + r²/2) / r⁴ in r², for |r| ≤ π/4. */
const coefficients: Readonly<
  Record<Accuracy, { readonly sin: readonly number[]; readonly cos: readonly number[] }>
> = {
  // Within 2^-55.6 and 2^-60.
  double: {
    sin: [
      -0.16666666666666666, 0.008333333333330946, -0.000198412698367539, 2.7557316100128336e-6,
      -2.5051131339848143e-8, 1.5918092905114907e-10,
    ],
    cos: [
      0.041666666666666664, -0.0013888888888887395, 2.4801587298762765e-5, -2.755731727021332e-7,
      2.0876145952384525e-9, -1.1382609660408365e-11,
    ],
  },
  // Within 2^-35 and 2^-30.
  single: {
    sin: [-0.16666666663852378, 0.008333331873578017, -0.00019840086123831875, 2.7249846516055084e-6],
    cos: [0.04166666465794383, -0.0013888302733008674, 2.454787664966256e-5],
  },
};

/** π/2 in parts of 33 bits, whose products with n up to 2^20 are exact, and a rest. */
const halfPi = [
  1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32,
] as const;

interface Reduced {
  /** x - n π/2, as a pair. */
  readonly r: Pair;
  /** A double whose low bits are n. */
  readonly quadrant: Local;
}

/** Largest argument of the fast reduction. */
const fastLimit = 2 ** 20;

function reduce(lanes: Lanes, x: Local, accuracy: Accuracy): Reduced {
  const { code, float, constant } = lanes;
  const fast = accuracy === "double" ? reduceDouble(lanes, x) : reduceSingle(lanes, x);
  const [high, low] = [copyOf(code, fast.r.high), copyOf(code, fast.r.low)];
  const quadrant = copyOf(code, fast.quadrant);
  const size = float("abs", x);
  const large = float("gt", size, constant(fastLimit));
  whenAny(lanes, large, () => {
    for (const lane of [0, 1]) reduceLane(lanes, x, { lane, high, low, quadrant });
  });
  return { r: { high, low }, quadrant };
}

/** n, and a double whose low bits are n. */
function nearestQuadrant({ madd, sub, constant, format }: Lanes, x: Local): readonly [Local, Local] {
  const shifted = madd(x, constant(2 / Math.PI), constant(format.rounder));
  return [sub(shifted, constant(format.rounder)), shifted];
}

function reduceSingle(lanes: Lanes, x: Local): Reduced {
  const { sub, mul, constant } = lanes;
  const [n, quadrant] = nearestQuadrant(lanes, x);
  const first = sub(x, mul(n, constant(halfPi[0])));
  const rest = halfPi[1] + halfPi[2];
  return { r: { high: sub(first, mul(n, constant(rest))), low: constant(0) }, quadrant };
}

function reduceDouble(lanes: Lanes, x: Local): Reduced {
  const { add, sub, mul, constant, float } = lanes;
  const [n, quadrant] = nearestQuadrant(lanes, x);
  const times = (part: number): Local => mul(n, constant(part));
  const first = sub(x, times(halfPi[0]));
  const second = sum(lanes, first, float("neg", times(halfPi[1])));
  const third = sum(lanes, second.high, float("neg", times(halfPi[2])));
  const low = sub(add(second.low, third.low), times(halfPi[3]));
  return { r: fastSum(lanes, third.high, low), quadrant };
}

/** Puts the result of the library in place of one lane's, where that is beyond the fast reduction. */
function reduceLane(
  { code }: Lanes,
  x: Local,
  { lane, high, low, quadrant }: { readonly lane: number } & Pair & { readonly quadrant: Local },
): void {
  const value = code.opWith("f64x2.extract_lane", [lane], x);
  when(code, code.op("f64.gt", code.op("f64.abs", value), code.f64(fastLimit)), () => {
    const results = [code.local("f64"), code.local("f64"), code.local("i64")] as const;
    code.emit("local.get", value);
    code.emit("call", "lib.reduceAngle");
    for (const result of results.toReversed()) code.emit("local.set", result);
    assign(code, high, code.opWith("f64x2.replace_lane", [lane], high, results[0]));
    assign(code, low, code.opWith("f64x2.replace_lane", [lane], low, results[1]));
    assign(code, quadrant, code.opWith("i64x2.replace_lane", [lane], quadrant, results[2]));
  });
}

/** sin r and cos r of a reduced argument. */
function sineAndCosine(
  lanes: Lanes,
  { high, low }: Pair,
  accuracy: Accuracy,
): { readonly sine: Local; readonly cosine: Local } {
  const { add, sub, mul, madd, constant } = lanes;
  const square = mul(high, high);
  const half = mul(square, constant(0.5));
  const one = sub(constant(1), half);
  // sin (r + l) = r + (r³ S + l cos r), cos (r + l) = 1 - r²/2 + (r⁴ C - l r).
  const cubic = mul(mul(high, square), polynomial(lanes, square, coefficients[accuracy].sin));
  const quartic = mul(mul(square, square), polynomial(lanes, square, coefficients[accuracy].cos));
  if (accuracy === "single") return { sine: add(high, cubic), cosine: add(one, quartic) };
  const lost = sub(sub(constant(1), one), half);
  return {
    sine: add(high, madd(low, one, cubic)),
    cosine: add(one, add(lost, sub(quartic, mul(high, low)))),
  };
}

/** A mask of the lanes where n is odd. */
function oddOf({ and, integer, bits }: Lanes, quadrant: Local): Local {
  return integer("eq", and(quadrant, bits(1n)), bits(1n));
}

/** sin (x + turns π/2). */
function sineOf(lanes: Lanes, x: Local, { accuracy, turns }: Options & { readonly turns: number }): Local {
  const { r, quadrant } = reduce(lanes, x, accuracy);
  const { sine, cosine } = sineAndCosine(lanes, r, accuracy);
  const turned = turns === 0 ? quadrant : lanes.integer("add", quadrant, lanes.bits(BigInt(turns)));
  // The second bit of n is the sign.
  const sign = lanes.shift("shl", lanes.and(turned, lanes.bits(2n)), 62);
  return lanes.xor(lanes.select(oddOf(lanes, turned), cosine, sine), sign);
}

/** How far the results of a function must be right. */
export interface Options {
  readonly accuracy: Accuracy;
}

/** x where it is 0, for functions that keep the sign of -0. */
function keepZero(lanes: Lanes, x: Local, result: Local): Local {
  return lanes.select(lanes.float("eq", x, lanes.constant(0)), x, result);
}

/** sin x of doubles. */
export function sin(lanes: Lanes, x: Local, { accuracy }: Options): Local {
  return keepZero(lanes, x, sineOf(lanes, x, { accuracy, turns: 0 }));
}

/** cos x of doubles. */
export function cos(lanes: Lanes, x: Local, { accuracy }: Options): Local {
  return sineOf(lanes, x, { accuracy, turns: 1 });
}

/** tan x of doubles: sin r / cos r, or -cos r / sin r where n is odd. */
export function tan(lanes: Lanes, x: Local, { accuracy }: Options): Local {
  const { select, constant } = lanes;
  const { r, quadrant } = reduce(lanes, x, accuracy);
  const { sine, cosine } = sineAndCosine(lanes, r, accuracy);
  const odd = oddOf(lanes, quadrant);
  const ratio = lanes.div(select(odd, cosine, sine), select(odd, sine, cosine));
  return keepZero(lanes, x, lanes.xor(ratio, lanes.and(odd, constant(-0))));
}
