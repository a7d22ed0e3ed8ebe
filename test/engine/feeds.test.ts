// Values as they come in: over any storage, at any offset, of bytes that are no truth values, of memory that has grown.

import { wasmEngine, type WasmEngine } from "@wengert/engine";
import {
  add,
  and,
  arrayFrom,
  copyArray,
  cast,
  graph,
  input,
  InputError,
  interpret,
  mul,
  not,
  parameter,
  sub,
  sum,
  where,
  type NdArray,
  type TypedArray,
} from "@wengert/tensor";
import { afterAll, describe, expect, test } from "vitest";
import { differences, engine } from "./programs.ts";

const threaded = wasmEngine({ threads: 2 });
afterAll(() => threaded.close());

const x = input("x", ["m"]);
const factor = parameter("factor", []);
const doubled = graph({ y: mul(x, factor) }, { updates: { factor: add(factor, 1) } });

/** The same three numbers. */
const storages: Readonly<Record<string, () => Float32Array>> = {
  "a part of a buffer": () => new Float32Array([9, 9, 1, 2, 3, 9]).subarray(2, 5),
  "memory that is shared": () => {
    const data = new Float32Array(new SharedArrayBuffer(20), 8, 3);
    data.set([1, 2, 3]);
    return data;
  },
  "a buffer of Node's pool": () => {
    const bytes = Buffer.from(Float32Array.of(1, 2, 3).buffer);
    return new Float32Array(bytes.buffer, bytes.byteOffset, 3);
  },
  "another WebAssembly memory": () => {
    const data = new Float32Array(new WebAssembly.Memory({ initial: 1 }).buffer, 64, 3);
    data.set([1, 2, 3]);
    return data;
  },
};

test.each(Object.entries(storages))("an array may lie in %s, and nothing is kept of it", async (_, make) => {
  for (const on of [engine, threaded]) {
    const program = await on.compile(doubled);
    const data = make();
    const value = arrayFrom(data, [3]);
    expect([...program.run({ x: value, factor: 2 }).outputs["y"]!.data]).toEqual([2, 4, 6]);
    const resident = program.bind({ factor: arrayFrom(data.subarray(1, 2), []) });
    const outputs = resident.run({ x: value });
    data.fill(7);
    expect([...outputs["y"]!.data]).toEqual([2, 4, 6]);
    expect([...resident.state()["factor"]!.data]).toEqual([3]);
  }
});

describe("truth values are bytes of 0 and 1:", () => {
  const a = input("a", ["n"], { dtype: "bool" });
  const flags = parameter("flags", ["n"], { dtype: "bool" });
  const logic = graph(
    { count: sum(cast(a, "f32")), chosen: where(a, 2, 3), both: and(a, flags), other: not(a) },
    { updates: { flags: and(flags, not(a)) } },
  );
  const bytes = (length: number, at: number, byte: number): Uint8Array =>
    Uint8Array.from({ length }, (_, i) => (i === at ? byte : i % 2));
  const truth = (data: Uint8Array): NdArray => arrayFrom(data, [data.length]);

  test("any others are refused wherever they stand, and the state stays", async () => {
    const program = await engine.compile(logic);
    for (const length of [1, 3, 4, 5, 7, 8, 33]) {
      for (let offset = 0; offset < 4; offset++) {
        const resident = program.bind({ flags: truth(bytes(length, -1, 0)) });
        for (let at = 0; at < length; at++) {
          const data = new Uint8Array(offset + length + 3).fill(9).subarray(offset, offset + length);
          data.set(bytes(length, at, [2, 128, 255][at % 3]!));
          const words = `a must hold 0 or 1 for each bool, got ${data[at]} at position ${at}`;
          expect(() => resident.run({ a: truth(data) })).toThrow(words);
        }
        expect([...resident.state()["flags"]!.data]).toEqual([...bytes(length, -1, 0)]);
      }
    }
  });

  test("others are refused of parameters, of single runs, and where they were written in place", async () => {
    const program = await engine.compile(logic);
    const [good, bad] = [truth(bytes(5, 1, 1)), truth(bytes(5, 1, 3))];
    expect(() => program.bind({ flags: bad })).toThrow(InputError);
    expect(() => program.run({ a: good, flags: bad })).toThrow("flags must hold 0 or 1 for each bool, got 3");
    expect(() => program.run({ a: bad, flags: good })).toThrow(InputError);
    const [resident, wanted] = [program.bind({ flags: good }), interpret(logic).bind({ flags: good })];
    const view = resident.inputView("a", { n: 5 });
    view.data.set(bad.data);
    expect(() => resident.run({ a: view })).toThrow("a must hold 0 or 1 for each bool, got 3");
    view.data.set(good.data);
    expect(differences(resident.run({ a: view }), wanted.run({ a: good }))).toEqual([]);
    expect(differences(resident.state(), wanted.state())).toEqual([]);
  });

  test("a Buffer of Node is an array like all others, and its later changes mean nothing", async () => {
    const program = await engine.compile(logic);
    const buffer = Buffer.from([1, 0, 1]);
    const resident = program.bind({ flags: truth(buffer) });
    buffer.fill(0);
    expect([...resident.state()["flags"]!.data]).toEqual([1, 0, 1]);
    const outputs = resident.run({ a: truth(Buffer.from([1, 1, 0])) });
    expect([...outputs["both"]!.data]).toEqual([1, 0, 0]);
    expect([...resident.state()["flags"]!.data]).toEqual([0, 0, 1]);
  });
});

