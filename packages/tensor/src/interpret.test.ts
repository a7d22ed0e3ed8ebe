// The reference evaluator: what it lets go, what it never shares, what its errors say, and what failure leaves alone.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { InputError } from "./errors.ts";
import { graph, type GraphNode } from "./graph.ts";
import { evaluate, interpret, referenceEngine } from "./interpret.ts";
import { array, makeArray, toNested, toNumber, type NdArray } from "./ndarray.ts";
import { add, mul } from "./ops/elementwise.ts";
import { stopGradient } from "./ops/control.ts";
import { gather } from "./ops/indexing.ts";
import { reshape } from "./ops/movement.ts";
import { sum } from "./ops/reduction.ts";
import { constant, input, parameter, size, zeros } from "./ops/source.ts";
import { apply, definePrimitive, named, type Primitive, type Tensor } from "./tensor.ts";

const x = input("x", [3]);

/** The whole text of the error that a function throws. */
function textOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}

/** A primitive whose kernel is the given function of its operand. */
function primitiveOf(name: string, kernel: (value: NdArray) => NdArray): Primitive {
  return definePrimitive({
    name,
    operands: ["x"],
    infer: (inputs) => inputs[0] as Tensor,
    kernel: (values) => kernel(values[0] as NdArray),
  });
}

describe("memory", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  /** Bytes of storage that is still reachable. */
  const held = (): number => {
    collect();
    collect();
    return process.memoryUsage().arrayBuffers;
  };
  const megabyte = 2 ** 20;
  const grow = primitiveOf("grow", ({ shape }) => makeArray(new Float32Array(megabyte), "f32", shape));
  const big = input("big", [megabyte]);

  /** The bytes that are held before and, at the end of, a run of a chain of arrays of 4 MiB. */
  function heldAfter(chain: (next: (t: Tensor) => Tensor) => Tensor): number {
    let end = 0;
    const measure = primitiveOf("measure", (value) => {
      end = held();
      return value;
    });
    const program = interpret(graph(apply(measure, [chain((t) => apply(grow, [t]))])));
    const values = { big: makeArray(new Float32Array(megabyte), "f32", [megabyte]) };
    const begin = held();
    program.run(values);
    return Math.round((end - begin) / (4 * megabyte));
  }

  test("a value is let go after its last use", () => {
    const heldArrays = heldAfter((next) => {
      let t: Tensor = big;
      for (let i = 0; i < 50; i++) t = next(t);
      return t;
    });
    expect(heldArrays).toBe(1);
  });

  test("a value is kept until its last use", () => {
    const heldArrays = heldAfter((next) => {
      const early = next(big);
      const late = next(next(early));
      return next(mul(sum(early), late));
    });
    expect(heldArrays).toBe(1);
  });

  test("a value that nothing uses is let go at once", () => {
    let end = 0;
    const measure = primitiveOf("measure", (value) => {
      end = held();
      return value;
    });
    const document = graph([apply(grow, [big]), apply(measure, [x])]);
    const program = interpret({ ...document, outputs: { 1: document.outputs["1"] as string } });
    const values = { x: [1, 2, 3], big: makeArray(new Float32Array(megabyte), "f32", [megabyte]) };
    const begin = held();
    program.run(values);
    expect(Math.round((end - begin) / (4 * megabyte))).toBe(0);
  });
});

