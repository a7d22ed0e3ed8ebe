// Library functions that reduce a huge angle modulo π/2 (Payne and Hanek 1983): of 2/π only the 192 bits count that
// are left when whole turns are dropped, and their product with the 53 bits of x is exact to 2^-138 of a quadrant.
// The least distance of a double from a multiple of π/2 is about 2^-61, so 77 bits of the remainder are right.

import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { product } from "./double-double.ts";
import { binary64, lanesOf } from "./lanes.ts";
import { i64, powerOfTwo } from "./scalar-arithmetic.ts";

/** 2/π in words of 32 bits, the first after the binary point. */
const words: readonly number[] = [
  0xa2f9_836e, 0x4e44_1529, 0xfc27_57d1, 0xf534_ddc0, 0xdb62_9599, 0x3c43_9041, 0xfe51_63ab, 0xdebb_c561,
  0xb724_6e3a, 0x424d_d2e0, 0x0649_2eea, 0x09d1_921c, 0xfe1d_eb1c, 0xb129_a73e, 0xe882_35f5, 0x2ebb_4484,
  0xe99c_7026, 0xb45f_7e41, 0x3991_d639, 0x8353_39f4, 0x9c84_5f8b, 0xbdf9_283b, 0x1ff8_97ff, 0xde05_980f,
  0xef2f_118b, 0x5a0a_6d1f, 0x6d36_7ecf, 0x27cb_09b7, 0x4f46_3f66, 0x9e5f_ea2d, 0x7527_bac7, 0xebe5_f17b,
  0x3d07_39f7, 0x8a52_92ea, 0x6bfb_5fb1, 0x1f8d_5d08, 0x5603_3046, 0xfc7b_6bab, 0xf0cf_bc20, 0x9af4_361d,
];

/** The functions that read 2/π. */
export function twoOverPi(features: Features): readonly WasmFunction[] {
  const word = { parameters: ["i32"], results: ["i64"] } as const;
  return [
    writeFunction("lib.twoOverPiWord", word, features, writeWord),
    writeFunction("lib.twoOverPiBits", word, features, writeBits),
  ];
}

/** The word of an index; 0 for every other index. */
function writeWord(code: Code): void {
  code.emit("block");
  for (const _ of words) code.emit("block");
  code.emit("local.get", 0);
  code.emit("br_table", [...words.keys(), words.length]);
  for (const value of words) {
    code.emit("end");
    code.emit("i64.const", value);
    code.emit("return");
  }
  code.emit("end");
  code.emit("i64.const", 0);
}

/** 64 bits from a position on; before the first there are zeros. */
function writeBits(code: Code): void {
  const [position] = code.parameters as [Local];
  const index = code.op("i32.shr_s", position, code.i32(5));
  const shift = code.op("i64.extend_i32_u", code.op("i32.and", position, code.i32(31)));
  const word = (offset: number): Local => {
    code.emit("local.get", code.op("i32.add", index, code.i32(offset)));
    code.emit("call", "lib.twoOverPiWord");
    const value = code.local("i64");
    code.emit("local.set", value);
    return value;
  };
  const upper = code.op(
    "i64.shl",
    code.op("i64.or", code.op("i64.shl", word(0), i64(code, 32)), word(1)),
    shift,
  );
  const lower = code.op("i64.shr_u", word(2), code.op("i64.sub", i64(code, 32), shift));
  code.emit("local.get", code.op("i64.or", upper, lower));
}

/**
 * (x: f64) → (high: f64, low: f64, n: i64) with x = n π/2 + high + low modulo 2π, for |x| ≥ 2^20; NaN for what is not
 * finite.
 */
export function reduceAngle(features: Features): WasmFunction {
  const signature = { parameters: ["f64"], results: ["f64", "f64", "i64"] } as const;
  return writeFunction("lib.reduceAngle", signature, features, (code) => {
    const [x] = code.parameters as [Local];
    const bits = code.op("i64.reinterpret_f64", code.op("f64.abs", x));
    const exponent = code.op("i64.shr_u", bits, i64(code, 52));
    returnNotFinite(code, exponent);
    const fraction = code.op("i64.or", code.op("i64.and", bits, i64(code, 2 ** 52 - 1)), i64(code, 2 ** 52));
    // x = fraction · 2^(exponent - 1075); bits of 2/π that make whole turns of four quadrants are left out.
    const position = code.op("i32.sub", code.op("i32.wrap_i64", exponent), code.i32(1077));
    const turn = fractionOfTurn(code, fraction, position);
    const { quadrant, high, low, sign } = nearestQuadrant(code, turn);
    const [first, second] = toAngle(code, high, low);
    const negative = code.op("f64.copysign", code.f64(1), x);
    const signOfRest = code.op("f64.mul", negative, sign);
    code.emit("local.get", code.op("f64.mul", first, signOfRest));
    code.emit("local.get", code.op("f64.mul", second, signOfRest));
    code.emit("local.get", code.op("i64.mul", quadrant, code.op("i64.trunc_sat_f64_s", negative)));
  });
}

