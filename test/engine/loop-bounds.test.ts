// Dimensions that are the bound of loops alone: one program for all their sizes, which gives the bits of a program of its
// own for each.

import { compile, loopDimensions, printKernels } from "@wengert/compiler";
import { wasmEngine } from "@wengert/engine";
import {
  add,
  apply,
  argMax,
  arrayFrom,
  broadcastTo,
  cast,
  CompileError,
  concat,
  constant,
  cumulativeSum,
  div,
  exp,
  expandDims,
  graph,
  greater,
  input,
  InputError,
  interpret,
  iota,
  max,
  matmul,
  maximum,
  mean,
  mul,
  pad,
  parameter,
  permute,
  primitives,
  reshape,
  reverse,
  size,
  sliceBlock,
  softmax,
  square,
  sub,
  sum,
  tanh,
  transpose,
  where,
  type Arrays,
  type Graph,
  type NdArray,
  type Shape,
  type Sizes,
  type Tensor,
} from "@wengert/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences, engine, programOf } from "./programs.ts";

/** With a program for every size: what measures kernels has no others. */
const exact = wasmEngine({ threads: 1, profile: true });

const column = input("column", ["m"]);
const matrix = input("matrix", ["m", 3]);
const cube = input("cube", ["m", 2, 3]);
const row = input("row", [3]);
const sources = [column, matrix, cube, row];

const rowsOf = (x: Tensor, width = 3): Tensor => broadcastTo(expandDims(x, 1), ["m", width]);

const cut = (x: Tensor): Tensor => sliceBlock(x, ["m", 2], [0, 1], [1, 1]);

/** Steps that keep rows apart, for nodes of rank 1, 2 and 3. */
const steps: Readonly<Record<1 | 2 | 3, readonly ((x: Tensor) => Tensor)[]>> = {
  1: [
    (x) => rowsOf(x),
    (x) => add(x, cast(iota(["m"]), "f32")),
    (x) => tanh(mul(x, column)),
    (x) => where(greater(x, 0), x, column),
    (x) => sub(rowsOf(x), row),
  ],
  2: [
    (x) => add(x, broadcastTo(sum(x, 1, { keepDims: true }), x.shape)),
    (x) => max(x, 1),
    (x) => softmax(x, 1),
    (x) => reverse(x, 1),
    (x) => concat([x, matrix], 1),
    (x) =>
      pad(x, [
        [0, 0],
        [1, 2],
      ]),
    cut,
    (x) => exp(mul(-0.5, square(x))),
    (x) => sum(x, 1),
  ],
  3: [
    (x) => permute(x, [0, 2, 1]),
    (x) => sum(x, 1),
    (x) => max(x, [1, 2]),
    (x) => reshape(x, ["m", 6]),
    (x) => maximum(x, mul(0.25, x)),
  ],
};

/** The last nodes of a chain of steps, each on the one before or on a source. */
function graphOf(choices: readonly number[]): Graph {
  const nodes: Tensor[] = [column, matrix, cube];
  for (const choice of choices) {
    const x = choice % 4 === 0 ? nodes[choice % 3]! : nodes.at(-1)!;
    const fitting = steps[x.shape.length as 1 | 2 | 3].filter(
      (step) => step !== cut || Number(x.shape[1]) > 2,
    );
    const next = fitting[Math.floor(choice / 4) % fitting.length]!(x);
    if (next.shape.slice(1).every((dim) => Number(dim) < 40)) nodes.push(next);
  }
  // All sources, so that every graph takes the same values.
  const all = add(add(column, sum(matrix, 1)), add(sum(cube, [1, 2]), broadcastTo(sum(row), ["m"])));
  return graph([all, ...nodes.slice(3).slice(-4)]);
}

const numbers = (shape: readonly number[], seed: number): NdArray =>
  arrayFrom(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => 3 * Math.sin(seed + 1.7 * i)),
    shape,
  );

const valuesFor = (m: number): Arrays =>
  Object.fromEntries(
    sources.map(({ attributes, shape }, i) => [
      attributes["name"] as string,
      numbers(
        shape.map((dim) => (typeof dim === "number" ? dim : m)),
        m + i,
      ),
    ]),
  );

/** Any number of rows, and then some that its program serves as well. */
const counts = fc
  .tuple(
    fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 40, max: 700 })),
    fc.array(fc.nat(1000), { minLength: 1, maxLength: 4 }),
  )
  .map(([most, choices]) => [most, ...choices.map((choice) => most - (choice % (1 + Math.floor(most / 2))))]);

