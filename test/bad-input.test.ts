// Bad input gets a clear error of the right class, while the graph is built wherever that is possible, and changes
// nothing. One line a mistake; the modules' own tests go further.

import { gzipSync } from "node:zlib";
import { gradient } from "@wengert/autodiff";
import {
  dataset,
  decodeParameters,
  encodeParameters,
  fit,
  gunzip,
  lLayerNetwork,
  trainingStep,
} from "@wengert/models";
import {
  add,
  argMax,
  array,
  arrayFrom,
  cast,
  evaluate,
  fromJSON,
  graph,
  input,
  matmul,
  mean,
  mul,
  parameter,
  sum,
  toJSON,
  toNested,
  type Tensor,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";

const x: Tensor = input("x", [2, "m"]);
const y: Tensor = input("y", [3, "m"]);
const total = add(sum(x), sum(y));
const fine = { x: [[1], [2]], y: [[1], [2], [3]] };

/** The error's text. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return "no error";
}

describe("values", () => {
  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    [
      "an unknown feed",
      { ...fine, z: 1 },
      "InputError: evaluate: values are for inputs and parameters of the graph, got z",
    ],
    [
      "a missing feed",
      { x: fine.x },
      "InputError: evaluate: every input and parameter needs a value, got none for y",
    ],
    [
      "the wrong dtype",
      { ...fine, x: array([[1], [2]], { dtype: "f64" }) },
      "InputError: evaluate: x must be f32, got f64",
    ],
    [
      "the wrong shape",
      { ...fine, x: [[1], [2], [3]] },
      "InputError: evaluate: x must have shape [2, m], got [3, 1]",
    ],
    ["the wrong rank", { ...fine, x: [1, 2] }, "InputError: evaluate: x must have shape [2, m], got [2]"],
    [
      "two values for one named dimension",
      {
        ...fine,
        x: [
          [1, 2],
          [3, 4],
        ],
      },
      "InputError: evaluate: dimension m is one number, got 2 from x and 1 from y",
    ],
    [
      "rows of different lengths",
      { ...fine, x: [[1, 2], [3]] },
      "InputError: array: rows must have one length, got 1 where length 2 was expected",
    ],
  ])("%s", (_, values, message) => {
    expect(refusal(() => evaluate(total, values as never)).split("\n")[0]).toBe(message);
  });
});

describe("shapes and dtypes", () => {
  test.each<[string, () => unknown, string]>([
    [
      "a negative size",
      () => input("n", [-1]),
      "ShapeError: input n: dimensions are whole numbers from 0 or names, got -1 in [-1]",
    ],
    [
      "a fractional size",
      () => parameter("n", [2.5, 3]),
      "ShapeError: parameter n: dimensions are whole numbers from 0 or names, got 2.5 in [2.5, 3]",
    ],
    [
      "no size",
      () => input("n", [undefined as never, 3]),
      "ShapeError: input n: dimensions are whole numbers from 0 or names, got none in [, 3]",
    ],
    [
      "an axis out of range",
      () => sum(x, 2),
      "ShapeError: sum: the axis must be within the rank, got 2 for rank 2",
    ],
    [
      "options in the place of axes",
      () => sum(x, { axis: 0 } as never),
      'ShapeError: sum: the axis must be within the rank, got {"axis":0} for rank 2',
    ],
    [
      "mixed dtypes",
      () => add(x, input("d", [2, "m"], { dtype: "f64" })),
      "ShapeError: add: dtypes must agree, got f32 and f64",
    ],
    [
      "inner dimensions",
      () => matmul(x, y),
      "ShapeError: matmul: inner dimensions differ: [2, m] x [3, m] needs m = 3",
    ],
  ])("%s", (_, build, message) => {
    expect(refusal(build).split("\n")[0]).toBe(message);
  });
});

describe("derivatives", () => {
  test.each<[string, () => unknown, string]>([
    [
      "of what is not a scalar",
      () => gradient(mul(x, x), x),
      "DerivativeError: gradient: the cost must be a scalar, got shape [2, m]",
    ],
    [
      "of an integer",
      () => gradient(sum(cast(x, "i32")), x),
      "DerivativeError: gradient: only f32 and f64 have derivatives, got i32 sum []",
    ],
    [
      "through argMax",
      () => gradient(mean(cast(argMax(x, 0), "f32")), x),
      "DerivativeError: gradient: argMax has no derivative (its output is an index)",
    ],
  ])("%s", (_, build, message) => {
    expect(refusal(build).split("\n")[0]).toBe(message);
  });

  test("with respect to what the cost does not depend on: zeros of its shape", () => {
    expect(toNested(evaluate(gradient(sum(x), parameter("w", [2])), {}))).toEqual([0, 0]);
  });
});

describe("graph documents", () => {
  interface Json {
    nodes: Record<string, unknown>[];
  }
  const changed = (change: (json: Json) => void): unknown => {
    const json = JSON.parse(JSON.stringify(toJSON(graph(total)))) as Json;
    change(json);
    return json;
  };
  const at = ({ nodes }: Json, primitive: string): Record<string, unknown> =>
    nodes.find((node) => node["primitive"] === primitive) ?? {};

  test.each<[string, (json: Json) => void, RegExp]>([
    [
      "with a cycle",
      (json) => (at(json, "sum")["inputs"] = [json.nodes.at(-1)?.["id"]]),
      /^GraphError: check: .*cycle/,
    ],
    [
      "with a name twice",
      (json) =>
        Object.assign(
          at(json, "input"),
          { id: "%again" },
          { attributes: { name: "y", shape: [2, "m"], dtype: "f32" } },
        ),
      /^GraphError: check: /,
    ],
    [
      "with an unknown primitive",
      (json) => (at(json, "add")["primitive"] = "plus"),
      /^GraphError: check: .*plus/,
    ],
  ])("%s", (_, change, message) => {
    expect(refusal(() => fromJSON(changed(change)))).toMatch(message);
  });
});

describe("data and files", () => {
  const step = trainingStep({
    network: lLayerNetwork({ units: [2, 1] }),
    loss: "binaryCrossEntropy",
    learningRate: 0.1,
  });
  const examples = {
    X: array([
      [1, 2],
      [3, 4],
    ]),
    Y: array([[0, 1]]),
  };

  test.each<[string, Partial<typeof examples>, object, RegExp]>([
    [
      "NaN",
      {
        X: array([
          [1, Number.NaN],
          [3, 4],
        ]),
      },
      {},
      /^InputError: fit: X must be finite, got NaN/,
    ],
    [
      "no examples",
      { X: arrayFrom(new Float32Array(0), [2, 0]), Y: arrayFrom(new Float32Array(0), [1, 0]) },
      {},
      /^InputError: fit: there must be examples, got none/,
    ],
    [
      "a batch larger than the data",
      {},
      { batchSize: 3 },
      /^InputError: fit: batchSize must be a whole number from 1 to 2, got 3/,
    ],
    [
      "another number of targets",
      { Y: array([[0, 1, 1]]) },
      {},
      /^InputError: fit: X and Y must have as many examples, got 2 and 3/,
    ],
  ])("%s", async (_, change, options, message) => {
    const run = fit(step, { ...examples, ...change }, { epochs: 1, ...options });
    await expect(run.catch((error: unknown) => String(error))).resolves.toMatch(message);
  });

  test("an empty dataset", () => {
    const empty = { name: "none", examples: [], features: 2, labels: [], classNames: ["a", "b"] };
    expect(refusal(() => dataset(empty))).toBe(
      "InputError: dataset none: there must be examples with features, got none",
    );
  });

  test("a truncated gzip file, and truncated and damaged parameters", async () => {
    const packed = gzipSync(Uint8Array.from({ length: 1000 }, (_, i) => i));
    await expect(gunzip(packed.subarray(0, 40), "f")).rejects.toThrow("f: the gzip file must be whole");
    const bytes = encodeParameters({ W1: array([[1, 2]]) });
    expect(refusal(() => decodeParameters(bytes.subarray(0, -3)))).toMatch(/^InputError: /);
    const damaged = bytes.with(bytes.length - 6, (bytes.at(-6) ?? 0) ^ 255);
    expect(refusal(() => decodeParameters(damaged))).toMatch(/^InputError: /);
    expect(refusal(() => decodeParameters(bytes, { W1: { shape: [2, 2], dtype: "f32" } }))).toMatch(
      /^InputError: .*\[2, 2\]/,
    );
  });
});
