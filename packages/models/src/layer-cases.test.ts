// Every published value of the introductory course, within 1e-7 in double precision: of forward propagation, cost,
// backward propagation, updates, and of training steps made by derived gradients.

import { gradient } from "@wengert/autodiff";
import {
  array,
  constant,
  evaluate,
  mean,
  scalar,
  type NdArray,
  type Nested,
  type Tensor,
} from "@wengert/tensor";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { linearActivationBackward, linearBackward, modelBackward, updateParameters } from "./backward.ts";
import { computeCost } from "./cost.ts";
import { linearActivationForward, linearForward, modelForward, type LayerCache } from "./forward.ts";
import { optimize, type Optimizer } from "./optimizers.ts";

type Named<T> = Readonly<Record<string, T>>;

interface LayerCase {
  readonly name: string;
  readonly inputs: Named<Nested | string>;
  readonly published: Named<Nested>;
}

const fixture = join(import.meta.dirname, "../../../test/fixtures/layer-cases.json");
const { cases } = JSON.parse(readFileSync(fixture, "utf8")) as { readonly cases: readonly LayerCase[] };

const f64 = { dtype: "f64" } as const;

function expectPublished(published: Named<Nested>, values: Named<Tensor>): void {
  const found = evaluate(values);
  expect(Object.keys(found).toSorted()).toEqual(Object.keys(published).toSorted());
  for (const [name, wanted] of Object.entries(published)) {
    const [a, b] = [found[name] as NdArray, array(wanted, f64)];
    expect(a.shape, name).toEqual(b.shape);
    for (let i = 0; i < b.data.length; i++) {
      expect(Math.abs((a.data[i] ?? Number.NaN) - (b.data[i] ?? 0)), `${name}[${i}]`).toBeLessThan(1e-7);
    }
  }
}

function expectCase(
  name: string,
  compute: (inputs: Named<Tensor>, numbers: Named<number>) => Named<Tensor>,
): void {
  const { inputs, published } = cases.find((each) => each.name.startsWith(name)) as LayerCase;
  const entries = Object.entries(inputs).filter(
    (entry): entry is [string, Nested] => typeof entry[1] !== "string",
  );
  const tensors = Object.fromEntries(entries.map(([key, value]) => [key, constant(array(value, f64))]));
  expectPublished(published, compute(tensors, inputs as Named<number>));
}

/** The record of the parameters among the inputs of a case. */
const learned = (inputs: Named<Tensor>): Named<Tensor> =>
  Object.fromEntries(Object.entries(inputs).filter(([name]) => /^[Wb]\d$/.test(name)));

const cacheOf = (inputs: Named<Tensor>, layer: number | ""): LayerCache => {
  const [A_prev, W, b, Z] = ["A_prev", "W", "b", "Z"].map((name) => inputs[`${name}${layer}`] as Tensor);
  return { A_prev, W, b, Z } as LayerCache;
};

const tensorsOf = (inputs: Named<Tensor>, ...names: readonly string[]): readonly Tensor[] =>
  names.map((name) => inputs[name] as Tensor);

/** One update of every parameter by an optimizer whose state begins at 0. */
function optimized(inputs: Named<Tensor>, optimizer: Optimizer, rate: number): Named<Tensor> {
  const results = Object.entries(learned(inputs)).map(([name, parameter]) => {
    const step = { name, parameter, gradient: inputs[`d${name}`] as Tensor, count: scalar(1, "f64") };
    return [name, optimize(optimizer, { ...step, learningRate: scalar(rate, "f64") })] as const;
  });
  const zeroed = (node: Tensor, begin: Tensor): Tensor => {
    const zero = constant(array(zerosOf(begin.shape as readonly number[]), f64));
    return constant(evaluate(node, { [begin.attributes["name"] as string]: evaluate(zero) }));
  };
  return Object.fromEntries(
    results.flatMap(([name, { next, state, stateNext }]): (readonly [string, Tensor])[] => {
      const [key, begin] = Object.entries(state)[0] ?? [];
      if (key === undefined || begin === undefined) return [[name, next]];
      const value = [name, zeroed(next, begin)] as const;
      return name === "W1" ? [value, [`v_d${name}`, zeroed(stateNext[key] as Tensor, begin)]] : [value];
    }),
  );
}

const zerosOf = (shape: readonly number[]): Nested =>
  shape.reduceRight<Nested>((inner, size) => Array.from({ length: size }, () => inner), 0);

const derivedStep = (X: Tensor, Y: Tensor, parameters: Named<Tensor>, rate: number): Named<Tensor> => {
  const gradients = gradient(computeCost(modelForward(X, parameters).AL, Y), parameters);
  const named = Object.fromEntries(Object.entries(gradients).map(([name, g]) => [`d${name}`, g]));
  return updateParameters(parameters, named, rate);
};

