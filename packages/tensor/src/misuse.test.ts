// What callers without a type checker hand over by mistake, and the words that they get for it.

import { refuses } from "../../../test/arrays.ts";
import { evaluate, interpret, referenceEngine } from "./interpret.ts";
import { graph, type Graph } from "./graph.ts";
import { toJSON } from "./json.ts";
import { array, arrayFrom, makeArray, toNested } from "./ndarray.ts";
import { mul } from "./ops/elementwise.ts";
import { broadcastTo, reshape } from "./ops/movement.ts";
import { sum } from "./ops/reduction.ts";
import { constant, full, input, iota, parameter, zeros } from "./ops/source.ts";
import { norm, variance } from "./ops/statistics.ts";
import { print } from "./print.ts";
import { expect, test } from "vitest";

const x = input("x", [2, 3]);
/** What a type checker would refuse. */
const any = (value: unknown): never => value as never;
const list = (op: string, got: string): string => `${op}: a shape is a list of dimensions, got ${got}`;
const options = (op: string, field: string, known: string): string =>
  `${op}: there is no option ${field}\n  help   options are ${known}`;

refuses([
  ["a number for a shape", () => input("y", any(3)), list("input y", "3")],
  ["a number for the shape of zeros", () => zeros(any(2)), list("full", "2")],
  ["a text for a shape", () => full(any("m"), 1), list("full", '"m"')],
  ["no shape of positions", () => iota(any(undefined)), list("iota", "none")],
  ["a number to reshape to", () => reshape(x, any(6)), list("reshape", "6")],
  ["no shape to reshape to", () => reshape(x, any(undefined)), list("reshape", "none")],
  ["no shape to broadcast to", () => broadcastTo(x, any(undefined)), list("broadcastTo", "none")],
  [
    "no shape of elements",
    () => arrayFrom(new Float32Array(2), any(undefined)),
    "array: a shape is a list of sizes, got none",
  ],
  [
    "a misspelt option of a graph",
    () => graph({ y: x }, any({ update: {} })),
    options("graph", "update", "updates"),
  ],
  ["a misspelt dtype", () => input("y", [1], any({ dtyp: "f64" })), options("input", "dtyp", "dtype")],
  [
    "a dtype for the options",
    () => parameter("y", [1], any("f64")),
    'parameter: options are an object, got "f64"\n  help   options are dtype',
  ],
  [
    "another option of a constant",
    () => constant(1, any({ type: "f64" })),
    options("constant", "type", "dtype"),
  ],
  ["another option of a full", () => full([1], 1, any({ type: "f64" })), options("full", "type", "dtype")],
  ["another option of positions", () => iota([1], 0, any({ type: "f64" })), options("iota", "type", "dtype")],
  [
    "a misspelt option of a sum",
    () => sum(x, 0, any({ keepdims: true })),
    options("sum", "keepdims", "keepDims"),
  ],
  [
    "a truth value for the options",
    () => sum(x, 0, any(true)),
    "sum: options are an object, got true\n  help   options are keepDims",
  ],
  [
    "a misspelt option of a variance",
    () => variance(x, 0, any({ ddof: 1 })),
    options("variance", "ddof", "keepDims, correction"),
  ],
  [
    "a misspelt option of a norm",
    () => norm(x, 0, any({ ord: 1 })),
    options("norm", "ord", "keepDims, order"),
  ],
  [
    "a node to be printed",
    () => print(any(x)),
    "print: a graph document is needed, got a node\n  help   graph(x) makes one of a node, or of nodes by name",
  ],
  [
    "a node to be written down",
    () => toJSON(any(x)),
    "toJSON: a graph document is needed, got a node\n  help   graph(x) makes one of a node, or of nodes by name",
  ],
  [
    "a bigint for values",
    () => evaluate(x, any(1n)),
    "evaluate: values are an object of arrays by name, got 1n",
  ],
  [
    "a function for values",
    () => interpret(graph(x)).run(any(() => 1)),
    "evaluate: values are an object of arrays by name, got a function",
  ],
  [
    "a Map for values",
    () => evaluate(x, any(new Map())),
    "evaluate: values are an object of arrays by name, got a Map",
  ],
  [
    "a Map for sizes",
    () => evaluate(zeros(["m"]), {}, { sizes: any(new Map()) }),
    "evaluate: sizes are an object of numbers by dimension, got a Map",
  ],
  [
    "a Map for outputs",
    () => graph(any(new Map())),
    "graph: takes a tensor, a list or a record of tensors, got a Map",
  ],
  [
    "a number for outputs",
    () => graph(any(3)),
    "graph: takes a tensor, a list or a record of tensors, got 3",
  ],
  [
    "a view whose memory has moved, as nested lists",
    () => toNested(makeArray(new Float32Array(0), "f32", [2, 2])),
    "toNested: shape [2, 2] needs 4 elements, got 0",
  ],
  ["a bigint among elements", () => array(any([1n])), "array: elements must be numbers, got 1n"],
  ["null among elements", () => array(any([null])), "array: elements must be numbers, got null"],
  [
    "a bigint for a dimension",
    () => input("y", any([2n])),
    "input y: dimensions are whole numbers from 0 or names, got 2n in [2]",
  ],
  [
    "a bigint for a size",
    () => evaluate(zeros(["m"]), {}, { sizes: any({ m: 2n }) }),
    "evaluate: sizes are whole numbers from 0, got 2n for m",
  ],
]);

test("the reference engine refuses documents that are not well formed, as every engine does", async () => {
  const document = graph({ y: mul(x, 2) });
  for (const wrong of [
    { ...document, outputs: { y: "%nope" } },
    { ...document, updates: { Q: document.outputs["y"]! } },
  ] satisfies Graph[])
    await expect(referenceEngine.compile(wrong)).rejects.toThrow(/^check: an (output|update) /);
});

test("a view whose memory has moved is shown, as consoles want to", () => {
  expect(String(makeArray(new Float32Array(0), "f32", [2, 2]))).toBe("f32[2, 2] with 0 elements");
});
