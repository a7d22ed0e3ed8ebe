// The heart of the matter: what is derived equals what the course writes down. For random networks, the derived
// gradients of the mean cost are the closed forms, whose dA and dZ lack the factor 1/m and so are m times as large.

import { gradient } from "@wengert/autodiff";
import {
  add,
  arrayFrom,
  div,
  evaluate,
  input,
  mul,
  named,
  sqrt,
  sub,
  sum,
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
  hiddenNames,
  nets,
  numbers,
  runs,
  size,
  valuesOf,
  type Tensors,
} from "../../../test/random-networks.ts";
import { activationNames, activations } from "./activations.ts";
import { linearBackward, modelBackward } from "./backward.ts";
import { batchNormalization, batchNormalizationBackward, epsilon } from "./batch-normalization.ts";
import { dropout } from "./dropout.ts";
import { linearActivationForward, modelForward, type LayerCache } from "./forward.ts";
import { lLayerNetwork } from "./l-layer-network.ts";
import { binaryCrossEntropy, l2Penalty, meanSquaredError } from "./losses.ts";

/** Equal within 1e-12 of the largest element of the closed form: a sum may cancel, but no term of it is lost. */
function expectEqual(derived: Arrays, closed: Arrays, tolerance = 1e-12, least = 1e-3): void {
  for (const [name, wanted] of Object.entries(closed)) {
    const found = derived[name] as NdArray;
    expect(found.shape, name).toEqual(wanted.shape);
    const scale = Math.max(least, ...Array.from(wanted.data, Math.abs));
    for (let i = 0; i < wanted.data.length; i++) {
      const gap = Math.abs((found.data[i] ?? Number.NaN) - (wanted.data[i] ?? 0));
      if (!(gap <= tolerance * scale)) expect(found.data[i], `${name}[${i}]`).toBe(wanted.data[i]);
    }
  }
}

test("derived dW, db, dA and dZ of random networks equal the closed forms", () => {
  fc.assert(
    fc.property(nets, (each) => {
      const { units, hidden, output, m, l2 } = each;
      const network = lLayerNetwork({ units, hidden, output, dtype: "f64" });
      const { layers, logits, output: AL } = network.training;
      const Y = input("Y", [units.at(-1) ?? 0, "m"], f64);
      const { cost: loss, dAL } = costOf(output, logits, AL, Y);
      const weights = layers.map(({ cache }) => cache.W);
      const cost = l2 === 0 ? loss : add(loss, l2Penalty(weights, l2, network.X));
      const inner = layers.flatMap(({ index, Z, cache }) => [
        [`Z${index}`, Z],
        [`A${index - 1}`, cache.A_prev],
      ]);
      const derived = gradient(cost, { ...network.parameters, ...(Object.fromEntries(inner) as Tensors) });
      const caches = layers.map(({ cache }) => cache);
      const closed = modelBackward(AL, Y, caches, { hidden, output, l2, dAL });
      expect(Object.keys(closed)).toHaveLength(4 * (units.length - 1));
      const values = valuesOf(each);
      expectEqual(evaluate(courseNames(derived, m), values), evaluate(closed, values));
    }),
    runs,
  );
});

test("derived gradients through dropout equal the closed forms for a given mask", () => {
  const shape = fc.record({
    units: fc.tuple(size(6), size(6), size(6), size(3)),
    hidden: fc.tuple(fc.constantFrom(...hiddenNames), fc.constantFrom(...hiddenNames)),
    m: size(6),
    keep: fc.constantFrom(0.2, 0.5, 0.8, 1),
    seed: fc.integer(),
  });
  fc.assert(
    fc.property(shape, ({ units, hidden, m, keep, seed }) => {
      const values = valuesOf({ units, hidden, output: "sigmoid", m, l2: 0, seed });
      const feed = (name: string): Tensor => input(name, (values[name] as NdArray).shape, f64);
      const next = numbers(seed + 1);
      const masks = [1, 2].map((l) => input(`mask${l}`, [units[l] ?? 0, m], f64));
      for (const [i, mask] of masks.entries()) {
        const value = drawn(mask.shape, next);
        for (let j = 0; j < value.data.length; j++)
          value.data[j] = ((value.data[j] ?? 0) + 1) / 2 < keep ? 1 / keep : 0;
        values[`mask${i + 1}`] = value;
      }
      const caches: LayerCache[] = [];
      let A = feed("X");
      const inner: Record<string, Tensor> = {};
      for (const l of [1, 2, 3]) {
        const layer = linearActivationForward(A, feed(`W${l}`), feed(`b${l}`), hidden[l - 1] ?? "sigmoid");
        caches.push(layer.cache);
        Object.assign(inner, {
          [`A${l - 1}`]: A,
          [`Z${l}`]: layer.cache.Z,
          [`W${l}`]: layer.cache.W,
          [`b${l}`]: layer.cache.b,
        });
        const mask = masks[l - 1];
        A = mask === undefined ? layer.A : named(`D${l}`, dropout(layer.A, mask));
      }
      const Y = feed("Y");
      const derived = gradient(binaryCrossEntropy((caches[2] as LayerCache).Z, Y), inner);
      const closed = modelBackward(A, Y, caches, { hidden, masks });
      expectEqual(evaluate(courseNames(derived, m), values), evaluate(closed, values));
    }),
    runs,
  );
});

