import {
  array,
  constant,
  evaluate,
  graph,
  sameArray,
  splitKey,
  topological,
  zeros,
  type Arrays,
  type NdArray,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { messageOf, refuses } from "../../../test/arrays.ts";
import { activations } from "./activations.ts";
import { dropoutMask } from "./dropout.ts";
import { modelForward } from "./forward.ts";
import { initializeNetwork } from "./initializers.ts";
import { lLayerNetwork, type Network } from "./l-layer-network.ts";
import { cacheTable, dimensionTable, formatCaches, formatDimensions } from "./network-tables.ts";
import type { NetworkSpecification } from "./network-specification.ts";

const X = array(
  [
    [0.5, -1, 2],
    [1, 0.25, -0.5],
  ],
  { dtype: "f64" },
);

const valuesOf = (network: Network<unknown>, outputs: Parameters<typeof graph>[0]): Arrays => {
  const names = new Set(Object.values(graph(outputs).nodes).map(({ attributes }) => attributes["name"]));
  const begun = Object.entries(initializeNetwork(network, { seed: 1 })).filter(([name]) => names.has(name));
  return { X, ...Object.fromEntries(begun) };
};

describe("a network", () => {
  test("is the composition of the course's blocks", () => {
    const network = lLayerNetwork({ units: [2, 4, 3, 1], hidden: ["relu", "tanh"], dtype: "f64" });
    const { output } = network.evaluation;
    const { AL } = modelForward(network.X, network.parameters, { hidden: ["relu", "tanh"] });
    const values = valuesOf(network, output);
    expect(sameArray(evaluate(output, values), evaluate(AL, values))).toBe(true);
  });

  test("has Z, A and the cache of every layer", () => {
    const network = lLayerNetwork({ units: [2, 4, 1] });
    const [first, second] = network.training.layers;
    expect(first?.Z.shape).toEqual([4, "m"]);
    expect([first?.index, first?.activation, second?.activation]).toEqual([1, "relu", "sigmoid"]);
    expect(first?.cache.A_prev).toBe(network.X);
    expect(second?.cache.A_prev).toBe(first?.A);
    expect(second?.cache.W).toBe(network.parameters.W2);
    expect(network.training.logits).toBe(second?.Z);
    expect(network.training.output).toBe(second?.A);
    expect(
      Object.isFrozen(network) && Object.isFrozen(network.parameters) && Object.isFrozen(first?.cache),
    ).toBe(true);
  });

  test("trains and is evaluated by the same nodes without dropout and normalization", () => {
    const network = lLayerNetwork({ units: [2, 4, 1] });
    expect(network.training).toBe(network.evaluation);
    expect(network.state).toEqual({});
  });

  test("has named nodes", () => {
    const names = topological([lLayerNetwork({ units: [2, 4, 1] }).training.output]).map(({ name }) => name);
    expect(names.filter((name) => name !== undefined)).toEqual(["Z1", "A1", "Z2", "A2"]);
  });
});

describe("dropout", () => {
  const network = lLayerNetwork({ units: [2, 200, 1], hidden: "identity", dropout: 0.4, dtype: "f64" });
  const A = network.training.layers[0]?.A ?? network.X;

  test("silences about its share of units, and scales the others up", () => {
    const values = valuesOf(network, { A });
    const [silenced, whole] = [
      evaluate(A, values),
      evaluate(network.evaluation.layers[0]?.A ?? A, omit(values, "dropoutKey")),
    ];
    let silent = 0;
    for (const [i, a] of silenced.data.entries()) {
      if (a === 0) silent++;
      else expect(a).toBeCloseTo((whole.data[i] ?? 0) / 0.6, 12);
    }
    // 240 of 600, with a deviation of 12.
    expect(Math.abs(silent - 240)).toBeLessThan(60);
  });

  test("has another mask at the next step, by the update of its key", () => {
    const { dropoutKey } = network.training.updates;
    const values = valuesOf(network, { A });
    const next = evaluate(dropoutKey ?? A, { dropoutKey: values["dropoutKey"] as NdArray });
    expect(sameArray(evaluate(A, values), evaluate(A, { ...values, dropoutKey: next }))).toBe(false);
    expect(sameArray(evaluate(A, values), evaluate(A, values))).toBe(true);
  });

  test("has a next key that no mask was drawn by", () => {
    const key = array([5, 7], { dtype: "u32" });
    const keys = splitKey(constant(key), 2).map((each) => evaluate(each));
    const next = evaluate(network.training.updates["dropoutKey"] ?? A, { dropoutKey: key });
    expect(sameArray(next, keys[0] ?? key)).toBe(true);
    const drawn = dropoutMask(constant(keys[1] ?? key), zeros([200, 3], { dtype: "f64" }), 0.6);
    const [silenced, mask] = [evaluate(A, { ...valuesOf(network, { A }), dropoutKey: key }), evaluate(drawn)];
    expect(Array.from(silenced.data, (a) => a === 0)).toEqual(Array.from(mask.data, (d) => d === 0));
  });

  test("is off at evaluation", () => {
    const used = topological([network.evaluation.output]).map(({ attributes }) => attributes["name"]);
    expect(used).not.toContain("dropoutKey");
  });
});

describe("batch normalization", () => {
  const network = lLayerNetwork({ units: [2, 3, 1], batchNormalization: true, dtype: "f64" });
  const [layer] = network.training.layers;

  test("gives each unit mean 0 and variance 1 over the batch", () => {
    const Z = layer?.Z ?? network.X;
    const { data } = evaluate(Z, omit(valuesOf(network, { Z }), "runningMean1", "runningVariance1"));
    for (const unit of [0, 1, 2]) {
      const row = [0, 1, 2].map((i) => data[3 * unit + i] ?? 0);
      const mean = row.reduce((a, b) => a + b) / 3;
      expect(mean).toBeCloseTo(0, 12);
      expect(row.reduce((a, b) => a + (b - mean) ** 2, 0) / 3).toBeCloseTo(1, 3);
    }
  });

  test("moves running averages a tenth of the way, and uses them at evaluation", () => {
    const { runningMean1, runningVariance1 } = network.training.updates;
    const updates = {
      runningMean1: runningMean1 ?? network.X,
      runningVariance1: runningVariance1 ?? network.X,
    };
    const found = evaluate(updates, valuesOf(network, updates));
    const Z = evaluate(linear(network), valuesOf(network, linear(network)));
    for (const unit of [0, 1, 2]) {
      const row = [0, 1, 2].map((i) => Z.data[3 * unit + i] ?? 0);
      const mean = row.reduce((a, b) => a + b) / 3;
      const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / 3;
      expect(found.runningMean1.data[unit]).toBeCloseTo(0.1 * mean, 12);
      expect(found.runningVariance1.data[unit]).toBeCloseTo(0.9 + 0.1 * variance, 12);
    }
    // With mean 0 and variance 1, evaluation leaves Z as it is.
    const evaluated = network.evaluation.layers[0]?.Z ?? network.X;
    const same = evaluate(evaluated, valuesOf(network, evaluated));
    for (const [i, z] of Z.data.entries()) expect(same.data[i]).toBeCloseTo(z, 4);
  });

  const linear = ({ X: examples, parameters }: typeof network) =>
    modelForward(examples, { W1: parameters.W1, b1: parameters.b1 }, { output: "identity" }).AL;
});

const omit = (values: Arrays, ...names: readonly string[]): Arrays =>
  Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)));

