// Random networks with random values, and the names that the course gives to their gradients: what tests of closed
// forms draw from.

import {
  activationNames,
  binaryCrossEntropy,
  costBackward,
  meanSquaredError,
  softmaxCrossEntropy,
  type ActivationName,
} from "@wengert/models";
import { abs, add, arrayFrom, div, mul, neg, sub, type NdArray, type Tensor } from "@wengert/tensor";
import fc from "fast-check";

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** Closed forms are compared in double precision. */
export const f64 = { dtype: "f64" } as const;
/** At least 500 networks a run. */
export const runs: { readonly numRuns: number } = {
  numRuns: Math.max(500, fc.readConfigureGlobal().numRuns ?? 0),
};

/** Numbers in [-1, 1) by a seed (mulberry32): the same case for the same seed. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** An array of such numbers in ±scale. */
export function drawn(shape: readonly number[], next: () => number, scale = 1): NdArray {
  const count = shape.reduce((product, size) => product * size, 1);
  return arrayFrom(
    Float64Array.from({ length: count }, () => scale * next()),
    shape,
  );
}

/** A network and its values. */
export interface Case {
  readonly units: readonly number[];
  readonly hidden: readonly ActivationName[];
  readonly output: ActivationName;
  readonly m: number;
  readonly l2: number;
  readonly seed: number;
}

/** A number of units or examples. */
export const size = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
/** What a hidden layer may have. */
export const hiddenNames: readonly ActivationName[] = activationNames.filter((name) => name !== "softmax");

/** Networks of 1 to 6 layers of 1 to 9 units, for 1 to 8 examples. */
export const nets: fc.Arbitrary<Case> = fc.array(size(9), { minLength: 2, maxLength: 7 }).chain((units) =>
  fc.record({
    units: fc.constant(units),
    hidden: fc.array(fc.constantFrom(...hiddenNames), {
      minLength: units.length - 2,
      maxLength: units.length - 2,
    }),
    output: fc.constantFrom(...activationNames),
    m: size(8),
    l2: fc.constantFrom(0, 0, 0.7, 1),
    seed: fc.integer(),
  }),
);

/** The cost that goes with an output activation, and its closed derivative dA[L] without the factor 1/m. */
export function costOf(
  output: ActivationName,
  Z: Tensor,
  A: Tensor,
  Y: Tensor,
): { readonly cost: Tensor; readonly dAL: Tensor; /** |·| of what dA[L] adds up. */ readonly terms: Tensor } {
  if (output === "sigmoid") {
    const terms: Tensor = add(div(Y, A), div(sub(1, Y), sub(1, A)));
    return { cost: binaryCrossEntropy(Z, Y), dAL: costBackward(A, Y), terms };
  }
  const share = div(Y, A);
  if (output === "softmax") return { cost: softmaxCrossEntropy(Z, Y), dAL: neg(share), terms: share };
  const terms = mul(add(abs(A), abs(Y)), 2);
  return { cost: meanSquaredError(A, Y), dAL: mul(sub(A, Y), 2), terms };
}

/** Values of parameters by the scale 1/√(inputs), of examples, and of targets that are distributions. */
export function valuesOf({ units, m, seed }: Case): Record<string, NdArray> {
  const next = numbers(seed);
  const values: Record<string, NdArray> = {};
  for (let l = 1; l < units.length; l++) {
    const [n, p] = [units[l] ?? 0, units[l - 1] ?? 0];
    values[`W${l}`] = drawn([n, p], next, 1 / Math.sqrt(p));
    values[`b${l}`] = drawn([n, 1], next, 0.5);
  }
  const outputs = units.at(-1) ?? 0;
  const Y = drawn([outputs, m], next);
  for (let i = 0; i < Y.data.length; i++)
    Y.data[i] = ((Y.data[i] ?? 0) + 1) / 2 / (outputs === 1 ? 1 : outputs);
  return { ...values, X: drawn([units[0] ?? 0, m], next), Y };
}

/** Gradients of the mean cost, named as the course names them, with dA and dZ multiplied by m. */
export function courseNames(gradients: Tensors, m: number): Tensors {
  const entries = Object.entries(gradients).map(([name, g]) => [
    `d${name}`,
    /^[AZ]/.test(name) ? mul(g, m) : g,
  ]);
  return Object.fromEntries(entries) as Tensors;
}
