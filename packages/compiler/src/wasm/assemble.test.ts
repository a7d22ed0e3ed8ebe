// The binary writer beyond single instructions: numbers come out of the platform as they went in, and sections hold
// for many functions, long bodies and names in any script.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assemble } from "./assemble.ts";
import type { Instruction, ValueType, WasmFunction, WasmModule } from "./module.ts";

type Exports = Readonly<Record<string, (...operands: unknown[]) => unknown>>;
declare const WebAssembly: {
  readonly Memory: new (type: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Exports };
};

function functionOf(name: string, results: readonly ValueType[], body: readonly Instruction[]): WasmFunction {
  return { name, parameters: [], results, locals: [], body };
}

function instantiate(
  functions: readonly WasmFunction[],
  exports: readonly string[] = functions.map(({ name }) => name),
  host: Readonly<Record<string, unknown>> = {},
): { readonly exports: Exports; readonly memory: Uint8Array } {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const imports: WasmModule["imports"] = Object.keys(host).map((name) => ({
    name,
    parameters: [],
    results: ["i32"],
  }));
  const bytes = assemble({
    memory: { pages: 1, maximumPages: 1, shared: false },
    imports,
    functions,
    exports,
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, ...host } });
  return { exports: instance.exports, memory: new Uint8Array(memory.buffer) };
}

/** What the platform makes of a constant. */
function constant(type: "i32" | "i64" | "f64", value: number): unknown {
  return instantiate([functionOf("f", [type], [[`${type}.const`, value]])]).exports["f"]!();
}

/** The bytes of a constant of a function `() → type`, from the end of the module. */
function bytesOf(instruction: Instruction, count: number): number[] {
  const bytes = assemble({
    memory: { pages: 1, maximumPages: 1, shared: false },
    imports: [],
    functions: [functionOf("f", [], [instruction])],
    exports: [],
  });
  return Array.from(bytes.subarray(-1 - count, -1));
}

