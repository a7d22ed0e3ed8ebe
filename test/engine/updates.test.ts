// Updates of parameters that lie where their old values are still needed: every order of reading and writing.

import {
  add,
  argMax,
  arrayFrom,
  broadcastTo,
  concat,
  constant,
  cumulativeSum,
  feedsOf,
  gather,
  graph,
  input,
  interpret,
  iota,
  matmul,
  max,
  mul,
  pad,
  parameter,
  permute,
  reshape,
  reverse,
  scatterAdd,
  slice,
  sub,
  sum,
  transpose,
  type Arrays,
  type Graph,
  type Tensor,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { differences, programOf } from "./programs.ts";

/** Integers, whose sums and products are the same in any order. */
const whole = { dtype: "i32" } as const;

const p = parameter("p", [4, 4], whole);
const q = parameter("q", [4, 4], whole);
const x = input("x", [4, 4], whole);
const table = parameter("table", [6], whole);
const row = input("row", [1, 4], whole);

const numbersFrom = (start: number, shape: readonly number[]) =>
  arrayFrom(
    Int32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => start + i * i),
    shape,
  );

const values: Arrays = {
  p: numbersFrom(1, [4, 4]),
  q: numbersFrom(-30, [4, 4]),
  table: arrayFrom(Int32Array.of(3, 1, 5, 0, 2, 4), [6]),
  x: numbersFrom(5, [4, 4]),
  row: numbersFrom(7, [1, 4]),
};

/** The rows from the second on, and a new last one. */
const shifted = concat([slice(p, [[1, 4]]), row], 0);
const both = add(p, q);

const cases: Readonly<
  Record<string, { outputs: readonly Tensor[]; updates: Readonly<Record<string, Tensor>> }>