describe("tables", () => {
  const network = lLayerNetwork({ units: [12288, 20, 7, 5, 1] });

  test("the dimension table has every shape, for one example and for m", () => {
    expect(dimensionTable(network, 209)[1]).toEqual({
      layer: 2,
      units: 7,
      activation: "relu",
      W: [7, 20],
      b: [7, 1],
      one: [7, 1],
      all: [7, 209],
      parameters: 147,
    });
    expect(`\n${formatDimensions(network)}\n`).toBe(`
layer   units  activation  W            b        Z, A of one example  Z, A of m   parameters
─────  ──────  ──────────  ───────────  ───────  ───────────────────  ──────────  ──────────
0      12,288  (X)                               [12288, 1]           [12288, m]           0
1          20  relu        [20, 12288]  [20, 1]  [20, 1]              [20, m]        245,780
2           7  relu        [7, 20]      [7, 1]   [7, 1]               [7, m]             147
3           5  relu        [5, 7]       [5, 1]   [5, 1]               [5, m]              40
4           1  sigmoid     [1, 5]       [1, 1]   [1, 1]               [1, m]               6
245,973 parameters
`);
  });

  test("normalized layers have a scale more", () => {
    const rows = dimensionTable(lLayerNetwork({ units: [2, 3, 1], batchNormalization: true }));
    expect(rows.map(({ parameters }) => parameters)).toEqual([2 * 3 + 3 + 3, 4]);
  });

  test("the cache table has every node that the backward pass names, with its bytes", () => {
    const small = lLayerNetwork({ units: [3, 2, 1] });
    const entries = cacheTable(small, 10);
    expect(entries.map(({ name, bytes }) => [name, bytes])).toEqual([
      ["X", 120],
      ["W1", 24],
      ["b1", 8],
      ["Z1", 80],
      ["A1", 80],
      ["W2", 8],
      ["b2", 4],
      ["Z2", 40],
    ]);
    expect(formatCaches(small, 10).split("\n").at(-1)).toBe("364 bytes for m = 10");
    expect(cacheTable(lLayerNetwork({ units: [3, 2, 1], dtype: "f64" }), 10)[0]?.bytes).toBe(240);
  });
});

