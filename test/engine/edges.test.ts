// Graphs at the edge: nothing to compute, nothing to hold, very long, very wide.

import {
  add,
  argMax,
  arrayFrom,
  broadcastTo,
  constant,
  expandDims,
  gather,
  graph,
  input,
  interpret,
  iota,
  matmul,
  max,
  mul,
  neg,
  parameter,
  reshape,
  scatterAdd,
  slice,
  sub,
  sum,
  transpose,
  type Arrays,
  type Graph,
  type GraphNode,
  type Tensor,
} from "@wengert/tensor";
import { expect, test } from "vitest";
import { differences, engine, programOf, runBoth } from "./programs.ts";

const scalar = (x: number) => arrayFrom(Float32Array.of(x), []);

async function expectSame(document: Graph, values: Arrays): Promise<void> {
  const { found, wanted } = await runBoth(document, values);
  expect(differences(found.outputs, wanted.outputs)).toEqual([]);
  expect(differences(found.updates, wanted.updates)).toEqual([]);
}

const s = input("s", []);
const p = parameter("p", []);

test.each<[string, Graph, Arrays]>([
  ["nothing at all", graph({}), {}],
  ["an input", graph(s), { s: scalar(-0) }],
  [
    "an input twice, a parameter and a constant",
    graph([s, s, p, constant(Number.NaN)]),
    { s: scalar(1), p: scalar(2) },
  ],
  ["a constant array", graph(constant([[1, 2, -0]])), {}],
  ["an empty constant", graph(constant([])), {}],
  ["an index", graph(iota([5, 3], 1)), {}],
  ["an empty product", graph(matmul(input("a", [3, 0]), input("b", [0, 2]))), empties()],
  ["an empty sum", graph(sum(input("a", [3, 0]), 1)), { a: empties()["a"]! }],
  ["scalars alone", graph(sub(mul(s, s), p), { updates: { p: add(p, s) } }), { s: scalar(3), p: scalar(4) }],
])("%s", async (_, document, values) => {
  await expectSame(document, values);
});

test.each<[string, (j: Tensor) => Tensor, string]>([
  ["gather", (j) => gather(input("x", ["n", 5]), j, 1), "indices must be from 0 to 4, got 14"],
  [
    "scatterAdd",
    (j) => scatterAdd(input("x", ["n", 2]), j, { axis: 1, size: 5 }),
    "indices must be from 0 to 4, got 14",
  ],
])("%s refuses a computed index out of range even where there are no rows", async (_, build, words) => {
  const document = graph(build(mul(input("i", [2], { dtype: "i32" }), constant([2, 2], { dtype: "i32" }))));
  const width = document.nodes["%x"]!.shape[1] as number;
  const values = { x: arrayFrom(new Float32Array(0), [0, width]), i: arrayFrom(Int32Array.of(1, 7), [2]) };
  const program = await programOf(document, { sizes: { n: 0 } });
  expect(() => interpret(document).run(values)).toThrow(words);
  expect(() => program.run(values)).toThrow(words);
  const good = { ...values, i: arrayFrom(Int32Array.of(1, 2), [2]) };
  expect(differences(program.run(good).outputs, interpret(document).run(good).outputs)).toEqual([]);
});

test("a fold over an array that is empty along another axis, and of which the operand is needed again", async () => {
  const x = input("x", [4, 2]);
  const empty = broadcastTo(expandDims(x, 1), [4, 0, 2]);
  const largest = max(empty, 0);
  await expectSame(graph([empty, largest, sub(empty, broadcastTo(expandDims(largest, 0), [4, 0, 2]))]), {
    x: arrayFrom(new Float32Array(8), [4, 2]),
  });
});

test("a sum of floats of one element adds 0 to it: -0 becomes 0", async () => {
  const x = input("x", [2, 1, 3]);
  const value = arrayFrom(Float32Array.of(-0, 0, 1, Number.NaN, -0, -Infinity), [2, 1, 3]);
  const document = graph([sum(x, []), sum(x, 1), sum(sum(x, 1), []), mul(sum(x, 1), 2), sum(s)]);
  await expectSame(document, { x: value, s: scalar(-0) });
});

