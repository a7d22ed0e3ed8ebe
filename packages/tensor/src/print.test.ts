// The text form of graphs: how it reads, that it keeps everything, and every refusal with its place.

import { describe, expect, test } from "vitest";
import { GraphError } from "./errors.ts";
import { graph } from "./graph.ts";
import { array, arrayFrom, sameArray, type NdArray } from "./ndarray.ts";
import { matmul } from "./ops/contraction.ts";
import { add, mul } from "./ops/elementwise.ts";
import { sum } from "./ops/reduction.ts";
import { constant, input, parameter } from "./ops/source.ts";
import { parse } from "./parse.ts";
import { print } from "./print.ts";
import { apply, definePrimitive, named, type Tensor } from "./tensor.ts";

const X = input("X", [3, "m"]);
const W = parameter("W", [4, 3]);
const b = parameter("b", [4, 1]);
const Z = named("Z", add(matmul(W, X), b));

test("print: one node a line, with its type, then outputs and updates", () => {
  const text = print(graph({ cost: sum(Z) }, { updates: { b: mul(b, 0.5) } }));
  expect(text).toBe(`graph 1
%W: f32[4, 3] = parameter()
%X: f32[3, m] = input()
%2: f32[4, m] = dot(%W, %X, contract=[[1], [0]], batch=[[], []])
%b: f32[4, 1] = parameter()
%4: f32[4, m] = broadcast(%b, shape=[4, "m"], axes=[0, 1])
%Z: f32[4, m] = add(%2, %4)
%6: f32[] = sum(%Z, axes=[0, 1])
%7: f32[] = constant(value=f32[](0.5))
%8: f32[4, 1] = broadcast(%7, shape=[4, 1], axes=[])
%9: f32[4, 1] = mul(%b, %8)
output "cost" = %6
update "b" = %9`);
});

test("print: names that are not ids, and ids that are not names, are written", () => {
  const text = print(graph([named("a b", X), named("7", mul(X, X)), named("X", add(X, X))]));
  expect(text.split("\n").slice(1, 4)).toEqual([
    '%a_b "a b": f32[3, m] = input(name="X")',
    '%7.1 "7": f32[3, m] = mul(%a_b, %a_b)',
    "%X: f32[3, m] = add(%a_b, %a_b)",
  ]);
  expect(print(parse(text))).toBe(text);
});

test.each([
  arrayFrom(
    Float32Array.of(0.1, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e-45, 3.4028234663852886e38),
    [2, 3],
  ),
  arrayFrom(Float64Array.of(0.1, -0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324, Number.MAX_VALUE), [6]),
  arrayFrom(Int32Array.of(-2147483648, 0, 2147483647), [3, 1]),
  arrayFrom(Uint32Array.of(4294967295), []),
  arrayFrom(Uint8Array.of(1, 0), [2]),
  arrayFrom(new Float32Array(0), [0, 5]),
])("print and parse: keep every bit of a constant (%#)", (value) => {
  const again = parse(print(graph(constant(value))));
  expect(sameArray(Object.values(again.nodes)[0]?.attributes["value"] as NdArray, value)).toBe(true);
});

test("print and parse: keep every plain attribute, output and update, whatever it is called", () => {
  const record = {
    a: [1, Number.NaN, -0, Number.NEGATIVE_INFINITY],
    "b c": { d: null, e: true },
    f: 'say "hi"\n',
  };
  const attributes = { record, "key-with-dashes": "# no comment", list: [[], {}], array: array([1, -0]) };
  const own = definePrimitive({
    name: "own:thing",
    operands: ["x"],
    infer: (inputs) => inputs[0] as Tensor,
    kernel: (values) => values[0] as NdArray,
  });
  const node = apply(own, [X], attributes);
  const document = graph(
    Object.fromEntries([
      ["__proto__", node],
      ["a = b", X],
      ["", X],
    ]),
  );
  const again = parse(print(document), { primitives: { "own:thing": own, unused: own } });
  expect(again).toEqual(document);
  expect(Object.keys(again.outputs)).toEqual(["__proto__", "a = b", ""]);
  expect(Object.keys(again.definitions)).toEqual(["own:thing"]);
});