function returnNotFinite(code: Code, exponent: Local): void {
  code.emit("local.get", code.op("i64.eq", exponent, i64(code, 0x7ff)));
  code.emit("if");
  code.emit("f64.const", Number.NaN);
  code.emit("f64.const", Number.NaN);
  code.emit("i64.const", 0);
  code.emit("return");
  code.emit("end");
}

/** The upper 128 bits of the fraction of x / 2π, as two words. */
function fractionOfTurn(code: Code, fraction: Local, position: Local): readonly [Local, Local] {
  const window = [0, 64, 128].map((offset) => {
    code.emit("local.get", code.op("i32.add", position, code.i32(offset)));
    return called(code, "lib.twoOverPiBits");
  });
  const [first, second, third] = window as [Local, Local, Local];
  const lower = (word: Local): Local => code.op("i64.mul", fraction, word);
  const upper = (word: Local): Local => {
    code.emit("local.get", fraction);
    code.emit("local.get", word);
    return called(code, "lib.multiplyHigh");
  };
  const middle = lower(second);
  const sum = code.op("i64.add", middle, upper(third));
  const carry = code.op("i64.extend_i32_u", code.op("i64.lt_u", sum, middle));
  const top = code.op("i64.add", code.op("i64.add", lower(first), upper(second)), carry);
  return [top, sum];
}

/** The result of a call whose arguments are on the stack. */
function called(code: Code, name: string): Local {
  const result = code.local("i64");
  code.emit("call", name);
  code.emit("local.set", result);
  return result;
}

interface Nearest {
  readonly quadrant: Local;
  /** The distance from the quadrant, in quadrants: 127 bits after the point, with its sign apart, ±1. */
  readonly high: Local;
  readonly low: Local;
  readonly sign: Local;
}

function nearestQuadrant(code: Code, [top, next]: readonly [Local, Local]): Nearest {
  const rounded = code.op("i64.add", top, powerOf(code, 61));
  const quadrant = code.op("i64.shr_u", rounded, i64(code, 62));
  const two = i64(code, 2);
  const carried = code.op("i64.shr_u", next, i64(code, 62));
  const high = code.op("i64.or", code.op("i64.shl", top, two), carried);
  const low = code.op("i64.shl", next, two);
  // The complement instead of the negative: it differs in the last of 128 bits.
  const flip = code.op("i64.shr_s", high, i64(code, 63));
  const sign = code.op("f64.convert_i64_s", code.op("i64.or", flip, i64(code, 1)));
  return { quadrant, high: code.op("i64.xor", high, flip), low: code.op("i64.xor", low, flip), sign };
}

/** 2^n. */
function powerOf(code: Code, n: number): Local {
  return code.op("i64.shl", i64(code, 1), i64(code, n));
}

/** The distance in radians, as a pair of doubles. */
function toAngle(code: Code, high: Local, low: Local): readonly [Local, Local] {
  const zeros = code.op("i64.clz", high);
  const rest = code.op("i64.sub", i64(code, 64), zeros);
  const top = code.op("i64.or", code.op("i64.shl", high, zeros), code.op("i64.shr_u", low, rest));
  const next = code.op("i64.shl", low, zeros);
  const eleven = i64(code, 11);
  // The first 53 bits and the 53 after them.
  const last = code.op("i64.shr_u", code.op("i64.shl", top, i64(code, 53)), eleven);
  const second = code.op("i64.or", last, code.op("i64.shr_u", next, i64(code, 22)));
  const scale = powerOfTwo(code, "i64.sub", zeros);
  const scaled = (bits: Local, exponent: number): Local =>
    code.op(
      "f64.mul",
      code.op("f64.mul", code.op("f64.convert_i64_u", bits), code.f64(2 ** exponent)),
      scale,
    );
  const [x, y] = [scaled(code.op("i64.shr_u", top, eleven), -53), scaled(second, -106)];
  const lanes = lanesOf(code, binary64);
  const vector = (value: Local): Local => code.op("f64x2.splat", value);
  const exact = product(lanes, vector(x), lanes.constant(Math.PI / 2));
  const crossed = lanes.madd(vector(x), lanes.constant(6.123233995736766e-17), exact.low);
  const tail = lanes.madd(vector(y), lanes.constant(Math.PI / 2), crossed);
  return [exact.high, tail].map((value) => code.opWith("f64x2.extract_lane", [0], value)) as [Local, Local];
}