const planar = lLayerNetwork({ units: [2, 3, 1] });

refuses([
  ["no examples", () => cacheTable(planar, 0), "cacheTable: m must be a whole number from 1, got 0"],
  [
    "half an example",
    () => formatCaches(planar, 0.5),
    "cacheTable: m must be a whole number from 1, got 0.5",
  ],
  [
    "fewer than no examples",
    () => dimensionTable(planar, -1),
    'dimensionTable: m must be a whole number from 1, or "m", got -1',
  ],
  [
    "a number of examples without end",
    () => formatDimensions(planar, Infinity),
    'dimensionTable: m must be a whole number from 1, or "m", got Infinity',
  ],
]);

test.each([
  [{ units: [] }, "units must be at least two whole numbers from 1, got []"],
  [{ units: [2, 0] }, "units must be at least two whole numbers from 1, got [2,0]"],
  [{ units: [2, 1.5] }, "units must be at least two whole numbers from 1, got [2,1.5]"],
  [
    { units: Object.assign([2], { 2: 1 }) },
    "units must be at least two whole numbers from 1, got [2,none,1]",
  ],
  [{ units: 3 }, "units must be at least two whole numbers from 1, got 3"],
  [
    { units: [2, 3, 1], hidden: ["relu", "relu"] },
    'hidden must be one activation, or 1, got ["relu","relu"]',
  ],
  [
    { units: [2, 3, 1], hidden: "softmax" },
    'hidden must be one of identity, relu, leakyRelu, elu, sigmoid, tanh, gelu, silu, softplus, got "softmax"',
  ],
  [
    { units: [2, 1], output: "relo" },
    'output must be one of identity, relu, leakyRelu, elu, sigmoid, tanh, gelu, silu, softplus, softmax, got "relo"',
  ],
  [
    { units: [2, 1], droput: 0.1 },
    "there is no option droput\n  help   options are units, hidden, output, dropout, batchNormalization, dtype",
  ],
  [{ units: [2, 1], dropout: 1 }, "dropout must be from 0 to below 1, got 1"],
  [
    { units: [2, 3, 1], hidden: [undefined] },
    "hidden must be one of identity, relu, leakyRelu, elu, sigmoid, tanh, gelu, silu, softplus, got none",
  ],
  [{ units: [2, 3, 1], hidden: null }, "hidden must be one activation, or 1, got null"],
  [{ units: [2, 1], dropout: Number.NaN }, "dropout must be from 0 to below 1, got NaN"],
  [{ units: [2, Infinity] }, "units must be at least two whole numbers from 1, got [2,Infinity]"],
  [{ units: [2, 1], batchNormalization: 1 }, "batchNormalization must be true or false, got 1"],
  [{ units: [2, 1], dtype: "i32" }, 'dtype must be f32 or f64, got "i32"'],
])("refuses %o", (specification, text) => {
  expect(messageOf(() => lLayerNetwork(specification as NetworkSpecification))).toBe(
    `lLayerNetwork: ${text}`,
  );
});

test("every activation keeps the shape of Z", () => {
  const { X: Z } = lLayerNetwork({ units: [2, 1] });
  for (const { forward } of Object.values(activations)) expect(forward(Z).shape).toEqual([2, "m"]);
});

test("a hidden activation that is missing from a list is named", () => {
  const { X: input, parameters } = lLayerNetwork({ units: [2, 3, 3, 1] });
  expect(messageOf(() => modelForward(input, parameters, { hidden: ["relu"] }))).toBe(
    "layer 2: hidden must be one activation, or 2, got 1",
  );
});
