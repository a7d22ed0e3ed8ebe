// The rows of `check`: each is broken in turn, and its error names the node.

import { describe, expect, test } from "vitest";
import { check, invariants } from "./check.ts";
import { GraphError } from "./errors.ts";
import { graph, type Graph } from "./graph.ts";
import { arrayFrom } from "./ndarray.ts";
import { mul } from "./ops/elementwise.ts";
import { input, parameter } from "./ops/source.ts";
import { parse } from "./parse.ts";
import { apply, definePrimitive, type Tensor } from "./tensor.ts";

/** The whole message, with its context. */
function refusal(of: () => unknown): string {
  try {
    of();
  } catch (error) {
    if (error instanceof GraphError) return error.message;
    throw error;
  }
  throw new Error("it was taken");
}

const x = input("x", [2, 3]);
const own = definePrimitive({
  name: "own",
  operands: ["x"],
  infer: (inputs) => inputs[0] as Tensor,
  kernel: ([value], _, { shape }) => arrayFrom(value!.data, shape),
});

test("check: gives the document itself when it is well formed", () => {
  const document = graph({ y: mul(x, x) }, { updates: { w: mul(parameter("w", []), 2) } });
  expect(check(document)).toBe(document);
});

test.each([
  [null, "null"],
  ["mul", '"mul"'],
  [{}, "none as primitive"],
  [{ primitive: "mul" }, "none as inputs"],
  [{ primitive: "mul", inputs: null }, "null as inputs"],
  [{ primitive: "mul", inputs: [], attributes: null }, "null as attributes"],
  [{ primitive: "mul", inputs: [], attributes: {}, shape: "2" }, '"2" as shape'],
])("check: refuses %j as a node", (node, got) => {
  const base = graph(mul(x, x));
  const document = { ...base, nodes: { ...base.nodes, "%9": node } } as unknown as Graph;
  expect(refusal(() => check(document))).toBe(
    `check: a node has a primitive, inputs, attributes and a shape, got ${got}\n  node   %9`,
  );
});

test("check: refuses what is no document", () => {
  expect(refusal(() => check(null as never))).toContain("check: a graph document is needed, got null");
});

describe("check: refuses attributes that are not plain data:", () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["function", () => 1],
    ["a Map", new Map()],
    ["a Date", new Date(0)],
    ["a Float32Array", new Float32Array(2)],
    ["a Set", [{ inner: new Set() }]],
    ["a value nested 100 deep", nested(101)],
    ["a bool array with elements that are not 0 or 1", arrayFrom(Uint8Array.of(0, 2), [2])],
    ["an array of 1 elements for 4", { dtype: "f32", shape: [4], data: new Float32Array(1) }],
    ["an array without dtype or shape", { dtype: "f64", shape: [1], data: new Float32Array(1) }],
    ["an array without dtype or shape", { dtype: "f32", shape: [0.5], data: new Float32Array(1) }],
  ])("%s", (got, setting) => {
    const base = graph(apply(own, [x]));
    const node = { ...base.nodes["%1"]!, attributes: { setting } };
    const document: Graph = { ...base, nodes: { ...base.nodes, "%1": node } };
    expect(refusal(() => check(document))).toBe(
      `check: attributes are plain data, got ${got} as setting\n  node   %1 = own(%x)`,
    );
  });

  test("and takes everything that is", () => {
    const setting = {
      list: [1, "a", null, true, { deep: [Number.NaN, -0] }],
      array: arrayFrom(Uint8Array.of(1), []),
    };
    const document = graph(apply(own, [x], { setting }));
    expect(check(document)).toBe(document);
  });
});

describe("check: refuses attributes that the primitive does not take:", () => {
  test.each([
    ["f32[2, 3] = sum(%x, axes=[5])", "[5] as axes instead of different axes of rank 2"],
    ["f32[2, 3] = sum(%x, axes=[-1])", "[-1] as axes instead of different axes of rank 2"],
    ["f32[3] = sum(%x, axes=[0, 0])", "[0,0] as axes instead of different axes of rank 2"],
    ['f32[2, 3] = sum(%x, axes="a")', '"a" as axes instead of different axes of rank 2'],
    ["f32[2, 3] = sum(%x)", "nothing as axes instead of different axes of rank 2"],
    ["f32[2, 3] = max(%x, axes=[0.5])", "[0.5] as axes instead of different axes of rank 2"],
    ["f32[2, 3] = reverse(%x, axes=[2])", "[2] as axes instead of different axes of rank 2"],
    ["f32[2, 3] = cumulativeSum(%x, axis=2)", "2 as axis instead of an axis of rank 2"],
    ["i32[2, 3] = argMax(%x, axis=9)", "9 as axis instead of an axis of rank 2"],
    ["f32[2, 3] = concat(%x, %x, axis=3)", "3 as axis instead of an axis of rank 2"],
    ["f32[2, 3, 2] = gather(%x, %i, axis=2)", "2 as axis instead of an axis of rank 2"],
    ["f32[4, 3] = scatterAdd(%x, %i, axis=2, size=4)", "2 as axis instead of an axis of rank 2"],
    ["f32[4, 3] = scatterAdd(%x, %i, axis=0, size=-4)", "-4 as size instead of a dimension"],
    [
      "f32[2, 4] = broadcast(%y, shape=[2, 4], axes=[-1])",
      "[-1] as axes instead of different axes of rank 2",
    ],
    ['f32[2, 3] = iota(shape=[2, 3], axis=2, dtype="f32")', "2 as axis instead of an axis of rank 2"],
    ['f32[] = size(dimension=3.5, dtype="f32")', "3.5 as dimension instead of a dimension"],
    ['f32[] = size(dimension="a b", dtype="f32")', '"a b" as dimension instead of a dimension'],
    ['f32[2, 3] = cast(%x, dtype="f16")', '"f16" as dtype instead of a dtype'],
    ['f32[6] = reshape(%x, shape="6")', '"6" as shape instead of a shape'],
    ['f32[3, 2] = permute(%x, order="10")', '"10" as order instead of a list of integers'],
    ["f32[1] = slice(%y, shape=[1], start=0, step=[1])", "0 as start instead of a list of integers"],
    [
      "f32[] = dot(%y, %y, contract=[[0]], batch=[[], []])",
      "[[0]] as contract instead of two lists of integers",
    ],
    ["f32[] = constant(value=3)", "3 as value instead of an array"],
    ['u32[2] = threefry2x32(%k, %k, shape="")', '"" as shape instead of a shape'],
  ])("%s", (node, got) => {
    const feeds = "%x: f32[2, 3] = input()\n%y: f32[1] = input()\n%i: i32[2] = input()\n%k: u32[2] = input()";
    const [rule, context] = refusal(() => parse(`graph 1\n${feeds}\n%z: ${node}`)).split("\n");
    expect(rule).toBe(`check: attributes must be what the primitive takes, got ${got}`);
    expect(context).toMatch(/^ {2}node {3}%z = /);
  });
});