> = {
  "nothing changes": { outputs: [p], updates: { p } },
  "a parameter becomes an input": { outputs: [p], updates: { p: x } },
  "a parameter becomes a constant": { outputs: [p], updates: { p: broadcastTo(constant(3, whole), [4, 4]) } },
  "a parameter becomes its transpose": { outputs: [p], updates: { p: transpose(p) } },
  "a parameter is reversed": { outputs: [], updates: { p: reverse(p, [0, 1]) } },
  "a parameter is reversed and added to": { outputs: [], updates: { p: add(reverse(p, 0), x) } },
  "a parameter is added to its transpose": { outputs: [], updates: { p: add(p, transpose(p)) } },
  "two parameters swap": { outputs: [p, q], updates: { p: q, q: p } },
  "two parameters swap, one transposed": { outputs: [], updates: { p: transpose(q), q: p } },
  "two parameters swap and grow": { outputs: [], updates: { p: add(q, x), q: add(p, x) } },
  "two parameters become the same": { outputs: [both], updates: { p: both, q: both } },
  "two parameters become views of the same": { outputs: [], updates: { p: both, q: transpose(both) } },
  "one becomes the other's old value": { outputs: [q], updates: { p: mul(p, 2), q: p } },
  "one becomes the other's new value": { outputs: [q], updates: { p: mul(p, 2), q: mul(p, 2) } },
  "an update is an output": { outputs: [mul(p, 2)], updates: { p: mul(p, 2) } },
  "a view of an update is an output": { outputs: [transpose(mul(p, 2))], updates: { p: mul(p, 2) } },
  "the old value is read after the new": {
    outputs: [matmul(mul(p, 2), p), sum(mul(p, 3))],
    updates: { p: mul(p, 2) },
  },
  "a window slides along": { outputs: [], updates: { p: shifted } },
  "a window slides along, read backwards": {
    outputs: [],
    updates: { p: concat([slice(reverse(p, 0), [[0, 3]]), row], 0) },
  },
  "a window slides along, new rows first": {
    outputs: [],
    updates: { p: concat([row, slice(p, [[0, 3]])], 0) },
  },
  "a window slides back": { outputs: [], updates: { p: concat([slice(p, [[0, 3]]), row], 0) } },
  "the last rows become zeros": {
    outputs: [],
    updates: {
      p: pad(slice(p, [[0, 2]]), [
        [0, 2],
        [0, 0],
      ]),
    },
  },
  "the first rows become zeros": {
    outputs: [],
    updates: {
      p: pad(slice(p, [[2, 4]]), [
        [2, 0],
        [0, 0],
      ]),
    },
  },
  "rows are moved down": {
    outputs: [],
    updates: {
      p: pad(slice(p, [[0, 3]]), [
        [1, 0],
        [0, 0],
      ]),
    },
  },
  "a product replaces an operand": { outputs: [], updates: { p: matmul(p, q) } },
  "a square replaces its operand": { outputs: [], updates: { p: matmul(p, p) } },
  "sums along rows are taken away": {
    outputs: [],
    updates: { p: sub(p, broadcastTo(sum(p, 1, { keepDims: true }), [4, 4])) },
  },
  "sums along columns are taken away": {
    outputs: [sum(p, 0)],
    updates: { p: sub(p, broadcastTo(max(p, 0, { keepDims: true }), [4, 4])) },
  },
  "the old value is needed again when the new one has been added up": {
    outputs: [sub(p, broadcastTo(sum(mul(p, 2), 1, { keepDims: true }), [4, 4]))],
    updates: { p: mul(p, 2) },
  },
  "the old value is needed again along columns": {
    outputs: [sub(p, broadcastTo(max(mul(p, -2), 0, { keepDims: true }), [4, 4]))],
    updates: { p: mul(p, -2) },
  },
  "running sums": { outputs: [], updates: { p: cumulativeSum(p, 0) } },
  "rows are picked": {
    outputs: [],
    updates: { p: gather(p, constant([3, 0, 0, 2], whole), 0) },
  },
  "rows are scattered": {
    outputs: [],
    updates: { p: scatterAdd(p, constant([3, 0, 0, 2], whole), { size: 4, axis: 0 }) },
  },
  "indices pick themselves": { outputs: [argMax(table, 0)], updates: { table: gather(table, table, 0) } },
  "indices scatter themselves": {
    outputs: [],
    updates: { table: scatterAdd(iota([6]), table, { size: 6, axis: 0 }) },
  },
  "elements take another order": {
    outputs: [],
    updates: { p: reshape(permute(reshape(p, [2, 2, 4]), [1, 2, 0]), [4, 4]) },
  },
  "three parameters go round": {
    outputs: [],
    updates: { p: q, q: reshape(broadcastTo(sum(p), [16]), [4, 4]), table: reverse(table, 0) },
  },
};

/** The outputs and updates alone, and where every parameter and input is read besides, before all else or after. */
function documentsOf({ outputs, updates }: (typeof cases)[string]): readonly Graph[] {
  const reads = [p, q, table, x, row].map((each) => sum(each));
  return [outputs, [...reads, ...outputs], [...outputs, ...reads]].map((all) => graph(all, { updates }));
}

/** The values of what a document takes. */
function valuesOf(document: Graph, kind: "input" | "parameter"): Arrays {
  return Object.fromEntries(Object.keys(feedsOf(document, kind)).map((name) => [name, values[name]!]));
}

describe("a resident's state after each step is the reference's where", () => {
  test.each(Object.keys(cases))("%s", async (name) => {
    for (const document of documentsOf(cases[name]!)) {
      const program = await programOf(document);
      const [inputs, state] = [valuesOf(document, "input"), valuesOf(document, "parameter")];
      const [found, wanted] = [program.bind(state), interpret(document).bind(state)];
      for (let step = 0; step < 3; step++) {
        expect(differences(found.run(inputs), wanted.run(inputs))).toEqual([]);
        expect(differences(found.state(), wanted.state())).toEqual([]);
      }
    }
  });
});
