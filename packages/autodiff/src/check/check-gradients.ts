// The laws of derivatives for one function at one point.

import type { NdArray, Tensor } from "@wengert/tensor";
import { derivativesOf, laws } from "./laws.ts";
import type { Subject } from "./subject.ts";

/** How to check. */
export interface CheckOptions {
  /** What errors call the function; default its own name. */
  readonly name?: string;
  /** Fixes the random directions; default 0. */
  readonly seed?: number;
  /** Derivatives of this order and all below are checked; default 2. */
  readonly order?: 1 | 2 | 3;
}

/**
 * Checks the derivatives of a function of tensors at the given inputs, in double precision: JVP against central
 * differences, VJP against JVP, linearity, types, the same for the optimised graph, and all of it for the derivative.
 * Integer inputs are held fixed.
 * @throws DerivativeError that names the law, the inputs, the direction and the seed with which it does not hold.
 * @example
 * ```ts
 * import { array, mul, sigmoid } from "@wengert/tensor";
 * import { checkGradients } from "@wengert/autodiff/check";
 * checkGradients((x) => mul(x, sigmoid(x)), [array([-1, 0, 2])]);
 * ```
 */
export function checkGradients(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly NdArray[],
  options: CheckOptions = {},
): void {
  const name = options.name ?? (f.name === "" ? "function" : f.name);
  checkSubject({ name, f, inputs }, options.seed ?? 0, options.order ?? 2);
}

/** All laws for a subject, and for its derivatives up to an order. */
export function checkSubject(subject: Subject, seed: number, order: number): void {
  for (const law of Object.values(laws)) law(subject, seed);
  if (order < 2) return;
  for (const derivative of derivativesOf(subject, seed)) checkSubject(derivative, seed, order - 1);
}
