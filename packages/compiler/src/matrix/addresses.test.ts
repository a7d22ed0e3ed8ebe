// Loops along pointers: as many turns as asked, also where a pointer would come round to where it began.

import fc from "fast-check";
import { expect, test } from "vitest";
import { assemble } from "../wasm/assemble.ts";
import { writeFunction, type Code, type Local } from "../wasm/code.ts";
import { advance, walk } from "./addresses.ts";

declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: unknown,
  ) => { readonly exports: { readonly walk: (from: number, other: number) => void } };
};

/** Writes both pointers of every turn, one turn after the other, from address 4; and at 0 where that ends. */
function writeWalk(code: Code, count: number, steps: readonly [number, number]): void {
  const [a, b] = code.parameters as [Local, Local];
  const at = code.local("i32");
  const put = (value: Local, offset: number): void => {
    code.emit("local.get", at);
    code.emit("local.get", value);
    code.emit("i32.store", offset);
  };
  const walks = [
    { from: a, step: steps[0] },
    { from: b, step: steps[1] },
  ] as const;
  walk(code, { count: code.i32(count), most: count }, walks, ([x, y]) => {
    put(x, 4);
    put(y, 8);
    advance(code, at, 8);
  });
  code.emit("i32.const", 0);
  code.emit("local.get", at);
  code.emit("i32.store");
}

test("pointers take as many steps as asked, whatever they are modulo 2^32", () => {
  const step = fc.constantFrom(0, 4, -4, 24, 2 ** 20, 2 ** 28, -(2 ** 28), 2 ** 30, -(2 ** 30), 3 * 2 ** 29);
  const counts = fc.oneof(fc.nat(9), fc.constantFrom(16, 256, 4096));
  const from = fc.constantFrom(0, 1024, 2 ** 31, 2 ** 32 - 64);
  const law = fc.property(counts, fc.tuple(step, step), from, from, (count, steps, ...starts) => {
    const each = writeFunction(
      "walk",
      { parameters: ["i32", "i32"] },
      { relaxed: false, wide: false },
      (code) => writeWalk(code, count, steps),
    );
    const module = {
      memory: { pages: 1, maximumPages: 1, shared: false },
      imports: [],
      functions: [each],
      exports: ["walk"],
    };
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
    const compiled = new WebAssembly.Module(assemble(module));
    new WebAssembly.Instance(compiled, { env: { memory } }).exports.walk(...starts);
    const [bytes] = new Uint32Array(memory.buffer);
    const expected = Array.from({ length: 2 * count }, (_, i) => {
      const turn = Math.floor(i / 2);
      return (starts[i % 2]! + turn * steps[i % 2]!) >>> 0;
    });
    expect([...new Uint32Array(memory.buffer, 4, bytes! / 4)]).toEqual(expected);
  });
  fc.assert(law, { numRuns: 300 });
});
