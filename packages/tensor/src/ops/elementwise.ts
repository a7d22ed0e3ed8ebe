// Builders of elementwise operations. Numbers become constants of the other operand's dtype, and operands of
// different shapes are broadcast here, so that the graph itself only ever has equal shapes.

import type { DType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { elementwise } from "../primitives/elementwise.ts";
import { broadcastShapes, showShape, type Dim, type Shape } from "../shape.ts";
import type { Broadcast, BroadcastOperand, WhereOperand } from "../shape-types.ts";
import { apply, describeOperands, isTensor, type Tensor } from "../tensor.ts";
import { broadcastTo } from "./movement.ts";
import { requireDType, requireOneDType, requireTensors, requireValue } from "./require.ts";
import { scalar } from "./source.ts";

/** A function of each element. */
export type Unary = <S extends Shape>(x: Tensor<S>) => Tensor<S>;

/**
 * A function of two elements, broadcast by numpy's rule; either may be a number.
 * The first overloads serve callers that are generic in their dimensions, the last one says what does not fit.
 */
export interface Binary<Op extends string> {
  <S extends Shape>(x: Tensor<S>, y: Tensor<NoInfer<S>> | Tensor<readonly []> | number): Tensor<S>;
  <S extends Shape>(x: Tensor<readonly []> | number, y: Tensor<S>): Tensor<S>;
  <M extends Dim, N extends Dim>(
    x: Tensor<readonly [M, N]>,
    y: Tensor<readonly [NoInfer<M>, 1]> | Tensor<readonly [1, NoInfer<N>]> | Tensor<readonly [NoInfer<N>]>,
  ): Tensor<readonly [M, N]>;
  <A extends Shape, B extends Shape>(x: Tensor<A>, y: BroadcastOperand<Op, A, B>): Tensor<Broadcast<A, B>>;
}

type Operand = Tensor | number;

function unary(name: keyof typeof elementwise): Unary {
  return (x) => apply(elementwise[name], [x]);
}

function binary<Op extends keyof typeof elementwise>(name: Op): Binary<Op> {
  const build = (x: Operand, y: Operand): Tensor => {
    const [left, right] = broadcastOperands(name, [x, y]);
    return apply(elementwise[name], [left, right]);
  };
  // The overloads give one function several types; type tests hold them to it.
  return build as Binary<Op>;
}

/** A number as a scalar of the other operand's dtype. */
function numberOf(op: string, value: number, dtype: DType): Tensor {
  requireValue(op, value, dtype);
  return scalar(value, dtype);
}

/** The operands as tensors of one shape. @throws ShapeError when they do not broadcast. */
function broadcastOperands(op: string, operands: readonly Operand[], labels = ["left", "right"]): Tensor[] {
  const dtype = operands.find(isTensor)?.dtype ?? "f32";
  const tensors = operands.map((operand) =>
    typeof operand === "number" ? numberOf(op, operand, dtype) : operand,
  );
  let shape: Shape | undefined = [];
  for (const tensor of tensors)
    shape = shape && isTensor(tensor) ? broadcastShapes(shape, tensor.shape) : shape;
  if (shape === undefined) {
    const got = tensors.map((tensor) => showShape(tensor.shape)).join(" with ");
    throw new ShapeError(`${op}: shapes do not broadcast: ${got}`, {
      context: describeOperands(labels, tensors),
    });
  }
  const common = shape;
  return tensors.map((tensor) => (isTensor(tensor) ? broadcastTo(tensor, common) : tensor));
}

/** -x. */
export const neg: Unary = unary("neg");
/** |x|, with derivative 0 at 0; the smallest `i32` stays as it is. */
export const abs: Unary = unary("abs");
/** -1, 0 or 1; NaN for NaN. */
export const sign: Unary = unary("sign");
/** eˣ. */
export const exp: Unary = unary("exp");
/** eˣ - 1, exact for small x. */
export const expm1: Unary = unary("expm1");
/** The natural logarithm. */
export const log: Unary = unary("log");
/** log(1 + x), exact for small x. */
export const log1p: Unary = unary("log1p");
/** √x. */
export const sqrt: Unary = unary("sqrt");
/** 1/√x. */
export const rsqrt: Unary = unary("rsqrt");
/** The sine of an angle in radians. */
export const sin: Unary = unary("sin");
/** The cosine of an angle in radians. */
export const cos: Unary = unary("cos");
/** The tangent of an angle in radians. */
export const tan: Unary = unary("tan");
/** The angle in [-π/2, π/2] whose sine is x. */
export const asin: Unary = unary("asin");
/** The angle in [0, π] whose cosine is x. */
export const acos: Unary = unary("acos");
/** The angle in (-π/2, π/2) whose tangent is x. */
export const atan: Unary = unary("atan");
/** The hyperbolic sine. */
export const sinh: Unary = unary("sinh");
/** The hyperbolic cosine. */
export const cosh: Unary = unary("cosh");
/** The hyperbolic tangent. */
export const tanh: Unary = unary("tanh");
/** 1/(1 + e⁻ˣ), finite for every x. */
export const sigmoid: Unary = unary("sigmoid");
/** The error function 2/√π ∫₀ˣ e^(-t²) dt. */
export const erf: Unary = unary("erf");
/** The largest whole number that is not above x; derivative 0. */
export const floor: Unary = unary("floor");
/** The smallest whole number that is not below x; derivative 0. */
export const ceil: Unary = unary("ceil");
/** The nearest whole number, halves to the even one; derivative 0. */
export const round: Unary = unary("round");
/** Whether x is neither infinite nor NaN. */
export const isFinite: Unary = unary("isFinite");

/** x + y; integers keep their low 32 bits, here and in `sub`, `mul`, `neg`, `sum` and `prod`. */
export const add: Binary<"add"> = binary("add");
/** x - y. */
export const sub: Binary<"sub"> = binary("sub");
/** x · y, element by element. */
export const mul: Binary<"mul"> = binary("mul");
/** x / y; integers truncate towards zero, and give 0 where y is 0. */
export const div: Binary<"div"> = binary("div");
/** The remainder of x / y with the sign of x; integers give 0 where y is 0. */
export const rem: Binary<"rem"> = binary("rem");
/** xʸ; 1 to any power is 1, and so is anything to the power 0, also where the other is NaN. */
export const pow: Binary<"pow"> = binary("pow");
/** The larger element; NaN if either is; 0 is above -0; ties share the derivative. */
export const maximum: Binary<"maximum"> = binary("maximum");
/** The smaller element; NaN if either is; -0 is below 0; ties share the derivative. */
export const minimum: Binary<"minimum"> = binary("minimum");
/** The angle in (-π, π] of the point (y, x), given y first. */
export const atan2: Binary<"atan2"> = binary("atan2");
/** x = y, as `bool`. */
export const equal: Binary<"equal"> = binary("equal");
/** x ≠ y, as `bool`. */
export const notEqual: Binary<"notEqual"> = binary("notEqual");
/** x < y, as `bool`. */
export const less: Binary<"less"> = binary("less");
/** x ≤ y, as `bool`. */
export const lessEqual: Binary<"lessEqual"> = binary("lessEqual");
/** x > y, as `bool`. */
export const greater: Binary<"greater"> = binary("greater");
/** x ≥ y, as `bool`. */
export const greaterEqual: Binary<"greaterEqual"> = binary("greaterEqual");
/** Both hold; on integers, bit by bit. */
export const and: Binary<"and"> = binary("and");
/** Either holds; on integers, bit by bit. */
export const or: Binary<"or"> = binary("or");
/** Just one holds; on integers, bit by bit. */
export const xor: Binary<"xor"> = binary("xor");
/** Does not hold; on integers, every bit flipped. */
export const not: Unary = unary("not");

/** `x` where the condition holds and `y` elsewhere, all three broadcast together. */
export function where<S extends Shape>(
  condition: Tensor<S>,
  x: Tensor<NoInfer<S>> | Tensor<readonly []> | number,
  y: Tensor<NoInfer<S>> | Tensor<readonly []> | number,
): Tensor<S>;
export function where<C extends Shape, A extends Shape = readonly [], B extends Shape = readonly []>(
  condition: Tensor<C>,
  x: WhereOperand<C, A, B, A> | number,
  y: WhereOperand<C, A, B, B> | number,
): Tensor<Broadcast<Broadcast<C, A>, B>>;
export function where(condition: Tensor, x: Tensor | number, y: Tensor | number): Tensor {
  const dtype = isTensor(x) ? x.dtype : isTensor(y) ? y.dtype : "f32";
  const branches = [x, y].map((branch) =>
    typeof branch === "number" ? numberOf("where", branch, dtype) : branch,
  );
  requireTensors("where", [condition, ...branches]);
  const labels = ["condition", "x", "y"];
  if (condition.dtype !== "bool") {
    throw new ShapeError(`where: the condition must be bool, got ${condition.dtype}`, {
      context: describeOperands(labels, [condition, ...branches]),
      help: 'cast(condition, "bool"), or a comparison such as greater(x, 0)',
    });
  }
  requireOneDType("where", ["x", "y"], branches);
  return apply(elementwise.select, broadcastOperands("where", [condition, ...branches], labels));
}

/**
 * `x` in another dtype: floats to integers truncate and saturate, NaN gives 0; integers to integers keep the low
 * 32 bits; anything but 0 is true.
 */
export function cast<S extends Shape>(x: Tensor<S>, dtype: DType): Tensor<S> {
  requireDType("cast", dtype);
  requireTensors("cast", [x]);
  return x.dtype === dtype ? x : apply<S>(elementwise.cast, [x], Object.freeze({ dtype }));
}