describe("loop bounds", () => {
  test("one program gives for every number of rows the bits of one for that number", async () => {
    const choices = fc.array(fc.nat(100_000), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(choices, fc.array(counts, { minLength: 1, maxLength: 3 }), async (chosen, lists) => {
        const document = graphOf(chosen);
        expect(loopDimensions(document)).toEqual(["m"]);
        const program = await programOf(document, { sizes: { m: lists[0]![0]! } });
        const wanted = await exact.compile(document);
        for (const m of lists.flat()) {
          const values = valuesFor(m);
          const { outputs } = program.run(values);
          expect(differences(outputs, wanted.run(values).outputs)).toEqual([]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("many rows are shared among chunks and threads, and fewer come after them", async () => {
    const document = graph({
      shares: softmax(exp(matrix), 1),
      sums: sum(tanh(cube), [1, 2]),
      column: exp(column),
      // Written over its operand.
      both: tanh(concat([exp(matrix), matrix], 1)),
    });
    const wanted = await exact.compile(document);
    for (const threads of [1, 2]) {
      const on = wasmEngine({ threads });
      const resident = (await on.compile(document)).bind({});
      for (const m of [50_000, 30_001, 49_999, 1, 0, 12_345, 3, 60_001]) {
        const { row: _, ...values } = valuesFor(m);
        expect(differences(resident.run(values), wanted.run(values).outputs)).toEqual([]);
      }
      on.close();
    }
  });

  test.each([100, 200_000])("rows behind the last are not computed and not written, of %i", async (most) => {
    const resident = (await engine.compile(graph({ y: exp(column) }))).bind({});
    const all = resident.run({ column: numbers([most], 1) }, { views: true })["y"]!;
    all.data.fill(7);
    const few = most - 3 * Math.floor(most / 10) - 1;
    const { y } = resident.run({ column: numbers([few], 2) }, { views: true });
    expect(y!.shape).toEqual([few]);
    expect(y!.data.includes(7)).toBe(false);
    expect(all.data.subarray(few).every((value) => value === 7)).toBe(true);
  });

  test("a program serves all numbers from half of its own on", async () => {
    const program = await engine.compile(graph({ y: exp(column) }));
    const mosts = [100, 70, 50, 40, 20, 30, 60, 90, 110, 80].map(
      (m) => program.compiled({ m }).bounds[0]!.most,
    );
    expect(mosts).toEqual([100, 100, 100, 40, 40, 40, 100, 100, 110, 110]);
    expect([0, 1, 16].map((m) => program.compiled({ m }).bounds)).toEqual([[], [], []]);
    const other = await engine.compile(graph({ y: exp(column) }));
    const sizes = Array.from({ length: 1000 }, (_, i) => 1000 - i);
    // 1000, 499, 249, 124, 61, 30 and each from 16 to 1, for which 30 has too much room.
    expect(new Set(sizes.map((m) => other.compiled({ m }))).size).toBe(22);
  });

  test("more rows than there is memory for are an error, and fewer go on", async () => {
    const program = await engine.compile(graph({ y: exp(input("x", ["m", 16_384])) }));
    const resident = program.bind({});
    const few = { x: numbers([20, 16_384], 1) };
    const wanted = resident.run(few);
    expect(() => resident.inputView("x", { m: 40_000 })).toThrow(CompileError);
    expect(differences(resident.run(few), wanted)).toEqual([]);
    expect(program.compiled({ m: 20_000 }).memoryBytes).toBeLessThan(2 ** 32);
    expect(program.compiled({ m: 20_001 }).memoryBytes).toBeLessThan(2 ** 32);
    // What has been looked at takes no memory.
    expect(program.bind({}).inputView("x", { m: 20 }).data.buffer.byteLength).toBeLessThan(2 ** 22);
  });

  test("large folds within a row are as those of a program for the size", async () => {
    const document = graph({ y: sum(input("x", ["m", 70_000]), 1) });
    const [program, wanted] = [await engine.compile(document), await exact.compile(document)];
    for (const m of [24, 17, 1]) {
      const values = { x: numbers([m, 70_000], m) };
      expect(differences(program.run(values).outputs, wanted.run(values).outputs)).toEqual([]);
    }
  });

  test("a size that is missing is asked for, whatever ran before", async () => {
    const program = await engine.compile(graph({ y: broadcastTo(constant([1, 2, 3]), ["m", 3]) }));
    const missing = "compile: dimension m has no size, got no value that has it";
    expect(() => program.run({})).toThrow(missing);
    expect(program.run({}, { sizes: { m: 20 } }).outputs["y"]!.shape).toEqual([20, 3]);
    expect(() => program.run({})).toThrow(missing);
  });

  test("room is a number that no other size is", async () => {
    const y = mul(matrix, sum(input("other", [40, 3]), 0));
    const program = await engine.compile(graph({ y, n: exp(input("named", ["n", 7])) }));
    const mosts = (m: number, n: number): unknown =>
      program.compiled({ m, n }).bounds.map(({ dimension, most }) => [dimension, most]);
    expect(mosts(40, 40)).toEqual([
      ["m", 41],
      ["n", 42],
    ]);
    const values = { matrix: numbers([40, 3], 1), other: numbers([40, 3], 2), named: numbers([40, 7], 3) };
    const wanted = (await exact.compile(graph({ y, n: exp(input("named", ["n", 7])) }))).run(values);
    expect(differences(program.run(values).outputs, wanted.outputs)).toEqual([]);
    // No room is made for telling sizes apart.
    const widths = Array.from({ length: 20 }, (_, i) => exp(input(`x${i}`, [17 + i])));
    expect((await engine.compile(graph([exp(column), ...widths]))).compiled({ m: 17 }).bounds).toEqual([]);
  });

  test("a place in memory has the rows that are asked for", async () => {
    const resident = (await engine.compile(graph({ y: mul(2, matrix) }))).bind({});
    for (const m of [50, 30, 40, 3]) {
      const view = resident.inputView("matrix", { m });
      expect(view.shape).toEqual([m, 3]);
      view.data.fill(m);
      const { y } = resident.run({ matrix: view });
      expect(y!.shape).toEqual([m, 3]);
      expect([...y!.data]).toEqual(Array.from({ length: 3 * m }, () => 2 * m));
    }
  });

  test.each([1, 2])("what other residents run moves nothing, on %i threads", async (threads) => {
    const on = wasmEngine({ threads });
    const [x, y, w] = [input("x", ["m", 64]), input("y", ["m", 64]), input("w", [64])];
    const program = await on.compile(graph({ out: add(mul(x, y), broadcastTo(w, ["m", 64])) }));
    const [own, other] = [program.bind({}), program.bind({})];
    const valuesOf = (m: number): Arrays => ({
      x: numbers([m, 64], 1),
      y: numbers([m, 64], 2),
      w: numbers([64], 3),
    });
    for (const m of [700, 1000]) own.run(valuesOf(m));
    const views = Object.fromEntries(["x", "y", "w"].map((name) => [name, own.inputView(name, { m: 600 })]));
    for (const [i, name] of ["w", "x", "y"].entries()) views[name]!.data.fill(10 + i);
    for (const m of [0, 360, 0, 900, 1100, 0]) {
      if (m > 0) other.run(valuesOf(m));
      expect(own.run(views)["out"]!.data[0]).toBe(11 * 12 + 10);
    }
    on.close();
  });

  test.each<readonly [string, (places: Tensor) => Tensor]>([
    ["multiplied", (places) => mul(0.37, places)],
    ["divided by a size", (places) => div(places, size(input("n", [3, "n"]), 1))],
    ["chosen for good", (places) => mul(0.37, where(constant(true, { dtype: "bool" }), places, column))],
  ])("what depends on constants alone has the same bits, %s", async (_, change) => {
    const document = graph({
      y: exp(change(cast(iota(["m"]), "f32"))),
      x: exp(column),
      n: input("n", [3, "n"]),
    });
    const [program, wanted] = [await engine.compile(document), await exact.compile(document)];
    for (const m of [32, 20, 17, 16, 12]) {
      const values = { column: numbers([m], m), n: numbers([3, 7], 1) };
      expect(differences(program.run(values).outputs, wanted.run(values).outputs)).toEqual([]);
    }
  });
});

describe("which dimensions are the bound of loops alone", () => {
  const W = parameter("W", [3, 4]);
  const rowsAs = (shape: Shape): Tensor => input("x", shape);
  test.each<readonly [string, Tensor, readonly string[]]>([
    ["row by row", softmax(rowsAs(["m", 3]), 1), ["m"]],
    ["two of them", add(sum(exp(rowsAs(["m", 3])), 1), cast(iota(["m"]), "f32")), ["m"]],
    ["folded", sum(rowsAs(["m", 3]), 0), []],
    ["averaged", mean(rowsAs(["m", 3]), 0), []],
    ["counted", mul(rowsAs(["m", 3]), size(rowsAs(["m", 3]), 0)), []],
    [
      "the first rows",
      apply(primitives.pad, [rowsAs([2, 3])], { shape: ["m", 3], start: [0, 0], step: [1, 1] }),
      [],
    ],
    ["not first", exp(rowsAs([3, "m"])), []],
    ["moved", transpose(rowsAs(["m", 3])), []],
    ["twice", exp(rowsAs(["m", "m"])), []],
    ["another beside it", exp(rowsAs(["m", "n"])), ["m"]],
    ["turned round", reverse(rowsAs(["m", 3]), 0), []],
    ["cut", sliceBlock(rowsAs(["m", 3]), [2, 3], [0, 0], [1, 1]), []],
    ["rows of a product", matmul(rowsAs(["m", 3]), W), []],
    ["summed up from the first", cumulativeSum(rowsAs(["m", 3]), 0), []],
    ["a kernel of its own", argMax(rowsAs(["m", 3]), 1), []],
    ["places added", add(rowsAs(["m"]), cast(iota(["m"]), "f32")), ["m"]],
    ["of a parameter", exp(parameter("p", ["m", 3])), []],
  ])("%s", (_, y, wanted) => {
    expect(loopDimensions(graph(y))).toEqual(wanted);
  });

  const rooms = (document: Graph, sizes: Sizes): readonly (readonly [string, number])[] =>
    compile(document, { sizes, bounds: loopDimensions(document) }).bounds.map(({ dimension, most }) => [
      dimension,
      most,
    ]);

  test("have rooms that no other size in the program is, also not that of one which has no room", () => {
    // 33 is free for m; n would need 42, which is too much more, and stays 33 itself: then that is not free.
    const taken = [34, 35, 36, 37, 38, 39, 40, 41].map((k) => sum(input(`t${k}`, [k])));
    const [xn, xm] = [input("xn", ["n", 2]), input("xm", ["m", 2])];
    const document = graph([tanh(xn), tanh(xm), ...taken]);
    expect(rooms(document, { n: 33, m: 33 })).toEqual([]);
    expect(rooms(document, { n: 33, m: 50 })).toEqual([
      ["m", 50],
      ["n", 33],
    ]);
    expect(rooms(document, { n: 33, m: 12 })).toEqual([["n", 33]]);
    expect(rooms(graph([tanh(xn), tanh(xm)]), { n: 33, m: 33 })).toEqual([
      ["m", 33],
      ["n", 34],
    ]);
  });

  test("may be as many as find room: the others are compiled for each size", async () => {
    const names = ["a", "b", "c", "d", "e", "f", "g"];
    const document = graph(
      Object.fromEntries(
        names.map((name) => [name, sum(exp(broadcastTo(parameter("w", [1, 2]), [name, 2])), 1)]),
      ),
    );
    const resident = (await engine.compile(document)).bind({ w: [[0, 1]] });
    const reference = interpret(document).bind({ w: [[0, 1]] });
    const all = Object.fromEntries(names.map((name): [string, number] => [name, 20]));
    for (const changed of [{}, { a: 18 }, { g: 19 }, { a: 18, g: 30 }, {}]) {
      const sizes = { ...all, ...changed };
      const [got, wanted] = [resident.run({}, { sizes }), reference.run({}, { sizes })];
      for (const name of names) expect(got[name]!.shape).toEqual(wanted[name]!.shape);
    }
  });

  test("others are refused, and the kernels say which loops have one", () => {
    const document = graph({ y: exp(rowsAs(["m", "n"])) });
    const sizes = { m: 20, n: 3 };
    expect(printKernels(compile(document, { sizes, bounds: ["m"] }).kernels)).toContain("over ≤ 20 x 3");
    expect(printKernels(compile(document, { sizes }).kernels)).toContain("over 20 x 3");
    const help = "bounds: loopDimensions(graph), or some of them";
    expect(() => compile(document, { sizes, bounds: ["n"] })).toThrow(
      new InputError("compile: a bound is one of the graph's loop dimensions, m, got n", { help }),
    );
    for (const bounds of ["m", null, ["m", "m"]]) {
      expect(() => compile(document, { sizes, bounds: bounds as string[] })).toThrow(
        `compile: bounds are a list of different names, got ${String(bounds)}`,
      );
    }
    expect(() => compile(document, { sizes: { n: 3 }, bounds: ["m"] })).toThrow("dimension m has no size");
  });
});
