// Arithmetic on the lanes of a vector of either float format, so that an algorithm is written once for f32x4 and f64x2.
// Nothing here rests on `madd` being fused, and masks are always whole lanes of ones or zeros.

import type { Code, Local } from "../wasm/code.ts";

/** What differs between the binary formats of IEEE 754. */
export interface Format {
  readonly type: "f32x4" | "f64x2";
  readonly integers: "i32x4" | "i64x2";
  /** Bits of the fraction: 23 or 52. */
  readonly fractionBits: number;
  /** What is added to an exponent before it is stored. */
  readonly bias: number;
  /** 1.5 · 2^fractionBits: adding it rounds to an integer and leaves that integer in the low bits. */
  readonly rounder: number;
  readonly smallestNormal: number;
}

/** IEEE 754 binary32 in four lanes. */
export const binary32: Format = {
  type: "f32x4",
  integers: "i32x4",
  fractionBits: 23,
  bias: 127,
  rounder: 1.5 * 2 ** 23,
  smallestNormal: 2 ** -126,
};

/** IEEE 754 binary64 in two lanes. */
export const binary64: Format = {
  type: "f64x2",
  integers: "i64x2",
  fractionBits: 52,
  bias: 1023,
  rounder: 1.5 * 2 ** 52,
  smallestNormal: 2 ** -1022,
};

type FloatOperation =
  | "abs"
  | "neg"
  | "sqrt"
  | "trunc"
  | "pmin"
  | "pmax"
  | "eq"
  | "ne"
  | "lt"
  | "gt"
  | "le"
  | "ge";

/** Operations on all lanes at once; each appends instructions and gives a local with the result. */
export interface Lanes {
  readonly code: Code;
  readonly format: Format;
  /** Every lane that number. */
  constant(value: number): Local;
  /** Every lane those bits. */
  bits(value: bigint): Local;
  add(x: Local, y: Local): Local;
  sub(x: Local, y: Local): Local;
  mul(x: Local, y: Local): Local;
  div(x: Local, y: Local): Local;
  /** `x * y + z`, rounded once or twice. */
  madd(x: Local, y: Local, z: Local): Local;
  float(name: FloatOperation, ...operands: readonly Local[]): Local;
  integer(name: "add" | "sub" | "eq" | "gt_s", x: Local, y: Local): Local;
  shift(name: "shl" | "shr_u", x: Local, count: number): Local;
  and(x: Local, y: Local): Local;
  or(x: Local, y: Local): Local;
  xor(x: Local, y: Local): Local;
  /** Lanes of `yes` where the mask is ones, else of `no`. */
  select(mask: Local, yes: Local, no: Local): Local;
}

/** The operations of a format, appended to `code`. */
export function lanesOf(code: Code, format: Format): Lanes {
  const { type, integers } = format;
  return {
    code,
    format,
    constant: (value) => code[type](value),
    bits: (value) => (integers === "i32x4" ? code.i32x4(Number(value)) : code.i64x2(value)),
    add: (x, y) => code.op(`${type}.add`, x, y),
    sub: (x, y) => code.op(`${type}.sub`, x, y),
    mul: (x, y) => code.op(`${type}.mul`, x, y),
    div: (x, y) => code.op(`${type}.div`, x, y),
    madd: (x, y, z) => code.madd(type, x, y, z),
    float: (name, ...operands) => code.op(`${type}.${name}`, ...operands),
    integer: (name, x, y) => code.op(`${integers}.${name}`, x, y),
    shift: (name, x, count) => code.op(`${integers}.${name}`, x, code.i32(count)),
    and: (x, y) => code.op("v128.and", x, y),
    or: (x, y) => code.op("v128.or", x, y),
    xor: (x, y) => code.op("v128.xor", x, y),
    // With masks of whole lanes the relaxed form is the strict one, in one instruction where the machine blends.
    select: (mask, yes, no) =>
      code.features.relaxed
        ? code.op(`${integers}.relaxed_laneselect`, yes, no, mask)
        : code.op("v128.bitselect", yes, no, mask),
  };
}

/** Up to this number of coefficients Horner's rule, which has the fewest instructions, is the faster. */
const shortPolynomial = 6;

/**
 * Σ cⱼ xʲ, lowest power first. Long sums by Estrin's scheme: neighbours are joined at x, x², x⁴ …, so that instructions
 * wait less for one another. What is added to x² is far below the rounding of a sum of the size of 1, and keeps powers of
 * tiny x from being subnormal numbers, at which processors are slow.
 */
export function polynomial(lanes: Lanes, x: Local, coefficients: readonly number[]): Local {
  const terms = coefficients.map((coefficient) => lanes.constant(coefficient));
  if (terms.length > shortPolynomial) {
    const square = lanes.madd(x, x, lanes.constant(2 ** -(lanes.format.fractionBits + 7)));
    return joinPowers(lanes, square, joinNeighbours(lanes, x, terms));
  }
  return terms.reduceRight((sum, term) => lanes.madd(sum, x, term));
}

function joinPowers(lanes: Lanes, power: Local, terms: readonly Local[]): Local {
  const joined = joinNeighbours(lanes, power, terms);
  return joined.length === 1 ? joined[0]! : joinPowers(lanes, lanes.mul(power, power), joined);
}

/** Terms of a power: half as many of its square. */
function joinNeighbours(lanes: Lanes, power: Local, terms: readonly Local[]): readonly Local[] {
  return terms.flatMap((term, i) => {
    const next = terms[i + 1];
    if (i % 2 !== 0) return [];
    return [next === undefined ? term : lanes.madd(next, power, term)];
  });
}

/** The sign bit of each lane. */
export function signOf(lanes: Lanes, x: Local): Local {
  return lanes.and(x, lanes.constant(-0));
}

/** Runs `then` when any lane of the mask is set; it may `assign`. */
export function whenAny({ code }: Lanes, mask: Local, then: () => void): void {
  when(code, code.op("v128.any_true", mask), then);
}

/** Runs `then` when the condition, an i32, is not 0; what it computes reaches the outside by `assign` alone. */
export function when(code: Code, condition: Local, then: () => void): void {
  code.emit("local.get", condition);
  code.emit("if");
  then();
  code.emit("end");
}

/** Gives a local another value, for use in branches. */
export function assign(code: Code, target: Local, value: Local): void {
  code.emit("local.get", value);
  code.emit("local.set", target);
}

/** A new local with the same value, to be assigned again in a branch. */
export function copyOf(code: Code, value: Local): Local {
  const copy = code.local("v128");
  assign(code, copy, value);
  return copy;
}

/** The bits of a number in a format. */
export function bitsOf(format: Format, value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (format.type === "f64x2") {
    view.setFloat64(0, value);
    return view.getBigInt64(0);
  }
  view.setFloat32(0, value);
  return BigInt(view.getInt32(0));
}
