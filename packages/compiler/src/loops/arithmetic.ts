// Elementwise primitives as vector code, total over the family. A value is a v128: four lanes of 32 bits, or two of
// 64 where the kernel touches f64 (32-bit values then stand in the two low lanes). A truth value is a mask of the
// kernel's lane width: all bits or none.

import { isFloat, type DType, type PrimitiveFamilies } from "@wengert/tensor";
import { vectorFunctions, type VectorFunctionName } from "../functions/index.ts";
import type { Code, Local } from "../wasm/code.ts";
import type { InstructionName } from "../wasm/instructions.ts";

/** Lanes of a vector in one kernel: 2 where it touches f64, else 4. */
export type Lanes = 2 | 4;

/** What an elementwise operation is written for. */
export interface ArithmeticContext {
  readonly code: Code;
  readonly lanes: Lanes;
  /** The dtype of the operands (for `select`, of the values). */
  readonly operand: DType;
  readonly result: DType;
}

/** Writes an operation on vectors. */
export type Arithmetic = (context: ArithmeticContext, ...operands: readonly Local[]) => Local;

/** The elementwise primitives. */
export type ElementwiseName = PrimitiveFamilies["elementwise"];

type Pick4 = Readonly<Record<"f32" | "f64" | "i32" | "u32", InstructionName>>;

/** The same operation in the four number types. */
function numeric(ofFloats: string, signed: string, unsigned = signed): Pick4 {
  return {
    f32: `f32x4.${ofFloats}` as InstructionName,
    f64: `f64x2.${ofFloats}` as InstructionName,
    i32: `i32x4.${signed}` as InstructionName,
    u32: `i32x4.${unsigned}` as InstructionName,
  };
}

const tables = {
  neg: numeric("neg", "neg"),
  add: numeric("add", "add"),
  sub: numeric("sub", "sub"),
  mul: numeric("mul", "mul"),
  maximum: numeric("max", "max_s", "max_u"),
  minimum: numeric("min", "min_s", "min_u"),
  equal: numeric("eq", "eq"),
  notEqual: numeric("ne", "ne"),
  less: numeric("lt", "lt_s", "lt_u"),
  lessEqual: numeric("le", "le_s", "le_u"),
  greater: numeric("gt", "gt_s", "gt_u"),
  greaterEqual: numeric("ge", "ge_s", "ge_u"),
} as const;

function byTable(table: Pick4): Arithmetic {
  return ({ code, operand }, ...operands) => code.op(table[operand as keyof Pick4], ...operands);
}

function float(name: string): Arithmetic {
  return ({ code, operand }, ...operands) =>
    code.op(`${operand === "f32" ? "f32x4" : "f64x2"}.${name}` as InstructionName, ...operands);
}

function transcendental(name: VectorFunctionName): Arithmetic {
  return ({ code, operand }, ...operands) =>
    vectorFunctions[name][operand as "f32" | "f64"](code, ...operands);
}

/** A 32-bit mask as a mask of the kernel's lane width. */
function widenMask({ code, lanes }: ArithmeticContext, mask: Local, from: DType): Local {
  return lanes === 2 && from !== "f64" ? code.op("i64x2.extend_low_i32x4_s", mask) : mask;
}

/** A mask of the kernel's lane width for values of a dtype. */
function maskFor({ code, lanes }: Pick<ArithmeticContext, "code" | "lanes">, mask: Local, to: DType): Local {
  if (lanes === 4 || to === "f64" || to === "bool") return mask;
  return code.opWith("i8x16.shuffle", [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11], mask, mask);
}

function comparison(table: Pick4, ofMasks: (code: Code, x: Local, y: Local) => Local): Arithmetic {
  return (context, x, y) => {
    const { code, operand } = context;
    if (operand === "bool") return ofMasks(code, x, y);
    return widenMask(context, code.op(table[operand], x, y), operand);
  };
}

