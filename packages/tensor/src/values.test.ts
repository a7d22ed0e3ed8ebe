// Values on their way into a graph: every refusal, with its whole text.

import { expect, test } from "vitest";
import { refuses } from "../../../test/arrays.ts";
import { evaluate } from "./interpret.ts";
import { array, toNested, type NdArray } from "./ndarray.ts";
import { add } from "./ops/elementwise.ts";
import { sum } from "./ops/reduction.ts";
import { input, parameter } from "./ops/source.ts";
import type { Values } from "./values.ts";

const X = input("X", [2, "m"]);
const Y = input("Y", ["m"]);
const w = parameter("w", [], { dtype: "i32" });
const values = { X: [[1], [2]], Y: [3], w: 4 };
const outputs = [X, Y, w];

const run =
  (changed: Values, of = outputs) =>
  (): unknown =>
    evaluate(of, { ...values, ...changed });

refuses([
  [
    "a value that the graph does not take",
    run({ Z: 1 }),
    "evaluate: values are for inputs and parameters of the graph, got Z\n  help   the graph has: X, Y, w",
  ],
  [
    "a value for a graph that takes none",
    () => evaluate(add(sum(input("a", [0])), 1), { b: 1 }),
    "evaluate: values are for inputs and parameters of the graph, got b\n  help   the graph has: a",
  ],
  [
    "a missing value",
    () => evaluate(X, {}),
    "evaluate: every input and parameter needs a value, got none for X\n  input  X  [2, m] f32",
  ],
  [
    "a missing value whose name every object has",
    () => evaluate(input("constructor", []), {}),
    "evaluate: every input and parameter needs a value, got none for constructor\n  input  constructor  [] f32",
  ],
  [
    "null",
    run({ w: null as unknown as NdArray }),
    "evaluate: every input and parameter needs a value, got none for w\n  parameter  w  [] i32",
  ],
  [
    "an array of another dtype",
    run({ X: array([[1], [2]], { dtype: "f64" }) }),
    "evaluate: X must be f32, got f64",
  ],
  ["another shape", run({ X: [[1, 2]] }), "evaluate: X must have shape [2, m], got [1, 2]"],
  ["another rank", run({ X: [1, 2] }), "evaluate: X must have shape [2, m], got [2]"],
  [
    "two sizes for one name",
    run({ Y: [1, 2] }),
    "evaluate: dimension m is one number, got 1 from X and 2 from Y",
  ],
  ["what does not fit the dtype", run({ w: 1.5 }), "array: 1.5 is not a value of i32\n  value  w  [] i32"],
  [
    "an array that is shorter than its shape says",
    run({ Y: { dtype: "f32", shape: [1], data: new Float32Array(0) } }),
    "evaluate: Y must hold 1 elements of f32, got 0 of f32",
  ],
  [
    "an array whose storage is of another dtype than it says",
    run({ Y: { dtype: "f32", shape: [1], data: new Float64Array(1) } }),
    "evaluate: Y must hold 1 elements of f32, got 1 of f64",
  ],
]);

test("a dimension may have any name", () => {
  expect(toNested(evaluate(input("x", ["constructor"]), { x: [1, 2] }))).toEqual([1, 2]);
});
