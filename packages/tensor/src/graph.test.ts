// What becomes of nodes and their names in a graph document.

import { describe, expect, test } from "vitest";
import { messageOf } from "../../../test/arrays.ts";
import { check } from "./check.ts";
import { graph, type Graph } from "./graph.ts";
import { evaluate } from "./interpret.ts";
import { array, makeArray, toNested } from "./ndarray.ts";
import { add, mul, neg, tanh } from "./ops/elementwise.ts";
import { constant, input, parameter } from "./ops/source.ts";
import { parse } from "./parse.ts";
import { print } from "./print.ts";
import { apply, definePrimitive, named, type Primitive, type Tensor } from "./tensor.ts";

const x = input("x", [2]);
const idsOf = ({ nodes }: Graph): string[] => Object.keys(nodes);

/** A primitive that adds its attribute `by`, and 100 where that is not a number. */
function shift(name: string): Primitive {
  return definePrimitive({
    name,
    operands: ["x"],
    infer: (inputs) => inputs[0] as Tensor,
    kernel: ([value], { by }, { dtype, shape }) =>
      makeArray(
        value!.data.map((each) => each + (Number.isNaN(by) ? 100 : (by as number))),
        dtype,
        shape,
      ),
  });
}

describe("an id", () => {
  test("is the name of its node, or a number", () => {
    expect(idsOf(graph(neg(named("y", tanh(x)))))).toEqual(["%x", "%y", "%2"]);
  });

  test("is never that of another node, whatever nodes are called", () => {
    const first = named("y.3", tanh(x));
    const second = named("y", neg(first));
    const third = named("y", mul(second, second));
    const document = check(graph([first, second, third]));
    expect(idsOf(document)).toEqual(["%x", "%y.3", "%y", "%y.3_"]);
    const [a, b, c] = evaluate([first, second, third], { x: [1, 0] });
    expect(b.data[0]).toBe(-(a.data[0] as number));
    expect(c.data[0]).toBe(Math.fround((b.data[0] as number) ** 2));
  });

  test.each([
    ["", "%1"],
    ["7", "%7.1"],
    ["日本", "%_"],
    ["a b", "%a_b"],
    ["x", "%x.1"],
    ["constructor", "%constructor"],
  ])("of a node called %j is %s, and the name stays", (name, id) => {
    const document = check(graph(named(name, tanh(x))));
    expect(document.outputs["output"]).toBe(id);
    expect(parse(print(document)).nodes[id]?.name).toBe(name);
  });
});

describe("structurally equal nodes become one", () => {
  test("whatever they are called, and arrays by content", () => {
    const one = (): Tensor => named("a", add(x, constant([1, 2])));
    expect(idsOf(graph([one(), add(x, constant([1, 2])), named("b", one())])).length).toBe(3);
  });

  test.each([
    [[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, null]],
    [[0, -0]],
    [[1, "1"]],
    [[true, "true", 1]],
    [[[1, 2], [[1], 2], ["1,2"]]],
    [[{ a: 1 }, { b: 1 }, [["a", 1]]]],
    [[array([1]), array([1], { dtype: "f64" }), array([[1]]), { array: 0 }, "#0", 0]],
  ])("but not where attributes differ: %j", (settings) => {
    const own = shift("own");
    const document = graph(settings.map((by) => apply(own, [x], { by })));
    expect(new Set(Object.values(document.outputs)).size).toBe(settings.length);
  });

  test("so that no attribute gives another's value", () => {
    const own = shift("own");
    const results = evaluate(
      [Number.NaN, Number.POSITIVE_INFINITY, 3].map((by) => apply(own, [x], { by })),
      { x: [0, 1] },
    );
    expect(results.map(toNested)).toEqual([
      [100, 101],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
      [3, 4],
    ]);
  });
});

