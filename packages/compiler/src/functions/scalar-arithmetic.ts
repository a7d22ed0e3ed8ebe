// Library functions on integers of 64 bits: the upper half of a product, and the remainder of doubles bit by bit.
// A remainder shifts the dividend by 11 bits a turn, which is what 64 bits have left beside a fraction of 53.

import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";

import type { WasmFunction } from "../wasm/module.ts";
import { assign } from "./lanes.ts";

/** A constant of type i64, of at most 53 bits. */
export function i64(code: Code, value: number): Local {
  const local = code.local("i64");
  code.emit("i64.const", value);
  code.emit("local.set", local);
  return local;
}

/** The upper 64 bits of the product of two unsigned integers. */
export function multiplyHigh(features: Features): WasmFunction {
  const signature = { parameters: ["i64", "i64"], results: ["i64"] } as const;
  return writeFunction("lib.multiplyHigh", signature, features, (code) => {
    const [x, y] = code.parameters as [Local, Local];
    const [word, mask] = [i64(code, 32), i64(code, 0xffff_ffff)];
    const upper = (value: Local): Local => code.op("i64.shr_u", value, word);
    const lower = (value: Local): Local => code.op("i64.and", value, mask);
    const times = (left: Local, right: Local): Local => code.op("i64.mul", left, right);
    const plus = (left: Local, right: Local): Local => code.op("i64.add", left, right);
    // Schoolbook multiplication of two digits of 32 bits; no sum exceeds 64 bits.
    const first = plus(times(upper(x), lower(y)), upper(times(lower(x), lower(y))));
    const second = plus(times(lower(x), upper(y)), lower(first));
    const result = plus(times(upper(x), upper(y)), plus(upper(first), upper(second)));
    code.emit("local.get", result);
  });
}

const hiddenBit = 2 ** 52;

/** The bits of a positive double as an integer and the exponent of its last bit, biased so that the least is 1. */
function parts(code: Code, size: Local): { readonly fraction: Local; readonly exponent: Local } {
  const bits = code.op("i64.reinterpret_f64", size);
  const stored = code.op("i64.shr_u", bits, i64(code, 52));
  const subnormal = code.op("i64.eqz", stored);
  const fraction = code.op("i64.and", bits, i64(code, hiddenBit - 1));
  const normal = code.op("i64.or", fraction, i64(code, hiddenBit));
  return {
    fraction: choose(code, subnormal, [fraction, normal]),
    exponent: choose(code, subnormal, [i64(code, 1), stored]),
  };
}

/** The first where the condition holds, else the second; of type i64. */
function choose(code: Code, condition: Local, [yes, no]: readonly [Local, Local]): Local {
  const result = code.local("i64");
  for (const operand of [yes, no, condition]) code.emit("local.get", operand);
  code.emit("select");
  code.emit("local.set", result);
  return result;
}

/** Returns a result early where the condition holds. */
function returnWhen(code: Code, condition: Local, result: Local): void {
  code.emit("local.get", condition);
  code.emit("if");
  code.emit("local.get", result);
  code.emit("return");
  code.emit("end");
}

/** The remainder of doubles by division of their fractions; see `rem`. */
export function remainder(features: Features): WasmFunction {
  const signature = { parameters: ["f64", "f64"], results: ["f64"] } as const;
  return writeFunction("lib.remainder", signature, features, (code) => {
    const [x, y] = code.parameters as [Local, Local];
    const [sizeX, sizeY] = [code.op("f64.abs", x), code.op("f64.abs", y)];
    const infinity = code.f64(Number.POSITIVE_INFINITY);
    const ordered = code.op(
      "i32.and",
      code.op("f64.lt", sizeX, infinity),
      code.op("f64.gt", sizeY, code.f64(0)),
    );
    returnWhen(code, code.op("i32.eqz", ordered), code.f64(Number.NaN));
    returnWhen(code, code.op("f64.lt", sizeX, sizeY), x);
    const [dividend, divisor] = [parts(code, sizeX), parts(code, sizeY)];
    const rest = code.op("i64.rem_u", dividend.fraction, divisor.fraction);
    const left = code.op("i64.sub", dividend.exponent, divisor.exponent);
    shiftAndDivide(code, { rest, left, divisor: divisor.fraction });
    const size = fromParts(code, rest, divisor.exponent);
    code.emit("local.get", code.op("f64.copysign", size, x));
  });
}

/** rest ← rest · 2^left modulo the divisor. */
function shiftAndDivide(
  code: Code,
  { rest, left, divisor }: { readonly rest: Local; readonly left: Local; readonly divisor: Local },
): void {
  const most = i64(code, 11);
  code.emit("block");
  code.emit("loop");
  code.emit("local.get", code.op("i64.eqz", left));
  code.emit("br_if", 1);
  const step = choose(code, code.op("i64.lt_u", left, most), [left, most]);
  assign(code, rest, code.op("i64.rem_u", code.op("i64.shl", rest, step), divisor));
  assign(code, left, code.op("i64.sub", left, step));
  code.emit("br", 0);
  code.emit("end");
  code.emit("end");
}

/** fraction · 2^(exponent - 1075), which is exact: the power in two parts, each a normal number. */
function fromParts(code: Code, fraction: Local, exponent: Local): Local {
  const smallest = code.op("f64.mul", code.op("f64.convert_i64_u", fraction), code.f64(2 ** -1074));
  const more = code.op("i64.sub", exponent, i64(code, 1));
  const half = code.op("i64.shr_u", more, i64(code, 1));
  const powers = [half, code.op("i64.sub", more, half)].map((power) => powerOfTwo(code, "i64.add", power));
  return powers.reduce((product, power) => code.op("f64.mul", product, power), smallest);
}

/** 2^n or 2^-n as a double, where that is normal. */
export function powerOfTwo(code: Code, sign: "i64.add" | "i64.sub", n: Local): Local {
  const biased = code.op(sign, i64(code, 1023), n);
  return code.op("f64.reinterpret_i64", code.op("i64.shl", biased, i64(code, 52)));
}
