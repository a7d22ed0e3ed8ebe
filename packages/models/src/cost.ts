// The cost of the course, from probabilities.

import { add, div, equal, log, mul, neg, size, sub, sum, where, type Tensor } from "@wengert/tensor";

/** y log a, and 0 where y is 0 whatever a. */
function xlogy(y: Tensor, a: Tensor): Tensor {
  const none = equal(y, 0);
  return where(none, 0, mul(y, log(where(none, 1, a))));
}

/**
 * The binary cross-entropy of probabilities AL for labels Y, both `[n, m]`, a scalar:
 * $J = -\frac{1}{m} \sum (Y \log A^{[L]} + (1 - Y) \log(1 - A^{[L]}))$.
 */
export function computeCost(AL: Tensor, Y: Tensor): Tensor<readonly []> {
  const total = sum(add(xlogy(Y, AL), xlogy(sub(1, Y), sub(1, AL))));
  return neg(div(total, size(AL, 1)));
}
