import { expect, test } from "vitest";
import { graph } from "./graph.ts";
import { fromJSON, toJSON } from "./json.ts";
import { arrayFrom, sameArray, type NdArray } from "./ndarray.ts";
import { add, mul } from "./ops/elementwise.ts";
import { constant, input, parameter } from "./ops/source.ts";
import { print } from "./print.ts";
import { apply, definePrimitive } from "./tensor.ts";

type Mutable = { nodes: Record<string, unknown>[] } & Record<string, unknown>;

const w = parameter("w", [2]);
const document = graph(add(mul(input("x", [2]), w), constant([1, 2])), { updates: { w: mul(w, w) } });

/** The document's JSON after a change. */
function changed(change: (json: Mutable) => void): unknown {
  const json = JSON.parse(JSON.stringify(toJSON(document))) as Mutable;
  change(json);
  return json;
}

/** A list with nothing in its first place, and then the others. */
function nothingAnd(...others: readonly string[]): unknown[] {
  const list: unknown[] = [];
  list.length = 1;
  list.push(...others);
  return list;
}

test("toJSON and fromJSON: keep the graph", () => {
  expect(print(fromJSON(changed(() => undefined)))).toBe(print(document));
});

test.each([
  arrayFrom(Float64Array.of(-0, Number.NaN, Number.NEGATIVE_INFINITY, 5e-324), [2, 2]),
  arrayFrom(Uint8Array.of(1, 0, 1), [3]),
  arrayFrom(
    Float32Array.from({ length: 20_000 }, (_, i) => i / 7),
    [20_000],
  ),
])("toJSON and fromJSON: keep every bit of a constant (%#)", (value) => {
  const again = fromJSON(JSON.parse(JSON.stringify(toJSON(graph(constant(value))))));
  expect(sameArray(Object.values(again.nodes)[0]?.attributes["value"] as NdArray, value)).toBe(true);
});

test.each<[string, (json: Mutable) => void]>([
  [
    'fromJSON: the format must be wengert/graph@1, got "wengert/graph@2"',
    (json) => (json["format"] = "wengert/graph@2"),
  ],
  ["fromJSON: nodes must be a list, got undefined", (json) => delete (json as Partial<Mutable>).nodes],
  ["fromJSON: an id stands for one node, got %x twice", (json) => json.nodes.push({ ...json.nodes[0] })],
  [
    "fromJSON: inputs of node 2 must be a list of ids, got nothing",
    (json) => delete json.nodes[2]?.["inputs"],
  ],
  [
    'fromJSON: dtype of node 0 must be one of f32, f64, i32, u32, bool, got "f16"',
    ({ nodes }) => (nodes[0]!["dtype"] = "f16"),
  ],
  ["fromJSON: outputs must be a record of ids, got nothing", (json) => delete json["outputs"]],
  ["check: a primitive must be known, got addd", ({ nodes }) => (nodes[4]!["primitive"] = "addd")],
  [
    "check: every node comes after its inputs, so that there is no cycle, got %4",
    ({ nodes }) => (nodes[2]!["inputs"] = ["%4", "%w"]),
  ],
  [
    "check: every node comes after its inputs, so that there is no cycle, got %2",
    ({ nodes }) => (nodes[2]!["inputs"] = ["%2", "%w"]),
  ],
  ["check: inputs must exist, got %99", ({ nodes }) => (nodes[2]!["inputs"] = ["%99", "%w"])],
  [
    "check: the type must be what the primitive gives, got f32[3] instead of f32[2]",
    ({ nodes }) => (nodes[2]!["shape"] = [3]),
  ],
  [
    "check: a name stands for one input or parameter, got x for %x and %w",
    ({ nodes }) => ((nodes[1]!["attributes"] as Record<string, unknown>)["name"] = "x"),
  ],
  ["check: an output must exist, got %77 for output", (json) => (json["outputs"] = { output: "%77" })],
  ["check: an update is of a parameter, got v", (json) => (json["updates"] = { v: "%4" })],
  [
    "fromJSON: an array of node 3 needs 8 bytes, got 3",
    ({ nodes }) =>
      (nodes[3]!["attributes"] = { value: { $array: { dtype: "f32", shape: [2], base64: "AAAA" } } }),
  ],
  [
    'fromJSON: an array of node 3 must be base64, got "?!"',
    ({ nodes }) =>
      (nodes[3]!["attributes"] = { value: { $array: { dtype: "f32", shape: [2], base64: "?!" } } }),
  ],
  // A list with a place that holds nothing, which callers can make though no JSON text has one.
  [
    'fromJSON: inputs of node 2 must be a list of ids, got [null,"%w"]',
    ({ nodes }) => (nodes[2]!["inputs"] = nothingAnd("%w")),
  ],
  [
    "fromJSON: shape of node 0 must be a list of numbers and names, got [null]",
    ({ nodes }) => (nodes[0]!["shape"] = nothingAnd()),
  ],
  [
    "check: attributes are plain data, got undefined as shape",
    ({ nodes }) => ((nodes[0]!["attributes"] as Record<string, unknown>)["shape"] = nothingAnd()),
  ],
])("fromJSON: refuses what is not well formed: %s", (message, change) => {
  expect(() => fromJSON(changed(change))).toThrow(message);
});

test("fromJSON: takes the primitives of one's own", () => {
  const twice = definePrimitive({
    name: "twice",
    operands: ["x"],
    infer: ([x]) => x!,
    kernel: ([x], _, { shape }) =>
      arrayFrom(
        x!.data.map((value) => 2 * value),
        shape,
      ),
  });
  const own = graph(apply(twice, [input("x", [2])]));
  const json = JSON.parse(JSON.stringify(toJSON(own))) as unknown;
  expect(() => fromJSON(json)).toThrow("check: a primitive must be known, got twice");
  expect(print(fromJSON(json, { primitives: { twice } }))).toBe(print(own));
});