describe("storage is never shared", () => {
  const value = array([1, 2, 3]);
  const fixed = constant([4, 5, 6]);
  const view = primitiveOf("view", ({ data, dtype, shape }) => makeArray(data.subarray(0), dtype, shape));

  test("between outputs, feeds and constants", () => {
    const y = mul(x, 2);
    const outputs = { feed: x, again: reshape(x, [3, 1]), fixed, y, shaped: reshape(y, [1, 3]) };
    const program = interpret(graph({ ...outputs, view: apply(view, [x]) }));
    const first = program.run({ x: value }).outputs;
    const buffers = [value, ...Object.values(first)].map(({ data }) => data.buffer);
    expect(new Set(buffers).size).toBe(7);
    for (const output of Object.values(first)) output.data.fill(9);
    expect(toNested(value)).toEqual([1, 2, 3]);
    expect(toNested(program.run({ x: value }).outputs["fixed"] as NdArray)).toEqual([4, 5, 6]);
  });

  test("between an output and the arrays among a primitive's attributes", () => {
    const table = array([7, 8, 9]);
    const look = definePrimitive({
      name: "look",
      operands: [],
      infer: () => ({ shape: [3], dtype: "f32" }),
      kernel: () => table,
    });
    const node = apply(look, [], { table });
    evaluate(node).data.fill(0);
    expect(toNested(evaluate(node))).toEqual([7, 8, 9]);
  });

  test("between outputs, updates and the state of a resident", () => {
    const w = parameter("w", [3]);
    const begun = array([1, 1, 1]);
    const resident = interpret(graph({ w }, { updates: { w: add(w, x) } })).bind({ w: begun });
    const outputs = resident.run({ x: value });
    outputs["w"]?.data.fill(9);
    resident.state()["w"]?.data.fill(9);
    begun.data.fill(9);
    expect(toNested(resident.state()["w"] as NdArray)).toEqual([2, 3, 4]);
  });
});

describe("errors inside kernels", () => {
  test("name the node", () => {
    const rows = named("row", gather(x, input("i", [1], { dtype: "i32" })));
    expect(textOf(() => evaluate(mul(rows, 2), { x: [1, 2, 3], i: [3] }))).toBe(
      `gather: indices must be from 0 to 2, got 3 at position 0
  node   %row = gather(%x, %i)`,
    );
  });

  test("of a primitive of one's own name the node and keep the cause", () => {
    const cause = new TypeError("no such thing");
    const failing = primitiveOf("failing", () => {
      throw cause;
    });
    const node = named("my node", apply(failing, [x]));
    const run = (): unknown => evaluate(node, { x: [1, 2, 3] });
    expect(textOf(run)).toBe(
      `failing: a kernel must not fail, got no such thing
  node   %my_node (my node) = failing(%x)`,
    );
    expect(run).toThrow(expect.objectContaining({ cause }));
  });

  test("say what a kernel gave instead of what its shape rule says", () => {
    const wrong = primitiveOf("wrong", () => array([[1, 2, 3]], { dtype: "f64" }));
    expect(textOf(() => evaluate(apply(wrong, [x]), { x: [1, 2, 3] }))).toBe(
      `wrong: a kernel gives what its shape rule says, got f64 [1, 3] for f32 [3]
  node   %1 = wrong(%x)`,
    );
  });
});

describe("a resident", () => {
  const w = parameter("w", []);
  const table = constant([10, 20, 30]);
  const i = input("i", [], { dtype: "i32" });
  const document = graph({ w, picked: gather(table, i) }, { updates: { w: add(w, 1) } });

  test("applies its updates after each run", async () => {
    const resident = (await referenceEngine.compile(document)).bind({ w: 5 });
    expect(toNumber(resident.run({ i: 0 })["w"] as NdArray)).toBe(5);
    expect(toNumber(resident.run({ i: 0 })["w"] as NdArray)).toBe(6);
    expect(toNumber(resident.state()["w"] as NdArray)).toBe(7);
  });

  test.each([
    ["a kernel fails", { i: 7 }],
    ["a value is missing", {}],
    ["a value has another shape", { i: [1] }],
    ["a value is unknown", { i: 0, j: 1 }],
    ["a parameter is handed over", { i: 0, w: 1 }],
  ])("is unchanged when %s", (_, values) => {
    const resident = interpret(document).bind({ w: 5 });
    resident.run({ i: 1 });
    expect(() => resident.run(values)).toThrow(InputError);
    expect(toNumber(resident.state()["w"] as NdArray)).toBe(6);
    expect(toNumber(resident.run({ i: 2 })["picked"] as NdArray)).toBe(30);
  });

  test("says that it keeps its parameters", () => {
    const resident = interpret(document).bind({ w: 5 });
    expect(textOf(() => resident.run({ i: 0, w: 1 }))).toBe(
      "run: a resident keeps its parameters, got a value for w",
    );
  });
});

