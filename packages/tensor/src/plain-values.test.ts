// Values that JSON lacks, and records that look like the ones that stand for them.

import { describe, expect, test } from "vitest";
import { messageOf } from "../../../test/arrays.ts";
import { graph, type Graph } from "./graph.ts";
import { fromJSON, toJSON } from "./json.ts";
import { array, makeArray } from "./ndarray.ts";
import { input } from "./ops/source.ts";
import { parse } from "./parse.ts";
import { print } from "./print.ts";
import { apply, definePrimitive, type Tensor } from "./tensor.ts";

const own = definePrimitive({
  name: "own",
  operands: ["x"],
  infer: (inputs) => inputs[0] as Tensor,
  kernel: ([x], _, { dtype, shape }) => makeArray(x!.data, dtype, shape),
});
const primitives = { own };
const holding = (setting: unknown): Graph => graph(apply(own, [input("x", [2])], { setting }));
const settingOf = (document: Graph): unknown => document.nodes["%1"]?.attributes["setting"];

describe("an attribute is itself after JSON and after text:", () => {
  test.each<[unknown]>([
    [Number.NaN],
    [-0],
    [[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, { deep: -0 }]],
    [{ $number: "5" }],
    [{ $array: [1] }],
    [{ $$: 1, $: { $x: Number.NaN } }],
    [{ nested: [array([1, -0]), null, "text", true] }],
    [JSON.parse('{"__proto__": 3}')],
  ])("%j", (setting) => {
    const document = holding(setting);
    expect(settingOf(fromJSON(JSON.parse(JSON.stringify(toJSON(document))), { primitives }))).toEqual(
      setting,
    );
    expect(settingOf(parse(print(document), { primitives }))).toEqual(setting);
  });
});

describe("fromJSON: refuses a special value that it does not know:", () => {
  test.each<[unknown, string]>([
    [{ $number: "abc" }, '{"$number":"abc"}'],
    [{ $number: 3 }, '{"$number":3}'],
    [{ $array: 3 }, '{"$array":3}'],
    [{ $date: "now" }, '{"$date":"now"}'],
  ])("%j", (written, got) => {
    const json = JSON.parse(
      JSON.stringify(toJSON(holding("here"))).replace('"here"', JSON.stringify(written)),
    ) as unknown;
    expect(messageOf(() => fromJSON(json, { primitives }))).toBe(
      `fromJSON: node 1 may hold {"$array": …} and {"$number": "NaN"}, "Infinity", "-Infinity" or "-0", got ${got}`,
    );
  });
});

test("fromJSON and parse: refuse attributes that nest without end", () => {
  const deep = "[".repeat(20_000) + "]".repeat(20_000);
  const json = JSON.parse(JSON.stringify(toJSON(holding("here"))).replace('"here"', deep)) as unknown;
  expect(messageOf(() => fromJSON(json, { primitives }))).toBe(
    "fromJSON: attributes of node 1 nest at most 100 deep, got more",
  );
  expect(messageOf(() => parse(`graph 1\n%x: f32[] = own(k=${deep})`))).toBe(
    `parse: line 2, column 120: expected at most 100 lists or records within each other, got "${"[".repeat(20)}"`,
  );
});

test("fromJSON: refuses truth values that are neither 0 nor 1", () => {
  const document = graph(apply(own, [input("x", [2])], { setting: array([true, false]) }));
  const json = JSON.parse(JSON.stringify(toJSON(document)).replace("AQA=", "BQA=")) as unknown;
  expect(messageOf(() => fromJSON(json, { primitives })).split("\n")[0]).toBe(
    "check: attributes are plain data, got a bool array with elements that are not 0 or 1 as setting",
  );
});

test("fromJSON: makes no array in the size that a document merely claims", () => {
  const document = graph(apply(own, [input("x", [2])], { setting: array([1, 2]) }));
  const text = JSON.stringify(toJSON(document)).replace(
    '"f32","shape":[2],"base64"',
    '"f32","shape":[1e9,1e6],"base64"',
  );
  expect(messageOf(() => fromJSON(JSON.parse(text), { primitives }))).toBe(
    "fromJSON: an array of node 1 needs 4000000000000000 bytes, got 8",
  );
});
