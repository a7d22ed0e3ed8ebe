// Inverted dropout (Srivastava et al. 2014): units are silenced at random and the others scaled up, so that the
// expected activation stays and nothing is left to do after training.

import { bernoulli, cast, InputError, mul, type Tensor } from "@wengert/tensor";

/**
 * A mask in the shape and dtype of A by a random key `u32 [2]`: 1/keep with probability `keep`, else 0.
 * @throws InputError when `keep` is not above 0 and at most 1.
 */
export function dropoutMask(key: Tensor, A: Tensor, keep: number): Tensor {
  if (!(keep > 0 && keep <= 1)) {
    throw new InputError(`dropoutMask: keep must be above 0 and at most 1, got ${keep}`);
  }
  return mul(cast(bernoulli(key, keep, A.shape), A.dtype), 1 / keep);
}

/** $A \odot D$ for a mask D of the same shape: units are silenced where the mask is 0. */
export function dropout(A: Tensor, mask: Tensor): Tensor {
  return mul(A, mask);
}

/** The closed form of dA before dropout: $dA \odot D$, so the derivative passes where the unit did. */
export function dropoutBackward(dA: Tensor, mask: Tensor): Tensor {
  return mul(dA, mask);
}
