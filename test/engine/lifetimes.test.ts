// What engines, programs and residents share and what they do not, and what is left when a run or a growth fails.

import { wasmEngine, type WasmEngineOptions } from "@wengert/engine";
import {
  add,
  arrayFrom,
  cast,
  CompileError,
  exp,
  gather,
  graph,
  input,
  InputError,
  matmul,
  mul,
  parameter,
  shownValue,
  sub,
  sum,
  tanh,
  transpose,
  type NdArray,
} from "@wengert/tensor";
import { afterEach, describe, expect, test, vi } from "vitest";
import { randomFrom, tameArray } from "./elements.ts";
import { differences, programOf } from "./programs.ts";

afterEach(() => vi.restoreAllMocks());

const size = 129;
const x = input("x", [size, size]);
const w = parameter("w", [size, size]);
const busy = graph(tanh(matmul(w, x)), { updates: { w: sub(w, mul(matmul(w, transpose(x)), 1e-3)) } });
const random = randomFrom(3);
const values = { x: tameArray("f32", [size, size], random), w: tameArray("f32", [size, size], random) };
const ones = (length: number): NdArray => arrayFrom(new Float32Array(length).fill(1), [length]);

describe("an engine that was closed", () => {
  test("before it had work starts no threads when it gets some", async () => {
    const closed = wasmEngine({ threads: 3 });
    closed.close();
    await closed.ready();
    const wanted = (await programOf(busy)).run(values);
    const found = (await programOf(busy, { on: closed })).run(values);
    expect(differences(found.outputs, wanted.outputs)).toEqual([]);
    expect(closed.status()).toMatchObject({ threads: 1, notices: [] });
  });

  test("may be closed again, and runs what it had", async () => {
    const closed = wasmEngine({ threads: 2 });
    const program = await programOf(busy, { on: closed });
    const before = program.run(values);
    closed.close();
    closed.close();
    expect(differences(program.run(values).updates, before.updates)).toEqual([]);
    expect(closed.status().threads).toBe(1);
  });
});

test("two engines with threads of their own run in turn, and the end of one is nothing to the other", async () => {
  const engines = [wasmEngine({ threads: 2 }), wasmEngine({ threads: 3 })];
  await Promise.all(engines.map((each) => each.ready()));
  const programs = await Promise.all(engines.map((on) => programOf(busy, { on })));
  const residents = programs.map((program) => program.bind({ w: values.w }));
  const wanted = (await programOf(busy)).bind({ w: values.w });
  for (let turn = 0; turn < 6; turn++) {
    const outputs = wanted.run({ x: values.x });
    if (turn === 3) engines[0]!.close();
    for (const resident of residents) expect(differences(resident.run({ x: values.x }), outputs)).toEqual([]);
  }
  expect(engines.map((each) => each.status().threads)).toEqual([1, 3]);
  engines[1]!.close();
});

test("options are those that the engine was made with", async () => {
  const options: { -readonly [K in keyof WasmEngineOptions]: WasmEngineOptions[K] } = {
    threads: 1,
    profile: true,
  };
  const measuring = wasmEngine(options);
  options.profile = false;
  const resident = (await measuring.compile(graph(exp(input("a", [4]))))).bind({});
  resident.run({ a: ones(4) });
  expect(resident.profile()).toHaveLength(1);
});

test.each([
  { threads: 0 },
  { threads: 1.5 },
  { threads: 1000 },
  { threads: Number.NaN },
  { threads: Number.POSITIVE_INFINITY },
  { threads: "2" },
  { threads: null },
])("%o is no number of threads", (options) => {
  const make = () => wasmEngine(options as WasmEngineOptions);
  expect(make).toThrow(InputError);
  expect(make).toThrow(
    `threads must be a whole number from 1 to 64 or "auto", got ${shownValue(options.threads)}`,
  );
});

describe("a profile", () => {
  const program = wasmEngine({ threads: 1, profile: true }).compile(graph(exp(input("a", ["m"]))));
  const large = ones(2_000_000);

  test("is of the runs for the last sizes alone, and goes on when these return", async () => {
    const resident = (await program).bind({});
    for (let run = 0; run < 3; run++) resident.run({ a: large });
    const before = resident.profile()[0]!.microseconds;
    // A few elements take less than a hundredth of two million, even where threads compete for the processor.
    resident.run({ a: ones(3) });
    expect(resident.profile()[0]!.microseconds).toBeLessThan(before / 10);
    resident.inputView("a", { m: large.data.length });
    expect(resident.profile()[0]!.microseconds).toBeCloseTo(before, 6);
  });

  test("counts no run that was refused", async () => {
    const table = parameter("table", [4]);
    const document = graph(gather(table, input("at", [2], { dtype: "i32" })));
    const resident = (await wasmEngine({ threads: 1, profile: true }).compile(document)).bind({
      table: ones(4),
    });
    expect(() => resident.run({ at: [1, 9] })).toThrow(InputError);
    expect(() => resident.profile()).toThrow("the program must have run, got no run yet");
  });
});