describe("a view of an input, after the memory has grown for other sizes,", () => {
  const [left, right] = [input("left", ["m"]), input("right", ["m"])];
  const difference = graph(sub(left, mul(right, parameter("one", []))));
  const grown = 500_000;
  const large = arrayFrom(new Float32Array(grown).fill(1), [grown]);
  const copied = (value: NdArray): number[] => [...value.data];

  async function grownViews(on: WasmEngine) {
    const resident = (await on.compile(difference)).bind({ one: 1 });
    const views = [resident.inputView("left", { m: 4 }), resident.inputView("right", { m: 4 })] as const;
    views[0].data.set([1, 2, 3, 4]);
    views[1].data.set([10, 20, 30, 40]);
    const before = resident.run({ left: views[0], right: views[1] })["output"]!;
    expect(copied(before)).toEqual([-9, -18, -27, -36]);
    resident.run({ left: large, right: large });
    return { resident, views };
  }

  test("is refused where a growing memory leaves old views behind", async () => {
    const { resident, views } = await grownViews(engine);
    const run = () => resident.run({ left: views[0], right: views[1] });
    expect(run).toThrow(InputError);
    expect(run).toThrow(/^evaluate: left must have its elements, got a view of memory that has grown\n/);
    expect(() => views[0].data.set([1])).toThrow(TypeError);
    expect(() => copyArray(views[0])).toThrow("copyArray: shape [4] needs 4 elements, got 0");
    expect(copyArray(arrayFrom(views[0].data, [0])).shape).toEqual([0]);
    const program = await engine.compile(difference);
    expect(() => program.run({ left: views[0], right: large, one: 1 })).toThrow(
      "left must have its elements",
    );
    expect(() => program.bind({ one: arrayFrom(views[0].data, [0]) })).toThrow("one must have shape []");
    const again = resident.inputView("left", { m: 4 });
    again.data.set([5, 6, 7, 8]);
    const other = arrayFrom(Float32Array.of(1, 1, 1, 1), [4]);
    expect(copied(resident.run({ left: again, right: other })["output"]!)).toEqual([4, 5, 6, 7]);
  });

  test("is still the memory itself where threads share it, in its own place and in another's", async () => {
    const { resident, views } = await grownViews(threaded);
    const write = (): void => {
      views[0].data.set([1, 2, 3, 4]);
      views[1].data.set([10, 20, 30, 40]);
    };
    const run = (names: { left: NdArray; right: NdArray }) => copied(resident.run(names)["output"]!);
    write();
    expect(run({ left: views[0], right: views[1] })).toEqual([-9, -18, -27, -36]);
    write();
    expect(run({ left: views[1], right: views[0] })).toEqual([9, 18, 27, 36]);
    // Another program's values lie where these views are: they are taken out before it begins.
    resident.run({ left: large, right: large });
    write();
    expect(run({ left: views[1], right: views[0] })).toEqual([9, 18, 27, 36]);
    // Nor does it matter how often it has grown since.
    const later = [resident.inputView("left", { m: 4 }), resident.inputView("right", { m: 4 })] as const;
    const larger = arrayFrom(new Float32Array(3 * grown), [3 * grown]);
    resident.run({ left: larger, right: larger });
    later[0].data.set([1, 2, 3, 4]);
    later[1].data.set([10, 20, 30, 40]);
    expect(run({ left: later[1], right: later[0] })).toEqual([9, 18, 27, 36]);
  });

  test("an array that only is too short is refused as ever", async () => {
    const resident = (await engine.compile(difference)).bind({ one: 1 });
    const short = (data: TypedArray): NdArray => ({ ...large, shape: [3], data });
    expect(() => resident.run({ left: short(new Float32Array(0)), right: large })).toThrow(
      "evaluate: left must hold 3 elements of f32, got 0 of f32",
    );
  });
});