test("evaluate: gives values in the structure of the tensors", () => {
  const values = { x: [1, 2, 3] };
  expect(toNumber(evaluate(sum(x), values))).toBe(6);
  expect(evaluate([x, sum(x)], values).map(toNested)).toEqual([[1, 2, 3], 6]);
  expect(toNumber(evaluate({ total: sum(x) }, values).total)).toBe(6);
});

test("evaluate: a named dimension is one number everywhere", () => {
  const X = input("X", [2, "m"]);
  expect(
    toNested(
      evaluate(mul(X, size(X, 1)), {
        X: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      }),
    ),
  ).toEqual([
    [3, 6, 9],
    [12, 15, 18],
  ]);
});

test("a kernel of the table that breaks its shape rule is a bug, reported with how to reproduce it", () => {
  const document = graph(stopGradient(x));
  const wrong = { ...document.nodes["%1"], shape: [4] } as GraphNode;
  expect(
    textOf(() => interpret({ ...document, nodes: { ...document.nodes, "%1": wrong } }).run({ x: [1, 2, 3] })),
  ).toBe(
    "bug: stopGradient: a kernel gives what its shape rule says, got f32 [3] for f32 [4]\n" +
      "  help   please report this with: node   %1 = stopGradient(%x)",
  );
});

test("evaluate: passes over unused values only when it is told to", () => {
  const values = { x: [1, 2, 3], y: 3 };
  expect(() => evaluate(x, values)).toThrow(
    "evaluate: values are for inputs and parameters of the graph, got y",
  );
  expect([...evaluate(x, values, { unused: "ignore" }).data]).toEqual([1, 2, 3]);
});

test("evaluate: a dimension that no value tells is given by sizes", () => {
  const empty = zeros([2, "m"]);
  expect(textOf(() => evaluate(empty))).toContain(
    "evaluate: dimension m has no size, got no value that has it",
  );
  expect(evaluate(empty, {}, { sizes: { m: 3 } }).shape).toEqual([2, 3]);
  expect(textOf(() => evaluate(empty, {}, { sizes: { m: -1 } }))).toBe(
    "evaluate: sizes are whole numbers from 0, got -1 for m",
  );
  const both = add(empty, input("v", [2, "m"]));
  expect(textOf(() => evaluate(both, { v: [[1], [2]] }, { sizes: { m: 3 } }))).toBe(
    "evaluate: dimension m is one number, got 3 from sizes and 1 from v",
  );
});

test("evaluate: passes over the sizes of unknown dimensions only when it is told to", () => {
  const sizes = { m: 3, k: 2 };
  const empty = zeros([2, "m"]);
  expect(() => evaluate(empty, {}, { sizes })).toThrow("evaluate: the graph has the dimensions m, got k");
  expect(evaluate(empty, {}, { sizes, unused: "ignore" }).shape).toEqual([2, 3]);
  expect(() => evaluate(empty, {}, { sizes: null as never, unused: "ignore" })).toThrow(
    "sizes are an object",
  );
});

test("evaluate: a value that is no array says whose it is", () => {
  const v = input("v", [2, "m"]);
  expect(textOf(() => evaluate(v, { v: [[1], [2, 3]] }))).toBe(
    "array: rows must have one length, got 2 where length 1 was expected\n  value  v  [2, m] f32",
  );
  expect(textOf(() => evaluate(v, { v: Float32Array.of(1) as never }))).toBe(
    "evaluate: v must be an array, a number or nested lists, got a typed array\n  help   arrayFrom(data, shape) makes an array of it",
  );
});
