// The derived gradients of whole normalized networks equal the closed forms, layer by layer. Normalization makes terms
// that are large and cancel, so each element is held to the size of the terms that it is a sum of.

import { gradient } from "@wengert/autodiff";
import {
  abs,
  add,
  div,
  evaluate,
  input,
  matmul,
  mean,
  mul,
  rsqrt,
  square,
  sub,
  sum,
  transpose,
  type Arrays,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  costOf,
  courseNames,
  drawn,
  f64,
  nets,
  numbers,
  runs,
  valuesOf,
  type Tensors,
} from "../../../test/random-networks.ts";
import { activations } from "./activations.ts";
import { linearBackward } from "./backward.ts";
import { batchNormalizationBackward, epsilon } from "./batch-normalization.ts";
import { lLayerNetwork, type Layer } from "./l-layer-network.ts";

/** Equal within 1e-12 of the absolute values of the terms that each element is a sum of: some 9000 roundings. */
function expectWithin(derived: Arrays, closed: Arrays, sizes: Arrays): void {
  expect(Object.keys(sizes).toSorted()).toEqual(Object.keys(closed).toSorted());
  for (const [name, wanted] of Object.entries(closed)) {
    const [found, terms] = [derived[name] as NdArray, sizes[name] as NdArray];
    expect([found.shape, terms.shape], name).toEqual([wanted.shape, wanted.shape]);
    for (let i = 0; i < wanted.data.length; i++) {
      const gap = Math.abs((found.data[i] ?? Number.NaN) - (wanted.data[i] ?? 0));
      if (!(gap <= 1e-12 * (terms.data[i] ?? 0))) {
        expect(found.data[i], `${name}[${i}], a sum of terms of ${terms.data[i]}`).toBe(wanted.data[i]);
      }
    }
  }
}

/** Means over the examples, of each unit. */
const overExamples = (x: Tensor): Tensor => mean(x, 1, { keepDims: true });

/**
 * The absolute values of all terms that the backward pass of batch normalization adds up, for such terms of dY: the
 * closed form's, and the mean of x̂, which is 0 only up to the rounding of Z - μ. Where σ² is near 0, the factor
 * 1/√(σ² + ε) is 316, and the terms of a sum that is 0 can be as large as that to the power of the layers.
 */
function normalizationTerms(
  dY: Tensor,
  Z: Tensor,
  gamma: Tensor,
): { readonly dZ: Tensor; readonly normal: Tensor } {
  const centred = sub(Z, overExamples(Z));
  const scale = rsqrt(add(overExamples(square(centred)), epsilon));
  const normal = abs(mul(centred, scale));
  const unrounded = mul(add(abs(Z), overExamples(abs(Z))), scale);
  const first = add(dY, mul(unrounded, overExamples(mul(dY, normal))));
  const whole: Tensor = add(first, mul(normal, overExamples(mul(dY, unrounded))));
  return { dZ: mul(add(whole, overExamples(whole)), mul(abs(gamma), scale)), normal };
}

/** The same for an activation, whose derivative is right to a few roundings of 1: 1e-3 of 1e-12 is nine of them. */
function activationTerms(dA: Tensor, { activation, Z, A }: Layer): Tensor {
  if (activation === "softmax") return mul(A, add(dA, sum(mul(dA, A), 0, { keepDims: true })));
  return add(abs(activations[activation].backward(dA, Z, A)), mul(dA, 1e-3));
}

test("derived gradients of random normalized networks equal the closed forms, layer by layer", () => {
  fc.assert(
    fc.property(nets, (each) => {
      const { units, hidden, output, m } = each;
      const L = units.length - 1;
      const network = lLayerNetwork({ units, hidden, output, batchNormalization: true, dtype: "f64" });
      const parameters = network.parameters as Tensors;
      const { layers, logits, output: AL } = network.training;
      const { cost, dAL, terms } = costOf(output, logits, AL, input("Y", [units.at(-1) ?? 0, "m"], f64));
      const closed: Record<string, Tensor> = {};
      const sizes: Record<string, Tensor> = {};
      let [dA, size] = [dAL, terms];
      for (const layer of layers.toReversed()) {
        const { index, activation, Z, A, cache } = layer;
        const gamma = parameters[`gamma${index}`];
        let [dZ, sizeZ] = [activations[activation].backward(dA, Z, A), activationTerms(size, layer)];
        sizes[`db${index}`] = overExamples(sizeZ);
        if (gamma !== undefined) {
          const linear = matmul(cache.W, cache.A_prev);
          const normal = batchNormalizationBackward(dZ, linear, gamma);
          const inner = normalizationTerms(sizeZ, linear, gamma);
          closed[`dgamma${index}`] = div(normal.dGamma, m);
          closed[`db${index}`] = div(normal.dBeta, m);
          sizes[`dgamma${index}`] = overExamples(mul(sizeZ, inner.normal));
          [dZ, sizeZ] = [normal.dZ, inner.dZ];
        }
        const { dA_prev, dW, db } = linearBackward(dZ, cache);
        closed[`dW${index}`] = dW;
        closed[`db${index}`] ??= db;
        sizes[`dW${index}`] = div(matmul(sizeZ, transpose(abs(cache.A_prev))), m);
        dA = closed[`dA${index - 1}`] = dA_prev;
        size = sizes[`dA${index - 1}`] = matmul(transpose(abs(cache.W)), sizeZ);
      }
      const inner = Object.fromEntries(layers.map(({ index, cache }) => [`A${index - 1}`, cache.A_prev]));
      const derived = courseNames(gradient(cost, { ...parameters, ...inner }), m);
      expect(Object.keys(closed).toSorted()).toEqual(Object.keys(derived).toSorted());
      const next = numbers(each.seed + 1);
      const scales = Array.from({ length: L - 1 }, (_, i) => [
        `gamma${i + 1}`,
        drawn([units[i + 1] ?? 0, 1], next),
      ]);
      const values = { ...valuesOf(each), ...(Object.fromEntries(scales) as Arrays) };
      expectWithin(evaluate(derived, values), evaluate(closed, values), evaluate(sizes, values));
    }),
    runs,
  );
});
