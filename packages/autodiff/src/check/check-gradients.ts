// The laws of derivatives for one function at one point.

import { DerivativeError, type NdArray, type Tensor } from "@wengert/tensor";
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
  /** Inputs that are held fixed, by position or name. Those that are not floats are always. */
  readonly fixed?: readonly (number | string)[];
}

/**
 * Checks the derivatives of a function of tensors at the given inputs, in double precision: JVP against central
 * differences, VJP against JVP, linearity, types, the same for the optimised graph, and all of it for the derivative.
 * A list of inputs is a list of arguments; a record is one argument.
 * @throws DerivativeError that names the law, the element, both numbers, the tolerance, inputs, directions and seed.
 * @example
 * ```ts
 * import { array, mul, sigmoid } from "@wengert/tensor";
 * import { checkGradients } from "@wengert/autodiff/check";
 * checkGradients((x) => mul(x, sigmoid(x)), [array([-1, 0, 2])]);
 * checkGradients(({ a, b }) => mul(a, b), { a: array([1, 2]), b: array([3, 4]) });
 * ```
 */
export function checkGradients(
  f: (...inputs: Tensor[]) => Tensor,
  inputs: readonly NdArray[],
  options?: CheckOptions,
): void;
export function checkGradients<K extends string>(
  f: (inputs: Readonly<Record<K, Tensor>>) => Tensor,
  inputs: Readonly<Record<K, NdArray>>,
  options?: CheckOptions,
): void;
export function checkGradients(
  f: (...inputs: never[]) => Tensor,
  inputs: readonly NdArray[] | Readonly<Record<string, NdArray>>,
  options: CheckOptions = {},
): void {
  const name = options.name ?? (f.name === "" ? "function" : f.name);
  const subject = subjectOf(f, inputs);
  const fixed = (options.fixed ?? []).map((place) => positionOf(name, place, inputs));
  checkSubject({ ...subject, name, fixed }, options.seed ?? 0, options.order ?? 2);
}

function subjectOf(
  f: (...inputs: never[]) => Tensor,
  inputs: readonly NdArray[] | Readonly<Record<string, NdArray>>,
): Pick<Subject, "f" | "inputs" | "labels"> {
  // The overloads say that the function takes just these inputs.
  if (isList(inputs)) return { f: f as Subject["f"], inputs };
  const labels = Object.keys(inputs);
  const take = f as unknown as (inputs: Readonly<Record<string, Tensor>>) => Tensor;
  return {
    f: (...nodes) => take(Object.fromEntries(labels.map((label, i) => [label, nodes[i] as Tensor]))),
    inputs: Object.values(inputs),
    labels,
  };
}

function isList(
  inputs: readonly NdArray[] | Readonly<Record<string, NdArray>>,
): inputs is readonly NdArray[] {
  return Array.isArray(inputs);
}

function positionOf(
  name: string,
  place: number | string,
  inputs: readonly NdArray[] | Readonly<Record<string, NdArray>>,
): number {
  const names: readonly string[] = Object.keys(inputs);
  const position = names.indexOf(String(place));
  if (position >= 0) return position;
  throw new DerivativeError(`${name}: fixed inputs are among ${names.join(", ")}, got ${place}`);
}

/** All laws for a subject, and for its derivatives up to an order. */
function checkSubject(subject: Subject, seed: number, order: number): void {
  for (const law of Object.values(laws)) law(subject, seed);
  if (order < 2) return;
  for (const derivative of derivativesOf(subject, seed)) checkSubject(derivative, seed, order - 1);
}
