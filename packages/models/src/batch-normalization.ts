// Batch normalization (Ioffe & Szegedy 2015) over the examples of a batch, which are columns.

import { add, mean, mul, rsqrt, square, sub, sum, type Tensor } from "@wengert/tensor";

/** Keeps the variance away from 0. */
export const epsilon = 1e-5;

/** What normalization needs besides Z. */
export interface NormalizationParameters {
  /** The scale of each unit, `[n, 1]`. */
  readonly gamma: Tensor;
  /** The shift of each unit, `[n, 1]`. */
  readonly beta: Tensor;
}

/**
 * $\gamma (Z - \mu) / \sqrt{\sigma^2 + \varepsilon} + \beta$ with the mean and variance of each unit over the batch
 * `[n, 1]`, of the shape of Z `[n, m]`.
 * @param scale γ and β
 */
export function batchNormalization(
  Z: Tensor,
  { gamma, beta }: NormalizationParameters,
): { readonly output: Tensor; readonly mean: Tensor; readonly variance: Tensor } {
  const mu: Tensor = mean(Z, 1, { keepDims: true });
  const variance: Tensor = mean(square(sub(Z, mu)), 1, { keepDims: true });
  return { output: normalizeWith(Z, mu, variance, { gamma, beta }), mean: mu, variance };
}

/**
 * $\gamma (Z - \mu) / \sqrt{\sigma^2 + \varepsilon} + \beta$ with a given mean and variance: what is used after
 * training.
 * @param scale γ and β
 */
export function normalizeWith(
  Z: Tensor,
  mu: Tensor,
  variance: Tensor,
  { gamma, beta }: NormalizationParameters,
): Tensor {
  const scaled = mul(mul(sub(Z, mu), rsqrt(add(variance, epsilon))), gamma);
  return add(scaled, beta);
}

/**
 * The closed form of the training pass: with x̂ the normalized Z, dγ = Σ dY x̂, dβ = Σ dY, and
 * $dZ = \frac{\gamma}{\sqrt{\sigma^2 + \epsilon}} (dY - \overline{dY} - \hat{x} \overline{dY \hat{x}})$,
 * with means and sums over the examples.
 */
export function batchNormalizationBackward(
  dY: Tensor,
  Z: Tensor,
  gamma: Tensor,
): { readonly dZ: Tensor; readonly dGamma: Tensor; readonly dBeta: Tensor } {
  const centred = sub(Z, mean(Z, 1, { keepDims: true }));
  const scale = rsqrt(add(mean(square(centred), 1, { keepDims: true }), epsilon));
  const normal = mul(centred, scale);
  const along = mul(dY, normal);
  const inner = sub(
    sub(dY, mean(dY, 1, { keepDims: true })),
    mul(normal, mean(along, 1, { keepDims: true })),
  );
  return {
    dZ: mul(inner, mul(gamma, scale)),
    dGamma: sum(along, 1, { keepDims: true }),
    dBeta: sum(dY, 1, { keepDims: true }),
  };
}

/** A running average after one more batch: momentum · running + (1 - momentum) · batch. */
export function runningAverage(running: Tensor, batch: Tensor, momentum = 0.9): Tensor {
  return add(mul(running, momentum), mul(batch, 1 - momentum));
}
