// Threads change nothing: every chunk is computed by some thread, in the same way as by one. Random graphs with two
// threads are among the laws of graphs.

import { wasmEngine } from "@wengert/engine";
import {
  add,
  arrayFrom,
  constant,
  cumulativeSum,
  exp,
  gather,
  graph,
  input,
  matmul,
  max,
  mul,
  parameter,
  sub,
  sum,
  tanh,
  transpose,
  type Arrays,
} from "@wengert/tensor";
import { afterAll, expect, test } from "vitest";
import { indexArray, randomFrom, tameArray } from "./elements.ts";
import { differences, engine, programOf } from "./programs.ts";

const threaded = wasmEngine({ threads: 2 });
afterAll(() => threaded.close());

test("an engine has as many threads as it was told", async () => {
  await threaded.ready();
  expect(threaded.status()).toMatchObject({ threads: 2, notices: [] });
});

const size = 257;
const x = input("x", [size, size]);
const w = parameter("w", [size, size]);
const rows = input("rows", [40], { dtype: "i32" });
const hidden = tanh(matmul(w, x));
const busy = graph(
  {
    hidden,
    sums: sum(exp(sub(hidden, max(hidden, 0, { keepDims: true }))), 0),
    running: cumulativeSum(x, 1),
    picked: gather(hidden, rows, 1),
  },
  { updates: { w: sub(w, mul(matmul(hidden, transpose(x)), 1e-4)) } },
);

function valuesFrom(seed: number): { readonly inputs: Arrays; readonly state: Arrays } {
  const random = randomFrom(seed);
  const inputs = {
    x: tameArray("f32", [size, size], random),
    rows: indexArray("i32", { shape: [40], count: size }, random),
  };
  return { inputs, state: { w: tameArray("f32", [size, size], random) } };
}

test(
  "a step of many kernels in chunks gives the same bits a hundred times",
  { timeout: 120_000 },
  async () => {
    const { inputs, state } = valuesFrom(3);
    const [one, two] = [
      (await programOf(busy)).bind(state),
      (await programOf(busy, { on: threaded })).bind(state),
    ];
    for (let step = 0; step < 100; step++) {
      const [found, wanted] = [two.run(inputs, { views: true }), one.run(inputs, { views: true })];
      if (step % 10 === 0) expect(differences(found, wanted)).toEqual([]);
    }
    expect(differences(two.state(), one.state())).toEqual([]);
  },
);

test("columns that threads keep packed are those of the product at hand", async () => {
  // Products of one division, whose right operands differ from each other and from step to step.
  const [left, right] = [input("left", [256, 200]), input("right", [200, 48])];
  const document = graph({ plain: matmul(left, right), double: matmul(left, add(right, right)) });
  const random = randomFrom(11);
  const program = await programOf(document, { on: threaded });
  await threaded.ready();
  for (let step = 0; step < 50; step++) {
    const values = {
      left: tameArray("f32", [256, 200], random),
      right: tameArray("f32", [200, 48], random),
    };
    const wanted = (await engine.compile(document)).run(values).outputs;
    expect(differences(program.run(values).outputs, wanted)).toEqual([]);
  }
});

test("of many computed indices out of range the first one is named, whichever thread comes upon one first", async () => {
  const document = graph(
    gather(
      input("table", [100, 64]),
      add(input("i", [20_000], { dtype: "i32" }), constant(1, { dtype: "i32" })),
    ),
  );
  const indices = new Int32Array(20_000);
  // A chunk has 256 rows: the last of one thread's first chunk, and the first of the other's.
  for (const position of [255, 256]) indices[position] = 500 + position;
  const values = {
    table: arrayFrom(new Float32Array(6_400), [100, 64]),
    i: arrayFrom(indices, [20_000]),
  };
  const program = await programOf(document, { on: threaded });
  await threaded.ready();
  for (let run = 0; run < 50; run++)
    expect(() => program.run(values)).toThrow("indices must be from 0 to 99, got 756 at position 255");
});

test("two programs of one engine take turns with its threads", async () => {
  const other = graph(add(matmul(x, x), transpose(x)));
  const { inputs, state } = valuesFrom(5);
  const [first, second] = [await programOf(busy, { on: threaded }), await programOf(other, { on: threaded })];
  const wanted = [
    (await programOf(busy)).run({ ...inputs, ...state }).outputs,
    (await engine.compile(other)).run({ x: inputs.x! }).outputs,
  ];
  for (let turn = 0; turn < 5; turn++) {
    expect(differences(first.run({ ...inputs, ...state }).outputs, wanted[0]!)).toEqual([]);
    expect(differences(second.run({ x: inputs.x! }).outputs, wanted[1]!)).toEqual([]);
  }
});

test("a program goes on when its engine's threads have ended", async () => {
  const ending = wasmEngine({ threads: 2 });
  await ending.ready();
  const { inputs, state } = valuesFrom(7);
  const resident = (await programOf(busy, { on: ending })).bind(state);
  const wanted = (await programOf(busy)).bind(state);
  expect(differences(resident.run(inputs), wanted.run(inputs))).toEqual([]);
  ending.close();
  expect(differences(resident.run(inputs), wanted.run(inputs))).toEqual([]);
  expect(differences(resident.state(), wanted.state())).toEqual([]);
});