/** The lanes of integers one by one, where vectors have no such operation. */
function byLane(write: (code: Code, x: Local, y: Local, signed: boolean) => Local): Arithmetic {
  return ({ code, lanes, operand }, x, y) => {
    let result = code.i32x4(0);
    for (let lane = 0; lane < lanes; lane++) {
      const a = code.opWith("i32x4.extract_lane", [lane], x);
      const b = code.opWith("i32x4.extract_lane", [lane], y);
      result = code.opWith("i32x4.replace_lane", [lane], result, write(code, a, b, operand === "i32"));
    }
    return result;
  };
}

/** A zero divisor gives 0; the one overflow, of the least number by -1, wraps. */
function divideLane(code: Code, x: Local, y: Local, signed: boolean): Local {
  const result = code.local("i32");
  const choose = (condition: () => void, value: () => void, otherwise: () => void): void => {
    condition();
    code.emit("if", "i32");
    value();
    code.emit("else");
    otherwise();
    code.emit("end");
  };
  const get = (local: Local): void => code.emit("local.get", local);
  const quotient = (): void => {
    get(x);
    get(y);
    code.emit(signed ? "i32.div_s" : "i32.div_u");
  };
  const negated = (): void => {
    code.emit("i32.const", 0);
    get(x);
    code.emit("i32.sub");
  };
  const isMinusOne = (): void => {
    get(y);
    code.emit("i32.const", -1);
    code.emit("i32.eq");
  };
  choose(
    () => {
      get(y);
      code.emit("i32.eqz");
    },
    () => code.emit("i32.const", 0),
    () => (signed ? choose(isMinusOne, negated, quotient) : quotient()),
  );
  code.emit("local.set", result);
  return result;
}

function remainderLane(code: Code, x: Local, y: Local, signed: boolean): Local {
  const result = code.local("i32");
  code.emit("local.get", y);
  code.emit("i32.eqz");
  code.emit("if", "i32");
  code.emit("i32.const", 0);
  code.emit("else");
  code.emit("local.get", x);
  code.emit("local.get", y);
  code.emit(signed ? "i32.rem_s" : "i32.rem_u");
  code.emit("end");
  code.emit("local.set", result);
  return result;
}

/** One in every lane of a dtype. */
function splat(code: Code, dtype: DType, value: number): Local {
  if (dtype === "f32") return code.f32x4(value);
  return dtype === "f64" ? code.f64x2(value) : code.i32x4(value);
}

const sign: Arithmetic = ({ code, operand }, x) => {
  const zero = splat(code, operand, 0);
  if (operand === "u32") return code.op("v128.and", code.op("i32x4.ne", x, zero), code.i32x4(1));
  const above = code.op(tables.greater[operand as keyof Pick4], x, zero);
  const below = code.op(tables.less[operand as keyof Pick4], x, zero);
  if (operand === "i32") return code.op("i32x4.sub", below, above);
  const low = code.op("v128.bitselect", splat(code, operand, -1), x, below);
  return code.op("v128.bitselect", splat(code, operand, 1), low, above);
};

const abs: Arithmetic = ({ code, operand }, x) => {
  if (operand === "u32") return x;
  return code.op(operand === "i32" ? "i32x4.abs" : operand === "f32" ? "f32x4.abs" : "f64x2.abs", x);
};

const isFinite: Arithmetic = (context, x) => {
  const { code, operand } = context;
  const type = operand === "f32" ? "f32x4" : "f64x2";
  const below = code.op(
    `${type}.lt`,
    code.op(`${type}.abs`, x),
    splat(code, operand, Number.POSITIVE_INFINITY),
  );
  return widenMask(context, below, operand);
};

const select: Arithmetic = (context, condition, x, y) =>
  context.code.op("v128.bitselect", x, y, maskFor(context, condition, context.result));

