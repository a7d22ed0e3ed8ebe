// Activation functions and other functions of one element, as composites. Each is written so that its derivatives
// are finite wherever they exist: a branch that `where` does not choose is fed a harmless value.

import { InputError } from "../errors.ts";
import { requireKnownFields } from "../known-fields.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  add,
  div,
  erf,
  exp,
  expm1,
  greater,
  lessEqual,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  sigmoid,
  tanh,
  where,
} from "./elementwise.ts";
import { requireFloat, requireTensors } from "./require.ts";

/** x². */
export function square<S extends Shape>(x: Tensor<S>): Tensor<S> {
  requireTensors("square", [x]);
  return mul(x, x);
}

/** 1/x; integers truncate, and give 0 where x is 0. */
export function reciprocal<S extends Shape>(x: Tensor<S>): Tensor<S> {
  requireTensors("reciprocal", [x]);
  return div(1, x);
}

/** Whether x is NaN. */
export function isNaN<S extends Shape>(x: Tensor<S>): Tensor<S> {
  requireTensors("isNaN", [x]);
  return notEqual(x, x);
}

/** The larger of x and 0, with derivative 0 at 0; NaN stays. */
export function relu<S extends Shape>(x: Tensor<S>): Tensor<S> {
  requireTensors("relu", [x]);
  return where(lessEqual(x, 0), 0, x);
}

/** x where it is positive, else slope · x; the derivative at 0 is the slope. */
export function leakyRelu<S extends Shape>(x: Tensor<S>, slope = 0.01): Tensor<S> {
  requireFloat("leakyRelu", x);
  return where(lessEqual(x, 0), mul(x, slope), x);
}

/** x where it is positive, else α(eˣ - 1) (Clevert et al. 2015); the derivative at 0 is α. */
export function elu<S extends Shape>(x: Tensor<S>, alpha = 1): Tensor<S> {
  requireFloat("elu", x);
  const low = lessEqual(x, 0);
  return where(low, mul(expm1(where(low, x, 0)), alpha), x);
}

/** The scaled `elu` that keeps mean 0 and variance 1 through layers (Klambauer et al. 2017). */
export function selu<S extends Shape>(x: Tensor<S>): Tensor<S> {
  requireFloat("selu", x);
  return mul(elu(x, 1.6732632423543772), 1.0507009873554805);
}

/** How `gelu` is computed. */
export interface GeluOptions {
  /** `"tanh"`: ½x(1 + tanh(√(2/π)(x + 0.044715x³))), within 0.0005 of the exact value. Default `"none"`. */
  readonly approximation?: "none" | "tanh";
}

/** x·Φ(x), with Φ the distribution function of the standard normal (Hendrycks & Gimpel 2016). */
export function gelu<S extends Shape>(x: Tensor<S>, options: GeluOptions = {}): Tensor<S> {
  requireFloat("gelu", x);
  requireKnownFields("gelu", options, ["approximation"]);
  const bent = options.approximation === "tanh" ? tanh(geluArgument(x)) : erf(mul(x, Math.SQRT1_2));
  return mul(mul(x, 0.5), add(bent, 1));
}

/** √(2/π)(x + 0.044715x³), held where its tanh is ±1 to the last bit: further out the cube would overflow. */
function geluArgument<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const near = clip(x, -20, 20);
  return mul(add(near, mul(mul(square(near), near), 0.044715)), Math.sqrt(2 / Math.PI));
}

/** x·sigmoid(x), also called swish (Elfwing et al. 2017). */
export function silu<S extends Shape>(x: Tensor<S>): Tensor<S> {
  requireFloat("silu", x);
  return mul(x, sigmoid(x));
}

/**
 * log(1 + eˣ), exact for every x: max(x, 0) + log(1 + e^(-|x|)).
 * Its derivatives of every order are those of the branch that is taken, also at 0.
 */
export function softplus<S extends Shape>(x: Tensor<S>): Tensor<S> {
  requireFloat("softplus", x);
  const positive = greater(x, 0);
  return add(where(positive, x, 0), log1p(exp(where(positive, neg(x), x))));
}

/** The logarithm of sigmoid(x), exact for every x: -softplus(-x). */
export function logSigmoid<S extends Shape>(x: Tensor<S>): Tensor<S> {
  requireFloat("logSigmoid", x);
  return neg(softplus(neg(x)));
}

/** x, or the bound that it exceeds; NaN stays; the derivative at a bound is ½. */
export function clip<S extends Shape>(x: Tensor<S>, low: Bound<S>, high: Bound<S>): Tensor<S> {
  requireTensors("clip", [x]);
  if (typeof low === "number" && typeof high === "number" && !(low <= high)) {
    throw new InputError(`clip: the low bound must not exceed the high one, got ${low} and ${high}`);
  }
  return minimum(maximum(x, low), high);
}

/** A bound of `clip`: a number, a scalar, or one for each element. */
export type Bound<S extends Shape> = number | Tensor<readonly []> | Tensor<NoInfer<S>>;
