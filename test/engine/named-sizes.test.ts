// Named dimensions: one program, compiled for the sizes that it meets, with its parameters at one place for all.

import { wasmEngine } from "@wengert/engine";
import {
  add,
  arrayFrom,
  broadcastTo,
  concat,
  div,
  expandDims,
  graph,
  input,
  InputError,
  interpret,
  iota,
  max,
  mean,
  mul,
  parameter,
  sliceBlock,
  size,
  sub,
  sum,
  transpose,
  type Arrays,
  type NdArray,
} from "@wengert/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { differences, engine, programOf } from "./programs.ts";

const whole = { dtype: "i32" } as const;
const x = input("x", ["n", "m"], whole);
const y = input("y", ["m"], whole);
const p = parameter("p", [3], whole);
const memory = parameter("memory", ["k", 2], whole);
const wide = add(x, broadcastTo(y, ["n", "m"]));
const document = graph(
  {
    sums: sum(wide, 0),
    largest: max(wide, 1),
    transposed: transpose(wide),
    count: mul(size(x, 0), size(x, 1)),
    index: sub(iota(["m"]), y),
    both: concat([expandDims(y, 0), expandDims(sub(y, 1), 0)], 0),
    flipped: sliceBlock(y, [2], [0], [2]),
  },
  { updates: { p: add(p, sum(wide)), memory: add(mul(memory, -1), size(y, 0)) } },
);

const numbersOf = (shape: readonly number[], start: number): NdArray =>
  arrayFrom(
    Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => ((i * 31 + start) % 23) - 11),
    shape,
  );

const inputsFor = (n: number, m: number, start = 0): Arrays => ({
  x: numbersOf([n, m], start),
  y: numbersOf([m], start + 1),
});

const stateFor = (k: number): Arrays => ({ p: numbersOf([3], 3), memory: numbersOf([k, 2], 5) });

// `y` is sliced up to its third element.
const sizes = fc.integer({ min: 3, max: 40 });
const anySizes = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(1, 64, 200));

describe("named sizes", () => {
  test("a program gives the reference's values for all sizes, in any order", async () => {
    const program = await engine.compile(document);
    const reference = interpret(document);
    fc.assert(
      fc.property(fc.array(fc.tuple(anySizes, sizes, anySizes), { minLength: 1, maxLength: 6 }), (list) => {
        for (const [n, m, k] of list) {
          const values = { ...inputsFor(n, m, n), ...stateFor(k) };
          const [found, wanted] = [program.run(values), reference.run(values)];
          expect(differences(found.outputs, wanted.outputs)).toEqual([]);
          expect(differences(found.updates, wanted.updates)).toEqual([]);
        }
      }),
      { numRuns: 30 },
    );
  });

  test.each([false, true])(
    "a resident's parameters survive every change of sizes, profiled: %s",
    async (profile) => {
      const on = wasmEngine({ threads: 1, profile });
      const program = await on.compile(document);
      fc.assert(
        fc.property(
          fc.nat(5),
          fc.array(fc.tuple(anySizes, sizes), { minLength: 2, maxLength: 8 }),
          (k, list) => {
            const [found, wanted] = [program.bind(stateFor(k)), interpret(document).bind(stateFor(k))];
            for (const [n, m] of list) {
              expect(differences(found.run(inputsFor(n, m)), wanted.run(inputsFor(n, m)))).toEqual([]);
              expect(differences(found.state(), wanted.state())).toEqual([]);
            }
          },
        ),
        { numRuns: 15 },
      );
    },
  );

  test("programs for different sizes agree on where parameters lie", async () => {
    for (const profile of [false, true]) {
      for (const debug of [false, true]) {
        const program = await programOf(document, {
          on: wasmEngine({ threads: 1, profile, debug }),
          sizes: { n: 2, m: 3, k: 4 },
        });
        const places = [
          { n: 1, m: 3, k: 4 },
          { n: 0, m: 3, k: 4 },
          { n: 90, m: 70, k: 4 },
        ].map((each) => {
          const { feeds, residentEnd } = program.compiled(each);
          return [feeds["p"]!.address, feeds["memory"]!.address, residentEnd];
        });
        expect(new Set(places.map(String)).size).toBe(1);
      }
    }
  });

  test("sizes that were handed over may change afterwards", async () => {
    const program = await engine.compile(graph(mul(2, input("X", [3, "m"]))));
    const handed = { m: 4 };
    const shapeFor = (m: number): readonly number[] => {
      handed.m = m;
      return program.compiled(handed).outputs["output"]!.shape;
    };
    for (const m of [4, 5, 2, 4]) expect(shapeFor(m)).toEqual([3, m]);
    for (const m of [5, 2, 4]) {
      const X = arrayFrom(new Float32Array(3 * m).fill(1), [3, m]);
      expect([...program.run({ X }).outputs["output"]!.data]).toEqual(Array.from({ length: 3 * m }, () => 2));
    }
  });

  test("a size that no value tells is asked for, or given", async () => {
    const named = graph(broadcastTo(input("a", [1]), ["b"]));
    const program = await engine.compile(named);
    const a = arrayFrom(Float32Array.of(2), [1]);
    expect(() => program.run({ a })).toThrow(InputError);
    expect(() => program.bind({}).run({ a })).toThrow(InputError);
    expect([...program.run({ a }, { sizes: { b: 3 } }).outputs["output"]!.data]).toEqual([2, 2, 2]);
    expect(program.run({ a }, { sizes: { b: 0 } }).outputs["output"]!.data.length).toBe(0);
  });

  test("a block that a size does not hold is an error, and other sizes go on", async () => {
    const program = await engine.compile(document);
    const resident = program.bind(stateFor(2));
    const wanted = interpret(document).bind(stateFor(2));
    expect(differences(resident.run(inputsFor(2, 3)), wanted.run(inputsFor(2, 3)))).toEqual([]);
    expect(() => resident.run(inputsFor(2, 2))).toThrow(InputError);
    expect(differences(resident.state(), wanted.state())).toEqual([]);
    expect(differences(resident.run(inputsFor(2, 3)), wanted.run(inputsFor(2, 3)))).toEqual([]);
  });

  test("two sizes for one name are an error", async () => {
    const program = await engine.compile(document);
    const resident = program.bind(stateFor(2));
    expect(() => resident.run({ ...inputsFor(2, 4), y: numbersOf([5], 0) })).toThrow(
      "dimension m is one number",
    );
    expect(() => resident.inputView("x", { n: 2, m: 4, k: 3 })).toThrow("k is 2 in the parameters, got 3");
    expect(() => resident.inputView("x", { n: 2, m: 4.5 })).toThrow("sizes are whole numbers");
    expect(() => resident.inputView("p")).toThrow("an input of the graph has a place, got the parameter p");
    expect(() => resident.inputView("x", { n: 2 })).toThrow(InputError);
  });

  test("the mean over a named size divides by it", async () => {
    const floats = input("floats", ["n"]);
    const averages = graph({ mean: mean(floats), share: div(sum(floats), size(floats, 0)) });
    const program = await engine.compile(averages);
    for (const n of [1, 2, 8, 64]) {
      const values = {
        floats: arrayFrom(
          Float32Array.from({ length: n }, (_, i) => i),
          [n],
        ),
      };
      expect(differences(program.run(values).outputs, interpret(averages).run(values).outputs)).toEqual([]);
    }
  });
});