test("a primitive with a facet and one without are one, whichever comes first", () => {
  const own = shift("own");
  const lowering = (): Tensor => x;
  const both = [own, Object.freeze({ ...own, lowering })];
  for (const pair of [both, both.toReversed()]) {
    const { definitions } = graph(pair.map((primitive, by) => apply(primitive, [x], { by })));
    expect(definitions["own"]).toEqual({ ...own, lowering });
  }
});

test("what an attribute lists is frozen with the node", () => {
  const attributes = { by: 1, list: [{ deep: [2] }] };
  apply(shift("own"), [x], attributes);
  expect(() => attributes.list[0]!.deep.push(3)).toThrow(TypeError);
});

describe("graph: refuses", () => {
  const one = shift("own");
  const differing = [(): Tensor => x, (): Tensor => mul(x, 2)];
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  test.each<[string, () => unknown]>([
    [
      "graph: a name stands for one input or parameter, got x as input f32 [2] and as input f32 [3]",
      () => graph([x, input("x", [3])]),
    ],
    [
      "graph: a name stands for one input or parameter, got x as input f32 [2] and as parameter f32 [2]",
      () => graph([x, parameter("x", [2])]),
    ],
    [
      "graph: a name stands for one primitive, got two different ones called own\n  help   they differ in kernel or shape rule; make it once and pass what varies as an attribute, or give each its name",
      () => graph([apply(shift("own"), [x], { by: 1 }), apply(shift("own"), [x], { by: 2 })]),
    ],
    [
      "graph: a name stands for one primitive, got two different ones called own\n  help   they differ in kernel or shape rule; make it once and pass what varies as an attribute, or give each its name",
      () => graph([apply(shift("own"), [x], { by: 1 }), apply(shift("own"), [x], { by: 1 })]),
    ],
    [
      "graph: a name stands for one primitive, got two different ones called own\n  help   they differ in lowering; make it once and pass what varies as an attribute, or give each its name",
      () => graph(differing.map((lowering) => apply(Object.freeze({ ...one, lowering }), [x], { by: 1 }))),
    ],
    [
      "graph: a name stands for one primitive, got two different ones called tanh\n  help   they differ in kernel or shape rule; make it once and pass what varies as an attribute, or give each its name",
      () => graph(apply(shift("tanh"), [x], { by: 1 })),
    ],
    [
      "graph: attributes are plain data, got function",
      () => graph(apply(shift("own"), [x], { by: () => 1 })),
    ],
    [
      "graph: attributes are plain data, got undefined",
      () => graph(apply(shift("own"), [x], { by: undefined })),
    ],
    [
      "graph: attributes are plain data, got a Map",
      () => graph(apply(shift("own"), [x], { by: new Map([["k", 1]]) })),
    ],
    ["graph: attributes are plain data, got bigint", () => graph(apply(shift("own"), [x], { by: 1n }))],
    [
      "graph: attributes are plain data, got a value nested without end",
      () => graph(apply(shift("own"), [x], { by: cyclic })),
    ],
    [
      "graph: an update is of a parameter of the graph, got v\n  help   parameters: none",
      () => graph(x, { updates: { v: x } }),
    ],
    [
      "graph: an update has its parameter's type, got f32 [2] for w of f32 []",
      () => graph({ w: parameter("w", []) }, { updates: { w: x } }),
    ],
  ])("%s", (message, build) => {
    expect(messageOf(build)).toBe(message);
  });
});

test("names that every object has mean nothing by themselves", () => {
  const own = shift("constructor");
  expect(toNested(evaluate(apply(own, [x], { by: 1 }), { x: [1, 2] }))).toEqual([2, 3]);
  const text = "graph 1\n%x: f32[2] = input()\n%y: f32[2] = toString(%x)";
  expect(messageOf(() => parse(text))).toBe("check: a primitive must be known, got toString");
  const stray = input("a", ["constructor", "__proto__"]);
  expect(toNested(evaluate(neg(stray), { a: [[1, 2]] }))).toEqual([[-1, -2]]);
});
