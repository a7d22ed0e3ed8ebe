// Function bodies as they are written, run by the platform: constants, results, loops, and fused multiply-add.

import { setFlagsFromString } from "node:v8";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { assemble } from "./assemble.ts";
import { checkModule } from "./check.ts";
import { writeFunction, type Code, type Features, type Local } from "./code.ts";
import { instructionsOf } from "./decode.ts";
import type { ValueType, WasmFunction, WasmModule } from "./module.ts";

type Run = (...operands: number[]) => void;
declare const WebAssembly: {
  readonly Memory: new (type: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly f: Run } };
};

const plain: Features = { relaxed: false, wide: false };
const relaxed: Features = { relaxed: true, wide: false };

beforeAll(() => setFlagsFromString("--experimental-wasm-relaxed-simd"));

function load(each: WasmFunction): { readonly run: Run; readonly memory: ArrayBuffer } {
  const module: WasmModule = {
    memory: { pages: 1, maximumPages: 1, shared: false },
    imports: [],
    functions: [each],
    exports: [each.name],
  };
  expect(checkModule(module)).toEqual([]);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(module)), { env: { memory } });
  return { run: exports.f, memory: memory.buffer };
}

const write = (
  parameters: readonly ValueType[],
  body: (code: Code) => void,
  features: Features = plain,
): WasmFunction => writeFunction("f", { parameters }, features, body);

/** Appends a store of a vector at an address. */
function store(code: Code, address: number, vector: Local): void {
  code.emit("i32.const", address);
  code.emit("local.get", vector);
  code.emit("v128.store");
}

describe("constants", () => {
  test("are set once, at the beginning, wherever they are asked for", () => {
    const each = write(["i32"], (code) => {
      code.forRange({ from: code.i32(0), to: code.parameters[0]!, step: 1 }, () => {
        expect(code.f32x4(2)).toBe(code.f32x4(2));
        expect(code.i32(7)).toBe(code.i32(7));
        expect(code.i64x2(5n, 6n)).toBe(code.i64x2(5n, 6n));
      });
    });
    const names = instructionsOf(each).map(([name]) => name);
    expect(names.slice(0, 8)).toEqual(
      ["i32.const", "v128.const", "i32.const", "v128.const"].flatMap((name) => [name, "local.set"]),
    );
    expect(names.lastIndexOf("v128.const")).toBeLessThan(names.indexOf("loop"));
    expect(each.locals).toEqual(["i32", "i32", "v128", "i32", "v128"]);
  });

  test("differ where their bits do", () => {
    write([], (code) => {
      const different = [
        code.f32(0),
        code.f32(-0),
        code.f64(0),
        code.f64(-0),
        code.i32(0),
        code.f32(Number.NaN),
      ];
      expect(new Set(different).size).toBe(different.length);
      expect(code.f32x4(0)).not.toBe(code.f32x4(-0));
      expect(code.f64x2(1, 2)).not.toBe(code.f64x2(2, 1));
    });
  });

  test("of vectors hold the lanes in order, and one for all where one is given", () => {
    const { run, memory } = load(
      write([], (code) => {
        store(code, 0, code.i32x4(1, -2, 3, -4));
        store(code, 16, code.f32x4(0.5));
        store(code, 32, code.i64x2(-1n, 2n ** 62n));
        store(code, 48, code.f64x2(0.1, -0));
        store(code, 64, code.f64x2(3));
        store(code, 80, code.i32x4(5));
      }),
    );
    run();
    expect([...new Int32Array(memory, 0, 4)]).toEqual([1, -2, 3, -4]);
    expect([...new Float32Array(memory, 16, 4)]).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect([...new BigInt64Array(memory, 32, 2)]).toEqual([-1n, 2n ** 62n]);
    expect([...new Float64Array(memory, 48, 4)]).toEqual([0.1, -0, 3, 3]);
    expect([...new Int32Array(memory, 80, 4)]).toEqual([5, 5, 5, 5]);
  });
});