const courses: Named<(inputs: Named<Tensor>, numbers: Named<number>) => Named<Tensor>> = {
  linear_forward: (inputs) => {
    const [A, W, b] = tensorsOf(inputs, "A", "W", "b") as readonly [Tensor<readonly [3, 2]>, never, never];
    return { Z: linearForward(A, W, b) };
  },
  linear_activation_forward: (inputs) => {
    const [A, W, b] = tensorsOf(inputs, "A_prev", "W", "b") as readonly [Tensor, Tensor, Tensor];
    const sigmoid = linearActivationForward(A, W, b, "sigmoid");
    return { Z: sigmoid.cache.Z, A_sigmoid: sigmoid.A, A_relu: linearActivationForward(A, W, b, "relu").A };
  },
  "L_model_forward (2 hidden)": (inputs) => {
    const { AL, caches } = modelForward(inputs["X"] as Tensor, learned(inputs));
    expect(caches).toHaveLength(3);
    return { AL, ...Object.fromEntries(caches.map(({ Z }, i) => [`Z${i + 1}`, Z])) };
  },
  compute_cost: ({ AL, Y }) => ({ cost: computeCost(AL as Tensor, Y as Tensor) }),
  linear_backward: (inputs) => ({ ...linearBackward(inputs["dZ"] as Tensor, cacheOf(inputs, "")) }),
  linear_activation_backward: (inputs) => {
    const results = (["sigmoid", "relu"] as const).map((activation) => {
      const { dA_prev, dW, db } = linearActivationBackward(
        inputs["dA"] as Tensor,
        cacheOf(inputs, ""),
        activation,
      );
      return { [`${activation}_dA_prev`]: dA_prev, [`${activation}_dW`]: dW, [`${activation}_db`]: db };
    });
    return Object.assign({}, ...results) as Named<Tensor>;
  },
  L_model_backward: (inputs) => {
    const caches = [cacheOf(inputs, 1), cacheOf(inputs, 2)];
    const { dZ1: _, dZ2: __, ...rest } = modelBackward(inputs["AL"] as Tensor, inputs["Y"] as Tensor, caches);
    return rest;
  },
  update_parameters: (inputs, { learning_rate = 0 }) =>
    updateParameters(
      learned(inputs),
      Object.fromEntries(Object.entries(inputs).filter(([name]) => name.startsWith("d"))),
      learning_rate,
    ),
  two_layer_model: (inputs, { iterations = 0, learning_rate = 0 }) => {
    const [X, Y] = tensorsOf(inputs, "X", "Y") as readonly [Tensor, Tensor];
    const begun = learned(inputs);
    const cost0 = computeCost(modelForward(X, begun).AL, Y);
    let trained = begun;
    for (let i = 0; i < iterations; i++) trained = derivedStep(X, Y, trained, learning_rate);
    const { W1: _, ...rest } = trained;
    return { ...rest, cost0 };
  },
  "planar forward_propagation": (inputs) => {
    const { AL, caches } = modelForward(inputs["X"] as Tensor, learned(inputs), { hidden: "tanh" });
    const [Z1, Z2] = caches.map(({ Z }) => Z) as unknown as readonly [Tensor, Tensor];
    const A1 = linearActivationForward(
      ...(tensorsOf(inputs, "X", "W1", "b1") as [Tensor, Tensor, Tensor]),
      "tanh",
    ).A;
    const means = evaluate([Z1, A1, Z2, AL].map((tensor) => mean(tensor))).map(
      ({ data }) => data[0] ?? Number.NaN,
    );
    return { Z1, Z2, A2: AL, means: constant(array(means, f64)) };
  },
  "planar compute_cost": ({ A2, Y }) => ({ cost: computeCost(A2 as Tensor, Y as Tensor) }),
  "planar backward_propagation": (inputs) => {
    // The case gives A1 and not Z1; of tanh, Z1 = artanh(A1).
    const A1 = evaluate(inputs["A1"] as Tensor);
    const Z1 = constant(array(nestedMap(inputs["A1"] as Tensor, Math.atanh), f64));
    const [X, Y, W1, W2, A2] = tensorsOf(inputs, "X", "Y", "W1", "W2", "A2") as readonly [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
    ];
    const Z2 = constant(
      array(
        nestedMap(A2, (a) => Math.log(a / (1 - a))),
        f64,
      ),
    );
    const b = scalar(0, "f64");
    const caches = [
      { A_prev: X, W: W1, b, Z: Z1 },
      { A_prev: constant(A1), W: W2, b, Z: Z2 },
    ];
    const { dW1, db1, dW2, db2 } = modelBackward(A2, Y, caches, { hidden: "tanh" });
    return { dW1, db1, dW2, db2 } as Named<Tensor>;
  },
  update_parameters_with_gd: (inputs, { learning_rate = 0 }) =>
    optimized(inputs, { name: "gradientDescent" }, learning_rate),
  update_parameters_with_momentum: (inputs, { learning_rate = 0, beta = 0 }) => {
    const { v_dW1, ...rest } = optimized(inputs, { name: "momentum", beta }, learning_rate);
    return { ...rest, v_dW1: v_dW1 as Tensor };
  },
};

function nestedMap(tensor: Tensor, formula: (x: number) => number): Nested {
  const { shape, data } = evaluate(tensor);
  const [rows, columns] = shape as readonly [number, number];
  return Array.from({ length: rows }, (_, i) =>
    Array.from({ length: columns }, (__, j) => formula(data[i * columns + j] ?? Number.NaN)),
  );
}

test.each(cases.map(({ name }) => name))("%s has its published values", (name) => {
  const found = Object.entries(courses).find(([key]) => name === key || name.startsWith(`${key} (`));
  expect(found, `${name} is computed`).toBeDefined();
  if (found !== undefined) expectCase(name, found[1]);
});