test("derived dZ, dGamma and dBeta of batch normalization equal the closed form", () => {
  fc.assert(
    fc.property(size(9), size(8), fc.integer(), (n, m, seed) => {
      const next = numbers(seed);
      const feed = (name: string, shape: readonly number[]): Tensor => input(name, shape, f64);
      const [Z, gamma, dY] = [feed("Z", [n, m]), feed("gamma", [n, 1]), feed("dY", [n, m])];
      const { output, variance } = batchNormalization(Z, { gamma, beta: feed("beta", [n, 1]) });
      const derived = gradient(sum(mul(output, dY)), { dZ: Z, dGamma: gamma, dBeta: feed("beta", [n, 1]) });
      const values = { Z: drawn([n, m], next), dY: drawn([n, m], next), gamma: drawn([n, 1], next) };
      const closed = batchNormalizationBackward(dY, Z, gamma);
      // The terms of dZ cancel where σ² is large or m is 2: what counts is their size, not that of their sum.
      const unit = sqrt(add(variance, epsilon));
      const scaled = (record: Tensors): Tensors => ({ ...record, dZ: mul(record["dZ"] as Tensor, unit) });
      expectEqual(evaluate(scaled(derived), values), evaluate(scaled({ ...closed }), values), 1e-12, 1);
    }),
    runs,
  );
});

test("the derivative of every activation equals its closed form, also far out and at 0", () => {
  for (const name of activationNames) {
    const Z = input("Z", [3, 7], f64);
    const dA = input("dA", [3, 7], f64);
    const { forward, backward } = activations[name];
    const A = forward(Z);
    const derived = gradient(sum(mul(A, dA)), Z);
    const next = numbers(activationNames.indexOf(name));
    const far = [
      0, -0, 1e-300, 40, -40, 700, -700, 1e4, -1e4, 1e-8, -1e-8, 1, -1, 3, -3, 6, -6, 0.5, -0.5, 20, -20,
    ];
    const values = { Z: arrayFrom(Float64Array.from(far), [3, 7]), dA: drawn([3, 7], next) };
    expectEqual(
      evaluate({ Z, [name]: derived }, values),
      evaluate({ Z, [name]: backward(dA, Z, A) }, values),
    );
  }
});

test("the course keeps 1/m in dW and db and not in dA: both are reconciled by the factor m", () => {
  const [X, W, b] = [input("X", [2, 4], f64), input("W", [1, 2], f64), input("b", [1, 1], f64)];
  const { AL, caches } = modelForward(X, { W1: W, b1: b }, { output: "identity" });
  const Y = input("Y", [1, 4], f64);
  const derived = gradient(meanSquaredError(AL, Y), { A0: X, W1: W, b1: b });
  const { dA_prev, dW, db } = linearBackward(mul(sub(AL, Y), 2), caches[0] as LayerCache);
  const next = numbers(1);
  const values = {
    X: drawn([2, 4], next),
    W: drawn([1, 2], next),
    b: drawn([1, 1], next),
    Y: drawn([1, 4], next),
  };
  const closed = { A0: div(dA_prev, 4), W1: dW, b1: db };
  expectEqual(evaluate(derived, values), evaluate(closed, values));
});

test("a penalty regularizes weights and not biases", () => {
  const network = lLayerNetwork({ units: [2, 3, 1], dtype: "f64" });
  const { W1, W2 } = network.parameters;
  const gradients = gradient(l2Penalty([W1, W2], 0.5, network.X), network.parameters);
  const values = valuesOf({ units: [2, 3, 1], hidden: ["relu"], output: "sigmoid", m: 5, l2: 0.5, seed: 3 });
  const { Y: _, ...feeds } = values;
  const found = evaluate(
    { ...gradients, X: network.X },
    { W1: feeds["W1"] as NdArray, W2: feeds["W2"] as NdArray, X: feeds["X"] as NdArray },
  );
  expect([...found.b1.data, ...found.b2.data]).toEqual([0, 0, 0, 0]);
  // λ/m W
  const wanted = Array.from((feeds["W1"] as NdArray).data, (w) => 0.1 * w);
  for (const [i, w] of wanted.entries()) expect(found.W1.data[i]).toBeCloseTo(w, 14);
});