const cast: Arithmetic = (context, x) => {
  const { code, operand, result } = context;
  if (operand === result) return x;
  if (operand === "bool") {
    if (result === "f64") return code.op("v128.and", x, code.f64x2(1));
    return code.op("v128.and", maskFor(context, x, result), splat(code, result, 1));
  }
  if (result === "bool") {
    const table = tables.notEqual[operand];
    return widenMask(context, code.op(table, x, splat(code, operand, 0)), operand);
  }
  const name = conversions[operand][result];
  return name === undefined ? x : code.op(name, x);
};

type Number4 = Exclude<DType, "bool">;

/** How numbers become numbers of another type; undefined where the bits stay. */
const conversions: Readonly<Record<Number4, Readonly<Record<Number4, InstructionName | undefined>>>> = {
  f32: {
    f32: undefined,
    f64: "f64x2.promote_low_f32x4",
    i32: "i32x4.trunc_sat_f32x4_s",
    u32: "i32x4.trunc_sat_f32x4_u",
  },
  f64: {
    f32: "f32x4.demote_f64x2_zero",
    f64: undefined,
    i32: "i32x4.trunc_sat_f64x2_s_zero",
    u32: "i32x4.trunc_sat_f64x2_u_zero",
  },
  i32: { f32: "f32x4.convert_i32x4_s", f64: "f64x2.convert_low_i32x4_s", i32: undefined, u32: undefined },
  u32: { f32: "f32x4.convert_i32x4_u", f64: "f64x2.convert_low_i32x4_u", i32: undefined, u32: undefined },
};

function either(ofFloats: Arithmetic, ofIntegers: Arithmetic): Arithmetic {
  return (context, ...operands) => (isFloat(context.operand) ? ofFloats : ofIntegers)(context, ...operands);
}

function bits(name: "v128.and" | "v128.or" | "v128.xor" | "v128.not"): Arithmetic {
  return ({ code }, ...operands) => code.op(name, ...operands);
}

/** Every elementwise primitive as vector code. */
export const arithmetic: Readonly<Record<ElementwiseName, Arithmetic>> = {
  neg: byTable(tables.neg),
  abs,
  sign,
  exp: transcendental("exp"),
  expm1: transcendental("expm1"),
  log: transcendental("log"),
  log1p: transcendental("log1p"),
  sqrt: float("sqrt"),
  rsqrt: transcendental("rsqrt"),
  sin: transcendental("sin"),
  cos: transcendental("cos"),
  tan: transcendental("tan"),
  asin: transcendental("asin"),
  acos: transcendental("acos"),
  atan: transcendental("atan"),
  sinh: transcendental("sinh"),
  cosh: transcendental("cosh"),
  tanh: transcendental("tanh"),
  sigmoid: transcendental("sigmoid"),
  erf: transcendental("erf"),
  floor: float("floor"),
  ceil: float("ceil"),
  round: float("nearest"),
  isFinite,
  add: byTable(tables.add),
  sub: byTable(tables.sub),
  mul: byTable(tables.mul),
  div: either(float("div"), byLane(divideLane)),
  rem: either(transcendental("rem"), byLane(remainderLane)),
  pow: transcendental("pow"),
  maximum: byTable(tables.maximum),
  minimum: byTable(tables.minimum),
  atan2: transcendental("atan2"),
  equal: comparison(tables.equal, (code, x, y) => code.op("v128.not", code.op("v128.xor", x, y))),
  notEqual: comparison(tables.notEqual, (code, x, y) => code.op("v128.xor", x, y)),
  less: comparison(tables.less, (code, x, y) => code.op("v128.andnot", y, x)),
  lessEqual: comparison(tables.lessEqual, (code, x, y) => code.op("v128.or", y, code.op("v128.not", x))),
  greater: comparison(tables.greater, (code, x, y) => code.op("v128.andnot", x, y)),
  greaterEqual: comparison(tables.greaterEqual, (code, x, y) =>
    code.op("v128.or", x, code.op("v128.not", y)),
  ),
  and: bits("v128.and"),
  or: bits("v128.or"),
  xor: bits("v128.xor"),
  not: bits("v128.not"),
  select,
  cast,
};
