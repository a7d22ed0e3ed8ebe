// The costs of the course, from probabilities. From logits, `losses.ts` has the same costs without overflow.

import { add, div, equal, log, mul, neg, size, sub, sum, where, type Tensor } from "@wengert/tensor";
import { classTargets } from "./class-targets.ts";

/** y log a, and 0 where y is 0 whatever a. */
function xlogy(y: Tensor, a: Tensor): Tensor {
  const none = equal(y, 0);
  return where(none, 0, mul(y, log(where(none, 1, a))));
}

/**
 * The binary cross-entropy of probabilities AL for labels Y, both `[n, m]`, a scalar:
 * $J = -\frac{1}{m} \sum (Y \log A^{[L]} + (1 - Y) \log(1 - A^{[L]}))$. Infinite where a probability is 0 or 1 and
 * wrong; `binaryCrossEntropy` of the logits is not.
 * @throws ShapeError when the two differ in shape or dtype.
 */
export function computeCost(AL: Tensor, Y: Tensor): Tensor<readonly []> {
  const total = sum(add(xlogy(Y, AL), xlogy(sub(1, Y), sub(1, AL))));
  return neg(div(total, size(AL, 1)));
}

/**
 * The cross-entropy of probabilities AL `[classes, m]` over classes, a scalar:
 * $J = -\frac{1}{m} \sum Y \log A^{[L]}$. Infinite where the probability of a target is 0; `softmaxCrossEntropy` of
 * the logits is not.
 * @param Y one-hot or other distributions `[classes, m]`, or labels `i32 [m]`
 * @throws ShapeError when the two do not fit.
 */
export function computeSoftmaxCost(AL: Tensor, Y: Tensor): Tensor<readonly []> {
  return neg(div(sum(xlogy(classTargets("computeSoftmaxCost", AL, Y), AL)), size(AL, 1)));
}