describe("forRange", () => {
  test("takes the turns of the loop in C, over unsigned bounds", () => {
    const each = write(["i32", "i32"], (code) => {
      const [from, to] = code.parameters as [Local, Local];
      const at = code.local("i32");
      code.forRange({ from, to, step: 3 }, (index) => {
        code.emit("local.get", at);
        code.emit("local.get", index);
        code.emit("i32.store", 4);
        code.emit("local.get", at);
        code.emit("i32.const", 4);
        code.emit("i32.add");
        code.emit("local.set", at);
      });
      code.emit("i32.const", 0);
      code.emit("local.get", at);
      code.emit("i32.store");
    });
    const { run, memory } = load(each);
    const bound = fc.oneof(fc.nat(40), fc.integer({ min: 2 ** 31 - 20, max: 2 ** 31 + 20 }));
    fc.assert(
      fc.property(bound, bound, (from, to) => {
        fc.pre(to - from < 1000);
        const expected: number[] = [];
        for (let index = from; index < to; index += 3) expected.push(index);
        run(from, to);
        const [bytes] = new Uint32Array(memory);
        expect([...new Uint32Array(memory, 4, bytes! / 4)]).toEqual(expected);
      }),
    );
  });

  test("loops stand within loops", () => {
    const { run, memory } = load(
      write(["i32"], (code) => {
        const [to] = code.parameters as [Local];
        const zero = code.i32(0);
        code.forRange({ from: zero, to, step: 1 }, (i) =>
          code.forRange({ from: zero, to: i, step: 1 }, (j) => {
            const sum = code.opWith("i32.load", [8], zero);
            const next = code.op("i32.add", sum, code.op("i32.mul", i, j));
            for (const operand of [zero, next]) code.emit("local.get", operand);
            code.emit("i32.store", 8);
          }),
        );
      }),
    );
    run(5);
    // Σ_{j<i<5} i·j = (10² − 30) / 2
    expect(new Int32Array(memory)[2]).toBe(35);
  });
});

describe("operations", () => {
  test("a result is a local of the type that the table gives", () => {
    const each = write(["f32", "v128"], (code) => {
      const [x, v] = code.parameters as [Local, Local];
      expect(code.op("f32.add", x, x)).toBe(2);
      code.op("f64.promote_f32", x);
      code.opWith("i32x4.extract_lane", [3], v);
      code.op("i64x2.neg", v);
      code.op("i64.extend_i32_u", code.op("i32x4.all_true", v));
    });
    expect(each.locals).toEqual(["f32", "f64", "i32", "v128", "i32", "i64"]);
    load(each);
  });

  test("immediates that are left out have their defaults", () => {
    const { run, memory } = load(
      write([], (code) => {
        const sum = code.op("i32.atomic.rmw.add", code.i32(0), code.i32(5));
        for (const operand of [code.i32(4), code.op("i32.load", code.i32(0)), sum])
          code.emit("local.get", operand);
        code.emit("i32.add");
        code.emit("i32.store");
      }),
    );
    run();
    expect([...new Int32Array(memory, 0, 2)]).toEqual([5, 5]);
  });

  const multiplyAdd = (features: Features): number[] => {
    const { run, memory } = load(
      write(
        [],
        (code) => {
          const x = code.f32x4(1 + 2 ** -12);
          store(code, 0, code.madd("f32x4", x, x, code.f32x4(-1)));
          const y = code.f64x2(1 + 2 ** -27);
          store(code, 16, code.madd("f64x2", y, y, code.f64x2(-1)));
        },
        features,
      ),
    );
    run();
    return [new Float32Array(memory)[0]!, new Float64Array(memory)[2]!];
  };

  test("madd rounds twice without relaxed SIMD, and once or twice with it", () => {
    const twice = [2 ** -11, 2 ** -26];
    const once = [2 ** -11 + 2 ** -24, 2 ** -26 + 2 ** -54];
    expect(multiplyAdd(plain)).toEqual(twice);
    expect([once, twice]).toContainEqual(multiplyAdd(relaxed));
  });
});
