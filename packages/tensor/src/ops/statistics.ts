// Statistics over axes, as composites. Sizes of named axes are nodes, so one text serves every batch.
// Every derivative is finite where the value is: no branch that `where` leaves divides by 0.

import { InputError } from "../errors.ts";
import type { Axes, AxesOperand } from "../axis-types.ts";
import { normalAxes, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { square } from "./activation.ts";
import { stopGradient } from "./control.ts";
import { abs, add, div, equal, exp, isFinite, log, maximum, mul, sqrt, sub, where } from "./elementwise.ts";
import { max, reductionOver, sum, type Reduction } from "./reduction.ts";
import { requireFloat } from "./require.ts";
import { countAlong, scalar } from "./source.ts";

/** How many elements the axes hold, as a scalar of the dtype of `x`. */
function count(x: Tensor, axes: readonly number[]): Tensor<readonly []> {
  return countAlong(x, axes, x.dtype).reduce((product, factor) => mul(product, factor));
}

/** √x with derivative 0 at 0, where the true one is infinite. */
function rootOrZero<S extends Shape>(x: Tensor<S>): Tensor<S> {
  const zero = equal(x, 0);
  return where(zero, 0, sqrt(where(zero, 1, x)));
}

/** The sum of the elements divided by their number; NaN over none. */
export const mean: Reduction<"mean"> = reductionOver("mean", (x, axes) => {
  requireFloat("mean", x);
  return div(sum(x, axes), count(x, axes));
});

/** How a variance is estimated. */
export interface VarianceOptions {
  /** What is subtracted from the number of elements: 0 (the default), or 1 for the unbiased estimate. */
  readonly correction?: number;
}

function varianceOf(op: string, x: Tensor, axes: readonly number[], correction: number): Tensor {
  requireFloat(op, x);
  if (!Number.isFinite(correction)) {
    throw new InputError(`${op}: the correction must be a finite number, got ${correction}`);
  }
  const total = sum(square(sub(x, mean(x, axes, { keepDims: true }))), axes);
  const number = count(x, axes);
  return div(total, correction === 0 ? number : maximum(sub(number, correction), 0));
}

/**
 * The mean of the squared distances from the mean, computed in two steps so that nothing cancels;
 * NaN over no more elements than the correction.
 */
export const variance: Reduction<"variance", VarianceOptions> = reductionOver(
  "variance",
  (x, axes, { correction = 0 }) => varianceOf("variance", x, axes, correction),
  ["correction"],
);

/** The square root of the variance, with derivative 0 where all elements are equal. */
export const standardDeviation: Reduction<"standardDeviation", VarianceOptions> = reductionOver(
  "standardDeviation",
  (x, axes, { correction = 0 }) => rootOrZero(varianceOf("standardDeviation", x, axes, correction)),
  ["correction"],
);

/** Which norm. */
export interface NormOptions {
  /** 1: the sum of |x|; 2 (the default): √Σx²; `Infinity`: the largest |x|. */
  readonly order?: number;
}

/**
 * The vector norm of the elements; 0 over none. Its derivative at 0 is 0 (a subgradient), for every order.
 * Over all axes of a matrix, order 2 is the Frobenius norm.
 */
export const norm: Reduction<"norm", NormOptions> = reductionOver(
  "norm",
  (x, axes, { order = 2 }) => {
    requireFloat("norm", x);
    if (order === 1) return sum(abs(x), axes);
    if (order === 2) return rootOrZero(sum(square(x), axes));
    if (order === Number.POSITIVE_INFINITY) return maximum(max(abs(x), axes), 0);
    throw new InputError(`norm: the order must be 1, 2 or Infinity, got ${order}`);
  },
  ["order"],
);

/** The largest element along axes, as a constant for the derivative; 0 where it is not finite. */
function shiftOf(x: Tensor, axes: readonly number[]): Tensor {
  const largest = stopGradient(max(x, axes, { keepDims: true }));
  return where(isFinite(largest), largest, 0);
}

/**
 * log Σ eˣ without overflow: the largest element is taken out of the sum. -∞ over none and where all are -∞
 * (there with derivative 0).
 */
export const logSumExp: Reduction<"logSumExp"> = reductionOver("logSumExp", (x, axes) => {
  requireFloat("logSumExp", x);
  const shift = shiftOf(x, axes);
  const total = sum(exp(sub(x, shift)), axes);
  const none = equal(total, 0);
  const logarithm = where(none, scalar(Number.NEGATIVE_INFINITY, x.dtype), log(where(none, 1, total)));
  return add(logarithm, sum(shift, axes));
});

/** A function of the elements along axes that keeps the shape. */
export type AlongAxes<Op extends string> = <S extends Shape, const A extends Axes>(
  x: Tensor<S>,
  axes: AxesOperand<Op, S, A>,
) => Tensor<S>;

function alongAxes<Op extends string>(
  op: Op,
  build: (x: Tensor, axes: readonly number[]) => Tensor,
): AlongAxes<Op> {
  const body = (x: Tensor, axes: Axes): Tensor => {
    requireFloat(op, x);
    return build(x, normalAxes(op, axes, x.shape.length));
  };
  // The body keeps the shape; type tests hold it to that.
  return body as AlongAxes<Op>;
}

/**
 * eˣ / Σ eˣ along the axes: positive, with sum 1. In the column convention, `softmax(Z, 0)`.
 * NaN where all elements are -∞.
 */
export const softmax: AlongAxes<"softmax"> = alongAxes("softmax", (x, axes) => {
  const powers = exp(sub(x, shiftOf(x, axes)));
  return div(powers, sum(powers, axes, { keepDims: true }));
});

/** The logarithm of `softmax`, finite where x is: x - log Σ eˣ. */
export const logSoftmax: AlongAxes<"logSoftmax"> = alongAxes("logSoftmax", (x, axes) => {
  const shifted = sub(x, shiftOf(x, axes));
  return sub(shifted, log(sum(exp(shifted), axes, { keepDims: true })));
});