describe("check: every invariant is broken in turn:", () => {
  const base = graph({ y: mul(x, x) }, { updates: { w: mul(parameter("w", []), 2) } });
  /** The document with one node changed; the node need not be one. */
  const withNode = (id: string, change: Readonly<Record<string, unknown>>): Graph =>
    ({ ...base, nodes: { ...base.nodes, [id]: { ...base.nodes[id], ...change } } }) as Graph;
  const node = "\n  node   %1 = mul(%x, %x)";

  const broken: Readonly<Record<string, readonly [document: Graph, got: string]>> = {
    "a node has a primitive, inputs, attributes and a shape": [
      withNode("%1", { shape: undefined }),
      "none as shape\n  node   %1",
    ],
    "an id is % and letters, digits, _ and .": [
      withNode("a b", { ...base.nodes["%1"] }),
      "a b\n  node   a b = mul(%x, %x)",
    ],
    "a name is text": [withNode("%1", { name: 7 }), `number${node}`],
    "a primitive must be known": [
      withNode("%1", { primitive: "constructor" }),
      "constructor\n  node   %1 = constructor(%x, %x)",
    ],
    "a dtype is f32, f64, i32, u32 or bool": [withNode("%1", { dtype: "f16" }), `f16${node}`],
    "inputs must exist": [withNode("%1", { inputs: ["%x", "%q"] }), "%q\n  node   %1 = mul(%x, %q)"],
    "every node comes after its inputs, so that there is no cycle": [
      withNode("%1", { inputs: ["%1", "%x"] }),
      "%1\n  node   %1 = mul(%1, %x)",
    ],
    "a primitive has its number of inputs": [
      withNode("%1", { inputs: ["%x"] }),
      "1 instead of 2\n  node   %1 = mul(%x)",
    ],
    "attributes are plain data": [withNode("%1", { attributes: { f: Math.sin } }), `function as f${node}`],
    "an input has a name": [
      withNode("%x", { attributes: { ...base.nodes["%x"]!.attributes, name: "" } }),
      '""\n  node   %x = input()',
    ],
    "attributes must be what the primitive takes": [
      withNode("%1", { primitive: "sum", inputs: ["%x"], attributes: { axes: [2] } }),
      "[2] as axes instead of different axes of rank 2\n  node   %1 = sum(%x)",
    ],
    "inputs and attributes must fit the primitive": [
      withNode("%1", { primitive: "and" }),
      "and: the dtype must be bool or integer, got f32\n  node   %1 = and(%x, %x)",
    ],
    "the type must be what the primitive gives": [
      withNode("%1", { shape: [3, 2] }),
      `f32[3, 2] instead of f32[2, 3]${node}`,
    ],
    "a name stands for one input or parameter": [
      withNode("%w", { attributes: { ...base.nodes["%w"]!.attributes, name: "x" } }),
      "x for %x and %w",
    ],
    "an output must exist": [{ ...base, outputs: { y: "%q" } }, "%q for y"],
    "an update must exist": [{ ...base, updates: { w: "%q" } }, "%q for w"],
    "an update is of a parameter": [{ ...base, updates: { x: "%1" } }, "x"],
    "an update has its parameter's type": [{ ...base, updates: { w: "%1" } }, "f32[2, 3] for w, f32[]"],
    "a definition has its own name, and none of the table": [
      { ...base, definitions: { another: own } },
      "another",
    ],
  };

  test("there is a document for each", () => {
    expect(Object.keys(broken)).toEqual(invariants);
  });

  test.each(Object.entries(broken))("%s", (invariant, [document, got]) => {
    expect(refusal(() => check(document))).toBe(`check: ${invariant}, got ${got}`);
  });
});