describe("after an error the parameters are as before:", () => {
  const table = parameter("table", [4]);
  const position = input("position", [1]);
  const picked = gather(table, cast(position, "i32"));
  const document = graph({ picked }, { updates: { table: add(table, sum(picked)) } });

  test("when a kernel is found to have written outside of its buffers, alone and with a wrong index", async () => {
    const debugging = wasmEngine({ threads: 1, debug: true });
    const resident = (await debugging.compile(document)).bind({ table: [1, 2, 3, 4] });
    const view = resident.inputView("position");
    const outside = new Uint8Array(view.data.buffer, view.data.byteOffset + view.data.byteLength, 1);
    const [whole] = outside;
    for (const index of [2, 7]) {
      view.data[0] = index;
      outside[0] = whole! ^ 1;
      expect(() => resident.run({ position: view })).toThrow(/^bug: a kernel wrote 1 bytes after/);
      expect([...resident.state()["table"]!.data]).toEqual([1, 2, 3, 4]);
    }
    outside[0] = whole!;
    view.data[0] = 7;
    expect(() => resident.run({ position: view })).toThrow("indices must be from 0 to 3, got 7");
    view.data[0] = 2;
    expect([...resident.run({ position: view })["picked"]!.data]).toEqual([3]);
    expect([...resident.state()["table"]!.data]).toEqual([4, 5, 6, 7]);
  });

  test("when a kernel has written outside of its buffers in a program without indices", async () => {
    const p = parameter("p", [2]);
    const a = input("a", [2]);
    const doubling = graph(add(a, p), { updates: { p: mul(p, 2) } });
    const resident = (await wasmEngine({ threads: 1, debug: true }).compile(doubling)).bind({ p: [1, 2] });
    const { data } = resident.inputView("a");
    const outside = new Uint8Array(data.buffer, data.byteOffset + data.byteLength, 1);
    outside[0]! ^= 1;
    expect(() => resident.run({ a: [1, 1] })).toThrow(CompileError);
    expect([...resident.state()["p"]!.data]).toEqual([1, 2]);
    outside[0]! ^= 1;
    expect([...resident.run({ a: [1, 1] })["output"]!.data]).toEqual([2, 3]);
    expect([...resident.state()["p"]!.data]).toEqual([2, 4]);
  });

  test.each([1, 2])("when there is no memory for other sizes (threads: %i)", async (threads) => {
    const on = wasmEngine({ threads });
    const total = parameter("total", []);
    const a = input("a", ["m"]);
    const program = await on.compile(graph({ y: mul(a, total) }, { updates: { total: add(total, sum(a)) } }));
    const resident = program.bind({ total: 1 });
    resident.run({ a: ones(3) });
    program.run({ a: ones(3), total: 1 });
    const grow = vi.spyOn(WebAssembly.Memory.prototype, "grow").mockImplementation(() => {
      throw new RangeError("no memory");
    });
    expect(() => resident.run({ a: ones(100_000) })).toThrow(CompileError);
    expect(() => resident.inputView("a", { m: 100_000 })).toThrow(/^memory: [\d.]+ MiB are needed/);
    expect(() => program.run({ a: ones(100_000), total: 1 })).toThrow(CompileError);
    expect([...resident.state()["total"]!.data]).toEqual([4]);
    expect([...resident.run({ a: ones(2) })["y"]!.data]).toEqual([4, 4]);
    grow.mockRestore();
    resident.run({ a: ones(100_000) });
    expect([...resident.state()["total"]!.data]).toEqual([100_006]);
    expect(program.run({ a: ones(100_000), total: 2 }).outputs["y"]!.data.every((y) => y === 2)).toBe(true);
    on.close();
  });
});

test("copies of outputs and states share no storage with the memory or with each other", async () => {
  for (const threads of [1, 2]) {
    const on = wasmEngine({ threads });
    const [a, p] = [input("a", [3]), parameter("p", [3])];
    const resident = (await on.compile(graph({ a, p, q: p, sum: add(a, p) }, { updates: { p: a } }))).bind({
      p: [1, 2, 3],
    });
    const outputs = resident.run({ a: [4, 5, 6] });
    const arrays = [...Object.values(outputs), ...Object.values(resident.state())];
    const storages = new Set([...arrays, resident.inputView("a")].map(({ data }) => data.buffer));
    expect(storages.size).toBe(arrays.length + 1);
    for (const { data } of arrays) {
      expect(data.buffer).toBeInstanceOf(ArrayBuffer);
      data.fill(-1);
    }
    expect([...resident.run({ a: [7, 8, 9] })["p"]!.data]).toEqual([4, 5, 6]);
    on.close();
  }
});
