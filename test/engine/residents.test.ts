// Residents: parameters that stay in memory, are stepped, read and left alone by all else.

import {
  add,
  arrayFrom,
  constant,
  gather,
  graph,
  input,
  InputError,
  interpret,
  matmul,
  mul,
  parameter,
  reverse,
  scatterAdd,
  sub,
  sum,
  transpose,
  type Arrays,
  type NdArray,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { differences, engine, programOf } from "./programs.ts";

/** Integers, whose sums and products are the same in any order. */
const whole = { dtype: "i32" } as const;

const X = input("X", [2, "m"], whole);
const W = parameter("W", [2, 2], whole);
const total = parameter("total", [], whole);
const Z = matmul(W, X);
const step = graph(
  { Z, sum: sum(Z) },
  { updates: { W: sub(W, matmul(Z, transpose(X))), total: add(total, sum(X)) } },
);

const state: Arrays = {
  W: arrayFrom(Int32Array.of(1, -2, 5, 3), [2, 2]),
  total: arrayFrom(Int32Array.of(0), []),
};

/** Columns of small numbers. */
function columns(m: number, start = 0): NdArray {
  return arrayFrom(
    Int32Array.from({ length: 2 * m }, (_, i) => ((i * 7 + start) % 5) - 2),
    [2, m],
  );
}

describe("a resident", () => {
  test("goes through the reference's states while the sizes change", async () => {
    const program = await programOf(step, { sizes: { m: 3 } });
    const [found, wanted] = [program.bind(state), interpret(step).bind(state)];
    for (const [k, m] of [3, 3, 1, 40, 0, 3, 700, 40, 2].entries()) {
      expect(differences(found.run({ X: columns(m, k) }), wanted.run({ X: columns(m, k) }))).toEqual([]);
      if (k % 2 === 0) expect(differences(found.state(), wanted.state())).toEqual([]);
    }
    expect(differences(found.state(), wanted.state())).toEqual([]);
  });

  test("is disturbed neither by other residents of its program nor by runs", async () => {
    const program = await programOf(step, { sizes: { m: 3 } });
    const others = { ...state, W: arrayFrom(Int32Array.of(9, 9, 9, 9), [2, 2]) };
    const [a, b] = [program.bind(state), program.bind(others)];
    const [alone, otherAlone] = [interpret(step).bind(state), interpret(step).bind(others)];
    for (const m of [3, 5, 3]) {
      expect(differences(a.run({ X: columns(m) }), alone.run({ X: columns(m) }))).toEqual([]);
      program.run({ ...others, X: columns(4, 2) });
      expect(differences(b.run({ X: columns(m, 1) }), otherAlone.run({ X: columns(m, 1) }))).toEqual([]);
      expect(differences(a.state(), alone.state())).toEqual([]);
      expect(differences(b.state(), otherAlone.state())).toEqual([]);
    }
  });

  test("has the state that it was given before it runs, and keeps none of the arrays", async () => {
    const program = await programOf(step, { sizes: { m: 3 } });
    const mine = { ...state, W: arrayFrom(Int32Array.of(1, 2, 3, 4), [2, 2]) };
    const resident = program.bind(mine);
    mine.W.data[0] = 100;
    const before = resident.state();
    expect([...before["W"]!.data]).toEqual([1, 2, 3, 4]);
    before["W"]!.data[1] = 100;
    expect([...resident.state()["W"]!.data]).toEqual([1, 2, 3, 4]);
    resident.run({ X: columns(3) });
    const after = resident.state();
    after["W"]!.data.fill(100);
    expect([...resident.state()["W"]!.data]).not.toEqual([100, 100, 100, 100]);
  });

  test("gives outputs that later runs leave alone", async () => {
    const resident = (await programOf(step, { sizes: { m: 3 } })).bind(state);
    const first = resident.run({ X: columns(3) });
    const kept = [...first["Z"]!.data];
    resident.run({ X: columns(3, 2) });
    resident.run({ X: columns(300, 2) });
    expect([...first["Z"]!.data]).toEqual(kept);
  });

  test("gives views with the same elements as copies", async () => {
    const program = await programOf(step, { sizes: { m: 3 } });
    const [copied, seen] = [program.bind(state), program.bind(state)];
    for (const m of [3, 90, 3]) {
      const copies = copied.run({ X: columns(m, 1) });
      expect(differences(seen.run({ X: columns(m, 1) }, { views: true }), copies)).toEqual([]);
    }
  });

  test("takes inputs that were written in place, without a copy", async () => {
    const program = await programOf(step, { sizes: { m: 5 } });
    const [found, wanted] = [program.bind(state), interpret(step).bind(state)];
    const view = found.inputView("X", { m: 5 });
    for (let k = 0; k < 3; k++) {
      view.data.set(columns(5, k).data);
      expect(differences(found.run({ X: view }), wanted.run({ X: columns(5, k) }))).toEqual([]);
    }
    expect(differences(found.state(), wanted.state())).toEqual([]);
  });

  test("takes what it gave as a view, in any place and for other sizes", async () => {
    const [a, b] = [input("a", ["n"], whole), input("b", ["m"], whole)];
    // Constants of each size lie somewhere else.
    const table = constant(
      Array.from({ length: 300 }, (_, i) => i * i),
      whole,
    );
    const document = graph(
      { a: add(a, 1), b: mul(b, 2), sum: add(sum(table), add(sum(a), sum(reverse(b, 0)))) },
      { updates: { total: add(total, sum(b)) } },
    );
    const program = await engine.compile(document);
    const begun = { total: state["total"]! };
    const [found, wanted] = [program.bind(begun), interpret(document).bind(begun)];
    const list = (...numbers: number[]) => arrayFrom(Int32Array.from(numbers), [numbers.length]);
    const copied = (value: NdArray): NdArray => ({ ...value, data: value.data.slice() });
    let [left, right] = [list(1, 2, 3), list(4, 5, 6)];
    for (const next of [
      undefined,
      undefined,
      list(7),
      undefined,
      list(...Array(40_000).keys()),
      undefined,
      list(1),
    ]) {
      const kept = { a: copied(left), b: copied(next ?? right) };
      const given = { a: left, b: next ?? right };
      const outputs = found.run(given, { views: true });
      expect(differences(outputs, wanted.run(kept))).toEqual([]);
      // Swapped, where the sizes are.
      [left, right] = [outputs["b"]!, outputs["a"]!];
      if (next !== undefined) [left, right] = [right, left];
    }
    expect(differences(found.state(), wanted.state())).toEqual([]);
  });

  test("takes the views of two inputs the other way round", async () => {
    const [a, b] = [input("a", [3], whole), input("b", [3], whole)];
    const resident = (await engine.compile(graph(sub(a, b)))).bind({});
    const [left, right] = [resident.inputView("a"), resident.inputView("b")];
    left.data.set([1, 2, 3]);
    right.data.set([10, 20, 30]);
    expect([...resident.run({ a: right, b: left })["output"]!.data]).toEqual([9, 18, 27]);
  });

  test("keeps its state when a view is asked for before anything has run", async () => {
    const resident = (await programOf(step, { sizes: { m: 2 } })).bind(state);
    resident.inputView("X", { m: 200 });
    resident.inputView("X", { m: 2 });
    expect(differences(resident.state(), state)).toEqual([]);
  });
});

describe("wrong values are an InputError and change nothing:", () => {
  const wrong: Readonly<Record<string, Record<string, NdArray | number>>> = {
    none: {},
    "an unknown name": { X: columns(3), Y: 1 },
    "another dtype": { X: arrayFrom(Float64Array.of(1, 2), [2, 1]) },
    "another shape": { X: arrayFrom(Int32Array.of(1, 2, 3), [3, 1]) },
    "another rank": { X: arrayFrom(Int32Array.of(1, 2), [2]) },
    "too few elements": { X: { ...columns(3), shape: [2, 4] } },
    "a parameter": { X: columns(3), W: state["W"]! },
  };

  test.each(Object.entries(wrong))("%s", async (_, values) => {
    const program = await programOf(step, { sizes: { m: 3 } });
    const [found, wanted] = [program.bind(state), interpret(step).bind(state)];
    expect(() => found.run(values)).toThrow(InputError);
    found.run({ X: columns(3) });
    wanted.run({ X: columns(3) });
    expect(() => found.run(values)).toThrow(InputError);
    expect(differences(found.state(), wanted.state())).toEqual([]);
    expect(differences(found.run({ X: columns(2) }), wanted.run({ X: columns(2) }))).toEqual([]);
  });

  test("state of another shape", async () => {
    const program = await programOf(step, { sizes: { m: 3 } });
    expect(() => program.bind({ ...state, W: columns(3) })).toThrow(InputError);
    expect(() => program.bind({ W: state["W"]! })).toThrow(InputError);
  });
});

describe("an index out of range is an InputError, and the state is as before:", () => {
  const table = parameter("table", [4, 3], { dtype: "i32" });
  const count = parameter("count", [], { dtype: "i32" });
  const at = input("at", ["n"], { dtype: "i32" });
  const picked = gather(table, at, 0);
  const documents = {
    gather: graph(picked, { updates: { table: add(table, sum(picked)), count: add(count, 1) } }),
    scatterAdd: graph([sum(table)], {
      updates: {
        table: add(table, scatterAdd(gather(table, mul(at, 0), 0), at, { size: 4, axis: 0 })),
        count: add(count, 1),
      },
    }),
  };
  const begun: Arrays = {
    table: arrayFrom(
      Int32Array.from({ length: 12 }, (_, i) => i),
      [4, 3],
    ),
    count: arrayFrom(Int32Array.of(5), []),
  };
  const indices = (...list: number[]): NdArray => arrayFrom(Int32Array.from(list), [list.length]);

  for (const [name, document] of Object.entries(documents)) {
    test.each([[4], [-1], [2147483647], [-2147483648], [0, 1, 4], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]])(
      `${name} at %j`,
      async (...list) => {
        const program = await programOf(document, { sizes: { n: list.length } });
        const [found, wanted] = [program.bind(begun), interpret(document).bind(begun)];
        expect(differences(found.run({ at: indices(1, 3) }), wanted.run({ at: indices(1, 3) }))).toEqual([]);
        const bad = list.findIndex((index) => index < 0 || index > 3);
        expect(() => found.run({ at: indices(...list) })).toThrow(InputError);
        expect(() => found.run({ at: indices(...list) })).toThrow(`got ${list[bad]} at position ${bad}`);
        expect(() => wanted.run({ at: indices(...list) })).toThrow(InputError);
        expect(differences(found.state(), wanted.state())).toEqual([]);
        expect(differences(found.run({ at: indices(0) }), wanted.run({ at: indices(0) }))).toEqual([]);
        expect(differences(found.state(), wanted.state())).toEqual([]);
      },
    );
  }
});
