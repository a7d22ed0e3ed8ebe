// What folds begin with, how they combine two vectors, and how the lanes of one become one value.

import type { DType } from "@wengert/tensor";
import type { ReducePrimitive } from "../kernel.ts";
import type { Code, Local } from "../wasm/code.ts";
import { arithmetic, type ArithmeticContext, type ElementwiseName, type Lanes } from "./arithmetic.ts";

const combiners: Readonly<Record<ReducePrimitive, ElementwiseName>> = {
  sum: "add",
  prod: "mul",
  max: "maximum",
  min: "minimum",
  any: "or",
  all: "and",
};

/** What a fold over nothing gives, in every lane. */
export function foldStart(code: Code, primitive: ReducePrimitive, dtype: DType): Local {
  const constant = (value: number): Local => {
    if (dtype === "f32") return code.f32x4(value);
    return dtype === "f64" ? code.f64x2(value) : code.i32x4(value);
  };
  const float = dtype === "f32" || dtype === "f64";
  switch (primitive) {
    case "sum":
    case "any":
      return constant(0);
    case "prod":
      return constant(1);
    case "all":
      return code.i32x4(-1);
    case "max":
      return constant(float ? Number.NEGATIVE_INFINITY : dtype === "i32" ? -2147483648 : 0);
    case "min":
      return constant(float ? Number.POSITIVE_INFINITY : dtype === "i32" ? 2147483647 : -1);
  }
}

/** Two partial results as one. */
export function combine(
  primitive: ReducePrimitive,
  context: Omit<ArithmeticContext, "result">,
  x: Local,
  y: Local,
): Local {
  return arithmetic[combiners[primitive]]({ ...context, result: context.operand }, x, y);
}

/** All lanes folded, and the result in every lane. */
export function foldLanes(
  code: Code,
  primitive: ReducePrimitive,
  { dtype, lanes }: { readonly dtype: DType; readonly lanes: Lanes },
  value: Local,
): Local {
  const context = { code, lanes, operand: dtype };
  const swapped = (vector: Local, words: readonly number[]): Local => {
    const bytes = words.flatMap((word) => [4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3]);
    return code.opWith("i8x16.shuffle", bytes, vector, vector);
  };
  const wide = lanes === 2 && (dtype === "f64" || dtype === "bool");
  if (wide) return combine(primitive, context, value, swapped(value, [2, 3, 0, 1]));
  const pairs = combine(primitive, context, value, swapped(value, [1, 0, 3, 2]));
  return lanes === 2 ? pairs : combine(primitive, context, pairs, swapped(pairs, [2, 3, 0, 1]));
}

/** The first lane of a value; what a fold begins with in the others. */
export function firstLaneOr(
  code: Code,
  lanes: Lanes,
  { dtype, value, start }: { readonly dtype: DType; readonly value: Local; readonly start: Local },
): Local {
  const wide = lanes === 2 && (dtype === "f64" || dtype === "bool");
  const mask = wide ? code.i32x4(-1, -1, 0, 0) : code.i32x4(-1, 0, 0, 0);
  return code.op("v128.bitselect", value, start, mask);
}
