// Costs to minimize, means over the examples of a batch: from logits Z[L] where that is what keeps them finite,
// else from the activation A[L]. Targets Y have the shape of A[L]; labels are `i32 [m]`.

import {
  abs,
  add,
  div,
  InputError,
  lessEqual,
  logSoftmax,
  mul,
  neg,
  relu,
  size,
  softplus,
  square,
  sub,
  sum,
  where,
  type Tensor,
} from "@wengert/tensor";
import type { ActivationName } from "./activations.ts";
import { classTargets } from "./class-targets.ts";

function meanOverExamples(losses: Tensor): Tensor<readonly []> {
  return div(sum(losses), size(losses, 1));
}

/**
 * The binary cross-entropy of σ(Z) for targets Y in [0, 1], both `[n, m]`, a scalar:
 * $\frac{1}{m} \sum (\log(1 + e^Z) - Z Y)$, which is the cost of the course without its logarithm of 0.
 * Finite with finite gradients for every finite Z.
 */
export function binaryCrossEntropy(Z: Tensor, Y: Tensor): Tensor<readonly []> {
  return meanOverExamples(sub(softplus(Z), mul(Z, Y)));
}

/**
 * The cross-entropy of softmax(Z) over the classes, Z `[classes, m]`, a scalar:
 * $-\frac{1}{m} \sum Y \log \mathrm{softmax}(Z)$.
 * Finite with finite gradients for every finite Z.
 * @param Y one-hot or other distributions `[classes, m]`, or labels `i32 [m]`
 */
export function softmaxCrossEntropy(Z: Tensor, Y: Tensor): Tensor<readonly []> {
  return meanOverExamples(neg(mul(classTargets("softmaxCrossEntropy", Z, Y), logSoftmax(Z, 0))));
}

/** The mean over examples of the squared distance of A to Y, both `[n, m]`: (1/m) Σ (A - Y)². */
export function meanSquaredError(A: Tensor, Y: Tensor): Tensor<readonly []> {
  return meanOverExamples(square(sub(A, Y)));
}

/** The hinge loss of scores Z for targets Y of 0 or 1, both `[n, m]`: (1/m) Σ max(0, 1 - (2Y - 1) Z). */
export function hinge(Z: Tensor, Y: Tensor): Tensor<readonly []> {
  const sign = sub(mul(Y, 2), 1);
  return meanOverExamples(relu(sub(1, mul(sign, Z))));
}

/**
 * The Huber loss (1964) of A for Y, both `[n, m]`: ½ d² where the distance d is at most delta, else
 * delta (|d| - ½ delta).
 * @throws InputError when delta is not positive.
 */
export function huber(A: Tensor, Y: Tensor, delta = 1): Tensor<readonly []> {
  if (!(delta > 0)) throw new InputError(`huber: delta must be positive, got ${delta}`);
  const distance = sub(A, Y);
  const magnitude = abs(distance);
  const near = mul(square(distance), 0.5);
  const far = mul(add(magnitude, -0.5 * delta), delta);
  return meanOverExamples(where(lessEqual(magnitude, delta), near, far));
}

/** A loss as a network's training step uses it. */
export interface Loss {
  /** What it is computed from: the logits Z[L], or the activation A[L]. */
  readonly from: "logits" | "activation";
  /** The output activations that it goes with. */
  readonly outputs: readonly ActivationName[];
  /** Whether its targets lie in [0, 1]. */
  readonly shares: boolean;
  /** Of a single output, the value above which an example is of class 1. */
  readonly threshold: number;
  /** The mean over examples of the loss. */
  readonly cost: (prediction: Tensor, Y: Tensor) => Tensor<readonly []>;
}

/** The name of a loss. */
export type LossName = "binaryCrossEntropy" | "softmaxCrossEntropy" | "meanSquaredError" | "hinge" | "huber";

const scores: readonly ActivationName[] = [
  "identity",
  "relu",
  "leakyRelu",
  "elu",
  "sigmoid",
  "tanh",
  "gelu",
  "silu",
  "softplus",
];

/** Every loss by name. */
export const losses: Readonly<Record<LossName, Loss>> = Object.freeze({
  binaryCrossEntropy: row("logits", ["sigmoid"], binaryCrossEntropy),
  softmaxCrossEntropy: row("logits", ["softmax"], softmaxCrossEntropy),
  meanSquaredError: row("activation", [...scores, "softmax"], meanSquaredError, { shares: false }),
  // On the scores, whose sign is the class.
  hinge: row("logits", ["identity"], hinge, { threshold: 0 }),
  huber: row("activation", scores, (A, Y) => huber(A, Y), { shares: false }),
});

function row(
  from: Loss["from"],
  outputs: readonly ActivationName[],
  cost: Loss["cost"],
  { shares = true, threshold = 0.5 }: Partial<Pick<Loss, "shares" | "threshold">> = {},
): Loss {
  return Object.freeze({ from, outputs: Object.freeze([...outputs]), shares, threshold, cost });
}

/**
 * The penalty $\frac{\lambda}{2m} \sum \lVert W \rVert^2$ over the given weights, a scalar; biases are not regularized.
 * @param examples columns, of which there are m
 * @throws InputError when there are no weights, or λ is negative or not finite.
 */
export function l2Penalty(weights: readonly Tensor[], lambda: number, examples: Tensor): Tensor<readonly []> {
  if (!(lambda >= 0 && lambda < Number.POSITIVE_INFINITY)) {
    throw new InputError(`l2Penalty: lambda must be finite and from 0, got ${lambda}`);
  }
  const squares = weights.map((W) => sum(square(W)));
  const [first, ...rest] = squares;
  if (first === undefined) throw new InputError("l2Penalty: there must be weights, got none");
  const total = rest.reduce((a, b) => add(a, b), first);
  return div(mul(total, lambda / 2), size(examples, 1));
}