test("print: cuts constants at a limit", () => {
  const text = print(graph(constant([1, 2, 3, 4])), { limit: 2 });
  expect(text).toContain("value=f32[4](1, 2, …)");
});

describe("parse", () => {
  test("passes over comments and empty lines", () => {
    const text = '# a graph\n\ngraph 1 # version\n%x: f32[2] = input()  # the input\noutput "y" = %x\r\n';
    expect(print(parse(text))).toBe('graph 1\n%x: f32[2] = input()\noutput "y" = %x');
  });

  test.each([
    ["", 'parse: a graph begins with "graph 1", got an empty text'],
    ["graph 2", 'parse: line 1, column 1: expected "graph 1", got "graph 2"'],
    [
      "graph 1\nx = add()",
      'parse: line 2, column 1: expected a node, an output or an update, got "x = add()"',
    ],
    ["graph 1\n%x f32", 'parse: line 2, column 4: expected :, got "f32"'],
    ["graph 1\n%x: f16[2] = input()", 'parse: line 2, column 5: expected a dtype, got "f16[2] = input()"'],
    ["graph 1\n%x: f32[2 = input()", 'parse: line 2, column 11: expected , or ], got "= input()"'],
    [
      "graph 1\n%x: f32[2] = input(",
      "parse: line 2, column 20: expected an input or an attribute, got the end of the line",
    ],
    [
      "graph 1\n%x: f32[] = constant(value=f32[2](1))",
      'parse: line 2, column 37: expected 2 numbers for shape [2] instead of 1, got ")"',
    ],
    [
      "graph 1\n%x: f32[2] = input()\n%x: f32[2] = input()",
      'parse: line 3, column 3: expected another id than %x, which is taken, got ": f32[2] = input()"',
    ],
    [
      "graph 1\n%x: i32[1] = constant(value=i32[1](1.5))",
      'parse: line 2, column 39: expected a number of i32 instead of 1.5, got "))"',
    ],
    [
      "graph 1\n%x: bool[1] = constant(value=bool[1](2))",
      'parse: line 2, column 39: expected a number of bool instead of 2, got "))"',
    ],
    [
      "graph 1\n%x: f32[1] = constant(value=f32[1](1, …))",
      'parse: line 2, column 39: expected a number, got "…))"',
    ],
    ["graph 1\n%x: f32[] = exp(x=-nan)", 'parse: line 2, column 19: expected a value, got "-nan)"'],
    [
      "graph 1\n%x: f32[] = exp(x=1, x=2)",
      'parse: line 2, column 23: expected another attribute than x, which is taken, got "=2)"',
    ],
    ["graph 1\n%x: f32[] = exp(x=1, %y)", 'parse: line 2, column 22: expected an attribute, got "%y)"'],
    [
      'graph 1\noutput "\\q" = %x',
      'parse: line 2, column 13: expected a JSON string instead of "\\q", got "= %x"',
    ],
    ["graph 1\noutput x", 'parse: line 2, column 8: expected a name in quotes, got "x"'],
    [
      'graph 1\noutput "y" = %x\noutput "y" = %x',
      'parse: line 3, column 14: expected another name than y, which is taken, got "%x"',
    ],
    ['graph 1\n%x: f32[] = exp(x={"a" 1})', 'parse: line 2, column 24: expected :, got "1})"'],
    [
      "graph 1\n%x: f32[] = exp(x={a: 1})",
      'parse: line 2, column 20: expected a key in quotes, got "a: 1})"',
    ],
    ["graph 1\n%x: f32[] = exp(x=[1 2])", 'parse: line 2, column 22: expected , or ], got "2])"'],
    ["graph 1\n%x: f32[-1] = input()", 'parse: line 2, column 9: expected a dimension, got "-1] = input()"'],
    ["graph 1\n%x: f32[] = 7()", 'parse: line 2, column 13: expected a primitive, got "7()"'],
    ["graph 1\n%x: f32[2] = input() 7", 'parse: line 2, column 22: expected the end of the line, got "7"'],
  ])("says where %j is wrong", (text, message) => {
    let error: unknown;
    try {
      parse(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(GraphError);
    expect((error as GraphError).message).toBe(message);
  });
});
