// What the engine and the compiler refuse, in which words, and that nothing has changed afterwards.

import { compile, loopDimensions } from "@wengert/compiler";
import { wasmEngine, type WasmEngineOptions } from "@wengert/engine";
import {
  add,
  arrayFrom,
  broadcastAlong,
  broadcastTo,
  cast,
  evaluate,
  gather,
  graph,
  input,
  iota,
  matmul,
  max,
  mul,
  outer,
  parameter,
  referenceEngine,
  slice,
  sub,
  sum,
  type Graph,
  type Sizes,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { engine } from "./programs.ts";

const W = parameter("W", [5, 2]);
const v = parameter("v", [2]);
const i = input("i", [3], { dtype: "i32" });
const table = {
  W: arrayFrom(
    Float32Array.from({ length: 10 }, (_, k) => k),
    [5, 2],
  ),
  v: [1, 2],
};
const indices = (...values: readonly number[]) => arrayFrom(Int32Array.from(values), [3]);

describe("an index out of range", () => {
  test.each([referenceEngine, engine])("is told by $name with the node and its inputs", async (each) => {
    const program = await each.compile(graph(add(gather(mul(W, 2), i), 1)));
    expect(() => program.run({ W: table.W, i: indices(1, 2, 9) })).toThrow(
      "gather: indices must be from 0 to 4, got 9 at position 2\n  node   %5 = gather(%3, %i)",
    );
  });

  const updates = { W: sub(W, 1), v: add(v, 1) };
  const computed = cast(mul(cast(i, "f32"), 2), "i32");
  test.each([
    ["given", graph({ rows: gather(W, i) }, { updates }), [0, 4, 5], "got 5 at position 2"],
    ["computed", graph({ rows: gather(W, computed) }, { updates }), [0, 3, 1], "got 6 at position 1"],
    ["negative", graph({ rows: gather(W, i) }, { updates }), [0, -1, 1], "got -1 at position 1"],
  ])("that is %s is refused, and the state stays", async (_, document, wrong, words) => {
    const resident = (await engine.compile(document)).bind(table);
    resident.run({ i: indices(0, 1, 2) });
    const before = resident.state();
    expect(() => resident.run({ i: indices(...wrong) })).toThrow(
      `gather: indices must be from 0 to 4, ${words}`,
    );
    expect(resident.state()).toEqual(before);
    // After one run every element is one less; row 0 comes first in all three.
    expect([...resident.run({ i: indices(0, 1, 2) })["rows"]!.data].slice(0, 2)).toEqual([-1, 0]);
  });
});

test.each([
  [{ threads: 0 }, "threads must be a whole number"],
  [{ threads: 1.5 }, "threads must be a whole number"],
  [{ features: "unknown" }, 'features must be auto or standard, got "unknown"'],
  [{ debug: "on" }, 'debug must be true or false, got "on"'],
  [{ treads: 4 }, "there is no option treads"],
])("the options %o are refused", (options, words) => {
  expect(() => wasmEngine(options as WasmEngineOptions)).toThrow(words);
});

test.each([
  [
    graph(outer(input("a", ["m"]), input("b", ["m"]))),
    { sizes: { m: 40_000 } },
    "at most 4 GiB of memory, got 5.96 GiB, 1.96 GiB more",
  ],
  [
    graph(max(broadcastAlong(input("a", [4]), [4, 2 ** 31], [0]), 1)),
    {},
    "a loop has at most 2147483584 turns, got 2147483648",
  ],
  [
    graph(matmul(broadcastTo(input("a", []), [2, 2 ** 31]), broadcastTo(input("b", []), [2 ** 31, 2]))),
    {},
    "a loop has at most 2147483584 turns, got 2147483648",
  ],
  [
    graph(slice(iota([2 ** 33], 0, { dtype: "f64" }), [[2 ** 32 - 2, 2 ** 32 + 1]])),
    {},
    "an index is at most 4294967295, got 4294967296",
  ],
  [
    graph(sum(input("a", ["m"]))),
    { sizes: { m: Number.NaN } },
    "sizes are whole numbers from 0, got NaN for m",
  ],
  [graph(sum(input("a", ["m"]))), { sizes: { m: 1.5 } }, "sizes are whole numbers from 0, got 1.5 for m"],
  [graph(sum(input("a", ["m"]))), {}, "dimension m has no size"],
  [graph(sum(input("a", [2]))), { sizes: { m: 2 } }, "the graph has no named dimensions, got m"],
  [graph(sum(input("a", ["m"]))), { sizes: null as never }, "sizes are an object of numbers by dimension"],
  [graph(sum(input("a", [2]))), { threads: 0 }, "threads is a whole number from 1 to 64, got 0"],
  [graph(sum(input("a", [2]))), { threads: 1e9 }, "threads is a whole number from 1 to 64, got 1000000000"],
  [graph(sum(input("a", [2]))), { onStep: 3 as never }, "onStep must be a function, got 3"],
  [graph(sum(input("a", [2]))), { profile: "yes" as never }, 'profile must be a boolean, got "yes"'],
  [
    graph(sum(input("a", [2]))),
    { features: { relaxed: 1 as never, wide: false } },
    "relaxed must be a boolean, got 1",
  ],
  [undefined as unknown as Graph, {}, "a graph document is needed"],
  [graph(sum(input("a", [2]))), { guard: -64 }, "guard must be a whole number from 0, got -64"],
])("compile refuses what it cannot compile: %#", (document, options, words) => {
  expect(() => compile(document, options)).toThrow(words);
});

test("options of compile are those that there are", () => {
  const document = graph(sum(input("a", [2])));
  expect(() => compile(document, { gaurd: 64 } as never)).toThrow("there is no option gaurd");
  expect(() => compile(document, { features: { relaxd: true } } as never)).toThrow("no option relaxd");
});

test("compile says what is wrong with a document that is not well formed, where it stumbles over it", () => {
  const document = graph(
    { o: matmul(parameter("W", [2, 3]), input("X", [3, 4])) },
    { updates: { W: mul(parameter("W", [2, 3]), 2) } },
  );
  const product = Object.keys(document.nodes).find((id) => document.nodes[id]!.primitive === "dot");
  const withInputs = (...inputs: string[]): Graph => ({
    ...document,
    nodes: { ...document.nodes, [product!]: { ...document.nodes[product!]!, inputs } },
  });
  for (const wrong of [
    withInputs(product!, "%X"),
    withInputs("%W", "%Q"),
    { ...document, outputs: { o: "%99" } },
    { ...document, updates: { W: "%99" } },
    { ...document, updates: { Q: product! } },
    { ...document, nodes: { ...document.nodes, "%9": null as never } },
    withInputs(...([null] as never[])),
  ])
    expect(() => compile(wrong)).toThrow(/^check: /);
  const bare = { ...document, definitions: undefined } as unknown as Graph;
  for (const call of [compile, loopDimensions])
    expect(() => call(bare)).toThrow("a graph document is needed");
});

test("the engine refuses a document that is not well formed, also where it could be compiled", async () => {
  const document = graph({ y: mul(input("x", [2, 3]), 2) });
  const node = document.nodes["%x"]!;
  for (const change of [{ dtype: "f64" as const }, { shape: [2, 4] }, { shape: ["m", 3] }]) {
    const wrong: Graph = { ...document, nodes: { ...document.nodes, "%x": { ...node, ...change } } };
    await expect(engine.compile(wrong)).rejects.toThrow(/^check: /);
  }
});

test("options of a run are those that there are", async () => {
  const document = graph(sum(input("a", ["m"])));
  const program = await engine.compile(document);
  const reference = await referenceEngine.compile(document);
  const values = { a: [1, 2] };
  for (const { run } of [program, reference]) {
    expect(() => run(values, { size: { m: 2 } } as never)).toThrow("there is no option size");
    expect(() => run(values, null as never)).toThrow("options are an object, got null");
  }
  const resident = program.bind({});
  expect(() => resident.run(values, { view: true } as never)).toThrow("there is no option view");
  expect(() => resident.run(values, { views: "no" } as never)).toThrow("views must be true or false");
  expect(() => evaluate(input("a", [2]), values, { unsued: "ignore" } as never)).toThrow(
    "there is no option unsued",
  );
});

test.each([referenceEngine, engine])(
  "$name: sizes are those of the graph, told to programs and residents alike",
  async (each) => {
    const named = graph({ y: broadcastTo(input("a", [1]), ["n", "m"]), s: parameter("s", ["n"]) });
    const program = await each.compile(named);
    const [a, s] = [[2], [1, 2, 3]];
    const resident = program.bind({ s });
    const runs: readonly ((sizes: unknown) => unknown)[] = [
      (sizes) => program.run({ a, s }, { sizes: sizes as Sizes }).outputs["y"]!.shape,
      (sizes) => resident.run({ a }, { sizes: sizes as Sizes })["y"]!.shape,
    ];
    for (const [place, run] of runs.entries()) {
      expect(run({ m: 2 })).toEqual([3, 2]);
      expect(run({ m: 0, n: 3 })).toEqual([3, 0]);
      expect(() => run(undefined)).toThrow("dimension m has no size");
      expect(() => run({ m: 2, k: 4 })).toThrow("evaluate: the graph has the dimensions m, n, got k");
      for (const wrong of [null, 3, [2], "m"])
        expect(() => run(wrong)).toThrow("sizes are an object of numbers");
      for (const wrong of [-1, 1.5, "2", null])
        expect(() => run({ m: wrong })).toThrow("sizes are whole numbers");
      const from =
        each === engine && place === 1
          ? "3 from the parameters and 4 from sizes"
          : "4 from sizes and 3 from s";
      expect(() => run({ m: 2, n: 4 })).toThrow(`dimension n is one number, got ${from}`);
    }
  },
);

test("a profile needs an engine that measures, and a run", async () => {
  const document = graph(sum(input("a", [2])));
  const plain = (await engine.compile(document)).bind({});
  plain.run({ a: [1, 2] });
  expect(() => plain.profile()).toThrow("profile: the engine must measure");
  const resident = (await wasmEngine({ threads: 1, profile: true }).compile(document)).bind({});
  resident.inputView("a");
  expect(() => resident.profile()).toThrow("profile: the program must have run");
  resident.run({ a: [1, 2] });
  expect(resident.profile()).toMatchObject([{ kind: "loop", unit: "GB/s" }]);
});

test("a resident keeps its parameters, and knows its dimensions", async () => {
  const resident = (await engine.compile(graph(sum(mul(input("a", ["m"]), parameter("s", [])))))).bind({
    s: 2,
  });
  expect(() => resident.run({ a: [1], s: 3 })).toThrow(
    "run: a resident keeps its parameters, got a value for s",
  );
  expect(() => resident.inputView("a", { m: 2, k: 4 })).toThrow("the graph has the dimensions m, got k");
});

test("places and forms need every size, as a number, and no other", async () => {
  const program = await engine.compile(graph(sum(mul(input("a", ["m"]), parameter("s", [])))));
  const resident = program.bind({ s: 2 });
  program.compiled({ m: 2 });
  // Text that reads as a size that is known already.
  const text = { m: "2" } as unknown as { m: number };
  for (const place of [
    (sizes?: { m: number }): unknown => program.compiled(sizes),
    (sizes?: { m: number }): unknown => resident.inputView("a", sizes),
  ]) {
    expect(() => place()).toThrow("every dimension needs a size, got none for m");
    expect(() => place(text)).toThrow('sizes are whole numbers from 0, got "2" for m');
  }
  for (const sizes of [null, 3] as unknown as { m: number }[]) {
    expect(() => program.compiled(sizes)).toThrow("compiled: sizes are an object of numbers by dimension");
    expect(() => resident.inputView("a", sizes)).toThrow("inputView: sizes are an object of numbers");
  }
  expect(() => program.compiled({ m: 2, k: 4 })).toThrow("the graph has the dimensions m, got k");
  const strange = { ...arrayFrom(new Float32Array(1), [1]), shape: [Number.NaN] };
  expect(() => program.run({ a: strange, s: 2 })).toThrow("sizes of a are whole numbers from 0, got [NaN]");
  expect(() => resident.inputView("s")).toThrow("an input of the graph has a place, got the parameter s");
});

test.each([referenceEngine, engine])(
  "$name refuses what is no graph, and what are no values",
  async (each) => {
    const node = input("a", []);
    for (const [document, got] of [
      [null, "null"],
      [undefined, "none"],
      [{}, "an object of another kind"],
      [{ nodes: {} }, "an object of another kind"],
      [{ nodes: {}, outputs: {}, updates: {} }, "an object of another kind"],
      ["text", '"text"'],
      [node, "a node"],
      [[node], "an object of another kind"],
    ] as const) {
      const refused = each.compile(document as unknown as Graph);
      await expect(refused).rejects.toThrow(`a graph document is needed, got ${got}`);
    }
    const program = await each.compile(graph(mul(node, parameter("s", []))));
    const resident = program.bind({ s: 2 });
    const shapeless = { ...arrayFrom(new Float32Array(1), [1]), shape: "1" };
    expect(() => resident.run({ a: shapeless as never })).toThrow(
      'a must have a list for its shape, got "1"',
    );
    for (const values of [null, undefined, 5, "text"] as unknown as Record<string, number>[]) {
      const rule = "values are an object of arrays by name, got";
      for (const use of [program.run, program.bind, resident.run]) expect(() => use(values)).toThrow(rule);
    }
  },
);

test("options are an object", () => {
  for (const options of [null, 5, "auto", []])
    expect(() => wasmEngine(options as never)).toThrow("wasmEngine: options are an object, got");
});

test("outputs, states and places are arrays like all others", async () => {
  const resident = (await engine.compile(graph(mul(input("a", [2]), parameter("s", [2]))))).bind({
    s: [2, 3],
  });
  expect(String(resident.run({ a: [1, 2] })["output"])).toBe("f32[2]\n[2, 6]");
  expect(String(resident.state()["s"])).toBe("f32[2]\n[2, 3]");
  expect(String(resident.inputView("a"))).toBe("f32[2]\n[1, 2]");
});

const big = parameter("big", [100_000, 32]);
const updates = { big: mul(big, 2) };
test.each([
  ["whose indices are given copies no parameter to look at them", graph(sum(gather(big, i)))],
  ["whose indices are computed keeps what it copies to", graph(sum(gather(big, add(i, 1))), { updates })],
])("a program %s", async (_, document) => {
  const resident = (await engine.compile(document)).bind({
    big: arrayFrom(new Float32Array(3_200_000), [100_000, 32]),
  });
  const values = { i: indices(1, 2, 3) };
  resident.run(values);
  // The most growth that one run shows: in some runs a collector takes away what an earlier one has left.
  let most = 0;
  for (let run = 0; run < 20; run++) {
    const before = process.memoryUsage().arrayBuffers;
    resident.run(values);
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  // A copy would be 12.8 MB.
  expect(most).toBeLessThan(1e6);
});