test("constants that differ in nothing but their sign, or are no numbers, are not taken for each other", async () => {
  const numbers = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1];
  for (const dtype of ["f32", "f64"] as const) {
    // An input each, so that kernels of the same form come about and none is fused with another.
    const sources = numbers.map((_, i) => input(`x${i}`, [5], { dtype }));
    const value = arrayFrom(
      dtype === "f32" ? new Float32Array(5).fill(-0) : new Float64Array(5).fill(-0),
      [5],
    );
    const document = graph(sources.map((x, i) => add(x, constant(numbers[i]!, { dtype }))));
    const values = Object.fromEntries(sources.map((_, i) => [`x${i}`, value]));
    const { kernels } = (await programOf(document)).compiled();
    expect(kernels.kernels.length).toBeGreaterThan(4);
    await expectSame(document, values);
  }
});

function empties(): Arrays {
  return { a: arrayFrom(new Float32Array(0), [3, 0]), b: arrayFrom(new Float32Array(0), [0, 2]) };
}

test("inputs and parameters that nothing needs are taken and kept", async () => {
  const used = graph(mul(s, 2));
  const unused = (name: string, primitive: string): GraphNode => ({
    primitive,
    inputs: [],
    attributes: { name, shape: [3], dtype: "f32" },
    shape: [3],
    dtype: "f32",
  });
  const document: Graph = {
    ...used,
    nodes: { "%idle": unused("idle", "input"), "%kept": unused("kept", "parameter"), ...used.nodes },
  };
  const three = arrayFrom(Float32Array.of(1, 2, 3), [3]);
  await expectSame(document, { s: scalar(2), idle: three, kept: three });
  const resident = (await programOf(document)).bind({ kept: three });
  resident.run({ s: scalar(1), idle: three });
  expect(differences(resident.state(), { kept: three })).toEqual([]);
});

/** A chain of so many nodes that no pass can shorten it. */
function chainOf(x: Tensor, length: number): Tensor {
  let node = x;
  for (let i = 0; i < length; i++) node = i % 2 === 0 ? add(node, x) : sub(x, node);
  return node;
}

test("a chain of 3,000 elementwise nodes", async () => {
  const x = input("x", [9], { dtype: "i32" });
  await expectSame(graph(chainOf(x, 3000)), {
    x: arrayFrom(
      Int32Array.from({ length: 9 }, (_, i) => i),
      [9],
    ),
  });
});

test("600 kernels, more than one function calls", async () => {
  const x = input("x", [3, 3], { dtype: "i32" });
  let node: Tensor = x;
  for (let i = 0; i < 600; i++) node = sub(transpose(matmul(node, x)), 1);
  await expectSame(graph(node), { x: arrayFrom(Int32Array.of(1, 2, 0, -1, 3, 1, 0, 1, -2), [3, 3]) });
});

test("300 outputs and 300 updates of one array", async () => {
  const x = input("x", [300], { dtype: "i32" });
  const names = Array.from({ length: 300 }, (_, i) => `p${i}`);
  const parameters = names.map((name) => parameter(name, [], { dtype: "i32" }));
  const parts = names.map((_, i) => reshape(slice(x, [[i, i + 1]]), []));
  const updates = Object.fromEntries(names.map((name, i) => [name, mul(parameters[299 - i]!, parts[i]!)]));
  const document = graph(Object.fromEntries(names.map((name, i) => [name, add(parts[i]!, parameters[i]!)])), {
    updates,
  });
  const values = Object.fromEntries(names.map((name, i) => [name, arrayFrom(Int32Array.of(i), [])]));
  await expectSame(document, {
    ...values,
    x: arrayFrom(
      Int32Array.from({ length: 300 }, (_, i) => i - 150),
      [300],
    ),
  });
});

test.each(["f32", "f64"] as const)("an index in %s is right beyond 2^31", async (dtype) => {
  const last = 2 ** 32 - 1;
  const tensor = slice(iota([2 ** 32], 0, { dtype }), [[last - 4, last + 1]]);
  const program = await programOf(graph(tensor));
  const exact = Array.from({ length: 5 }, (_, i) => last - 4 + i);
  const wanted = dtype === "f64" ? exact : exact.map(Math.fround);
  expect([...program.run({}).outputs["output"]!.data]).toEqual(wanted);
});

test.each<[string, Tensor]>([
  ["a block that does not lie within its array", slice(input("x", ["n", 4]), [[2, 3], null])],
  ["an axis without elements", argMax(input("x", ["n", 4]), 0)],
])("a size that a node cannot have is told with the node: %s", async (_, target) => {
  const document = graph({ y: neg(target) });
  const values = { x: arrayFrom(new Float32Array(0), [0, 4]) };
  const program = await engine.compile(document);
  for (const run of [() => program.run(values), () => interpret(document).run(values)])
    expect(run).toThrow(/ node {3}%1 = (slice|argMax)/);
});
