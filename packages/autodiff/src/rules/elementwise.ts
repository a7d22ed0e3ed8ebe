// Derivatives of elementwise primitives. At kinks: abs'(0) = 0, and equal operands of maximum and minimum
// share the derivative in halves.

import {
  add,
  and,
  cast,
  cos,
  cosh,
  div,
  equal,
  exp,
  greater,
  isFloat,
  less,
  log,
  mul,
  neg,
  pow,
  round,
  sign,
  sin,
  sinh,
  sqrt,
  sub,
  where,
  type Tensor,
} from "@wengert/tensor";
import { elementwise, linear, zeroDerivative, type Rule, type RuleFamily } from "../rule.ts";

/** x², without a power. */
function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** √(1 - x²), exact near ±1. */
function complement(x: Tensor): Tensor {
  return sqrt(mul(sub(1, x), add(1, x)));
}

/** g where the operand wins, half of it where both are equal. */
function share(g: Tensor, wins: Tensor, x: Tensor, y: Tensor): Tensor {
  return where(wins, g, where(equal(x, y), mul(g, 0.5), 0));
}

// d x^y / dx = y x^(y - 1), which is 0 at y = 0 whatever x, also at x = 0 where the power is infinite.
function powerInBase(g: Tensor, x: Tensor, y: Tensor): Tensor {
  const corner = and(equal(x, 0), equal(y, 0));
  return mul(g, where(corner, 0, mul(y, pow(x, where(corner, 1, sub(y, 1))))));
}

// d x^y / dy = x^y log x, and 0 where the base is 0.
function powerInExponent(g: Tensor, x: Tensor, out: Tensor): Tensor {
  return mul(g, mul(out, log(where(equal(x, 0), 1, x))));
}

const castRule: Rule = {
  // From an integer it carries in name only, so that an index on the path is reported and not lost.
  carries: (out, index) => isFloat(out.dtype) && index === 0,
  jvp: (out, [t]) => (t === undefined || !isFloat(out.dtype) ? undefined : cast(t, out.dtype)),
  vjp: (out, ct) => out.inputs.map((x) => (isFloat(x.dtype) ? cast(ct, x.dtype) : undefined)),
};

/** A row for each elementwise primitive. */
export const elementwiseRules: RuleFamily<"elementwise"> = {
  neg: linear((ct) => neg(ct)),
  abs: elementwise((g, { x }) => mul(g, sign(x))),
  sign: zeroDerivative,
  exp: elementwise((g, { out }) => mul(g, out)),
  expm1: elementwise((g, { x }) => mul(g, exp(x))),
  log: elementwise((g, { x }) => div(g, x)),
  log1p: elementwise((g, { x }) => div(g, add(x, 1))),
  sqrt: elementwise((g, { out }) => div(mul(g, 0.5), out)),
  // d x^(-1/2) = -½ x^(-1/2) / x
  rsqrt: elementwise((g, { x, out }) => mul(g, div(mul(out, -0.5), x))),
  sin: elementwise((g, { x }) => mul(g, cos(x))),
  cos: elementwise((g, { x }) => neg(mul(g, sin(x)))),
  // d tan = 1 + tan²
  tan: elementwise((g, { out }) => mul(g, add(1, square(out)))),
  asin: elementwise((g, { x }) => div(g, complement(x))),
  acos: elementwise((g, { x }) => neg(div(g, complement(x)))),
  atan: elementwise((g, { x }) => div(g, add(1, square(x)))),
  sinh: elementwise((g, { x }) => mul(g, cosh(x))),
  cosh: elementwise((g, { x }) => mul(g, sinh(x))),
  // d tanh = 1 - tanh²
  tanh: elementwise((g, { out }) => mul(g, sub(1, square(out)))),
  // d σ = σ (1 - σ)
  sigmoid: elementwise((g, { out }) => mul(g, mul(out, sub(1, out)))),
  // d erf = 2/√π e^(-x²)
  erf: elementwise((g, { x }) => mul(g, mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI)))),
  floor: zeroDerivative,
  ceil: zeroDerivative,
  round: zeroDerivative,
  isFinite: zeroDerivative,
  add: elementwise(
    (g) => g,
    (g) => g,
  ),
  sub: elementwise(
    (g) => g,
    (g) => neg(g),
  ),
  mul: elementwise(
    (g, { y }) => mul(g, y),
    (g, { x }) => mul(g, x),
  ),
  // d (x/y) = dx / y - (x/y) dy / y
  div: elementwise(
    (g, { y }) => div(g, y),
    (g, { y, out }) => neg(mul(g, div(out, y))),
  ),
  // x rem y = x - y · trunc(x/y), and trunc is constant almost everywhere; (x - out)/y is whole up to rounding.
  rem: elementwise(
    (g) => g,
    (g, { x, y, out }) => neg(mul(g, round(div(sub(x, out), y)))),
  ),
  pow: elementwise(
    (g, { x, y }) => powerInBase(g, x, y),
    (g, { x, out }) => powerInExponent(g, x, out),
  ),
  maximum: elementwise(
    (g, { x, y }) => share(g, greater(x, y), x, y),
    (g, { x, y }) => share(g, less(x, y), x, y),
  ),
  minimum: elementwise(
    (g, { x, y }) => share(g, less(x, y), x, y),
    (g, { x, y }) => share(g, greater(x, y), x, y),
  ),
  // The angle of the point (y, x) that is called with its ordinate first.
  atan2: elementwise(
    (g, { x: ordinate, y: abscissa }) => mul(g, div(abscissa, add(square(ordinate), square(abscissa)))),
    (g, { x: ordinate, y: abscissa }) => neg(mul(g, div(ordinate, add(square(ordinate), square(abscissa))))),
  ),
  equal: zeroDerivative,
  notEqual: zeroDerivative,
  less: zeroDerivative,
  lessEqual: zeroDerivative,
  greater: zeroDerivative,
  greaterEqual: zeroDerivative,
  and: zeroDerivative,
  or: zeroDerivative,
  xor: zeroDerivative,
  not: zeroDerivative,
  select: linear(
    null,
    (ct, { x: condition }) => where(condition, ct, 0),
    (ct, { x: condition }) => where(condition, 0, ct),
  ),
  cast: castRule,
};