describe("LEB128", () => {
  // Appendix A.5 of the format: the last byte carries the sign in its bit 6.
  test.each<readonly [number, readonly number[]]>([
    [0, [0x00]],
    [63, [0x3f]],
    [64, [0xc0, 0x00]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [8191, [0xff, 0x3f]],
    [8192, [0x80, 0xc0, 0x00]],
    [-8192, [0x80, 0x40]],
    [2 ** 31 - 1, [0xff, 0xff, 0xff, 0xff, 0x07]],
    [-(2 ** 31), [0x80, 0x80, 0x80, 0x80, 0x78]],
    [2 ** 53, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
    [-(2 ** 53), [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x70]],
  ])("i64.const %d is followed by the bytes %j", (value, bytes) => {
    expect(bytesOf(["i64.const", value], bytes.length + 1)).toEqual([0x42, ...bytes]);
    if (Math.abs(value) <= 2 ** 31 && value !== 2 ** 31)
      expect(bytesOf(["i32.const", value], bytes.length + 1)).toEqual([0x41, ...bytes]);
  });

  test.each<readonly [number, readonly number[]]>([
    [0, [0x00]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [16_383, [0xff, 0x7f]],
    [16_384, [0x80, 0x80, 0x01]],
    [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])("an offset of %d is written as the bytes %j", (value, bytes) => {
    expect(bytesOf(["i32.load", value], bytes.length + 2)).toEqual([0x28, 2, ...bytes]);
  });

  test("every integer of 32 bits, signed or not, and every one of 53 comes out as it went in", () => {
    fc.assert(
      fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 }), fc.maxSafeInteger(), (small, large) => {
        expect(constant("i32", small)).toBe(small | 0);
        expect(constant("i64", large)).toBe(BigInt(large));
      }),
    );
  });
});

describe("constants of floats", () => {
  test("every number comes out with the same bits, rounded to single precision for f32", () => {
    const numbers = fc.oneof(
      fc.double(),
      fc.float(),
      fc.constantFrom(0, -0, 5e-324, -5e-324, 2 ** -149, 2 ** -150, 2 ** -126, 3.5e38, Infinity, -Infinity),
    );
    fc.assert(
      fc.property(numbers, (value) => {
        const store = (type: "f32" | "f64"): Instruction[] => [
          ["i32.const", 0],
          [`${type}.const`, value],
          [`${type}.store`],
        ];
        const { exports, memory } = instantiate([
          functionOf("f", [], store("f32")),
          functionOf("d", [], store("f64")),
        ]);
        const view = new DataView(memory.buffer);
        exports["f"]!();
        expect(view.getFloat32(0, true)).toBe(Math.fround(value));
        exports["d"]!();
        expect(view.getFloat64(0, true)).toBe(value);
      }),
    );
  });

  test("NaN is the canonical one, whatever its bits were", () => {
    const odd = new Float64Array(Uint32Array.of(7, 0xfff8_0000).buffer)[0]!;
    for (const value of [Number.NaN, -Number.NaN, odd]) {
      expect(bytesOf(["f32.const", value], 5)).toEqual([0x43, 0, 0, 0xc0, 0x7f]);
      expect(bytesOf(["f64.const", value], 9)).toEqual([0x44, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f]);
    }
  });
});

describe("modules", () => {
  test("functions call each other and the host by name, in any order", () => {
    const { exports } = instantiate(
      [
        functionOf("first", ["i32"], [["call", "second"], ["call", "host"], ["i32.add"]]),
        functionOf("second", ["i32"], [["i32.const", 40]]),
      ],
      ["first"],
      { other: () => 1000, host: () => 2 },
    );
    expect(exports["first"]!()).toBe(42);
    expect(Object.keys(exports)).toEqual(["first"]);
  });

  test("locals keep their order when runs of one type are joined", () => {
    const locals: readonly ValueType[] = ["i32", "i32", "f64", "i32", "v128", "v128", "f32"];
    const body: Instruction[] = [
      ["i32.const", 5],
      ["local.set", 4],
      ["f64.const", 0.5],
      ["local.set", 3],
      ["f32.const", 0.25],
      ["local.set", 7],
      ["local.get", 4],
      ["f64.convert_i32_s"],
      ["local.get", 3],
      ["f64.add"],
      ["local.get", 7],
      ["f64.promote_f32"],
      ["f64.add"],
      ["local.get", 0],
      ["f64.add"],
    ];
    const each: WasmFunction = { name: "f", parameters: ["f64"], results: ["f64"], locals, body };
    expect(instantiate([each]).exports["f"]!(1)).toBe(6.75);
  });

  test("many functions with long bodies, and sizes on both sides of each length of LEB128", () => {
    for (const length of [0, 10, 60, 61, 62, 63, 64, 120, 5000, 8190, 8191, 8192, 8193, 20_000]) {
      const nops = Array.from({ length }, (): Instruction => ["nop"]);
      const functions = Array.from({ length: 140 }, (_, i) =>
        functionOf(`f${i}`, ["i32"], [...(i === 77 ? nops : []), ["i32.const", i]]),
      );
      const { exports } = instantiate(functions);
      expect(Object.keys(exports)).toHaveLength(140);
      for (const i of [0, 77, 78, 139]) expect(exports[`f${i}`]!()).toBe(i);
    }
  });

  test("a call of a function that is not there is an error", () => {
    expect(() => instantiate([functionOf("first", [], [["call", "second"]])])).toThrow(
      "bug: the module has no function second",
    );
  });

  test("names are UTF-8, whatever their script", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: "grapheme", maxLength: 300 }), { maxLength: 4 }),
        (names) => {
          const { exports } = instantiate(
            names.map((name, i) => functionOf(name, ["i32"], [["i32.const", i]])),
          );
          expect(Object.keys(exports).toSorted()).toEqual(names.toSorted());
          for (const [i, name] of names.entries()) expect(exports[name]!()).toBe(i);
        },
      ),
    );
  });
});
