// Loops that are shared among chunks: whatever is left of the last one, each element is written, and none beyond.

import { expect, test } from "vitest";
import type { LoopKernel } from "../kernel.ts";
import { assemble } from "../wasm/assemble.ts";
import { writeLoop } from "./write-loop.ts";

type Run = (chunk: number, scratch: number, from: number, to: number) => void;
declare const WebAssembly: {
  readonly Memory: new (type: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: { readonly loop: Run } };
};

/** `y = x + x`. */
function doubling(count: number): LoopKernel {
  const access = (buffer: number) => ({ buffer, offset: 0, strides: [1] });
  return {
    kind: "loop",
    name: "doubling",
    sizes: [count],
    reduced: [false],
    steps: [
      { kind: "load", dtype: "f32", access: access(0) },
      { kind: "apply", dtype: "f32", primitive: "add", operands: [0, 0] },
    ],
    stores: [{ step: 1, access: access(1) }],
  };
}

test.each([0, 1, 3, 4, 5, 15, 16, 17, 31, 63])(
  "chunks write every element, with %i more than whole cache lines",
  (rest) => {
    const count = 64 * 4000 + rest;
    const kernel = doubling(count);
    const { functions, chunks } = writeLoop(kernel, ["f32", "f32"], { relaxed: false, wide: false });
    expect(chunks).toBeGreaterThan(1);
    const memory = new WebAssembly.Memory({ initial: 40, maximum: 40 });
    const bytes = assemble({
      memory: { pages: 40, maximumPages: 40, shared: false },
      imports: [],
      functions,
      exports: ["loop"],
    });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
    const x = new Float32Array(memory.buffer, 0, count).map((_, i) => i % 1000);
    new Float32Array(memory.buffer, 0, count).set(x);
    const to = 4 * 64 * 4002;
    const y = new Float32Array(memory.buffer, to, count + 64).fill(-1);
    for (let chunk = 0; chunk < chunks; chunk++) exports.loop(chunk, 0, 0, to);
    expect(y.subarray(0, count).findIndex((value, i) => value !== 2 * x[i]!)).toBe(-1);
    expect(y.subarray(count).every((value) => value === -1)).toBe(true);
  },
);

test("a single body serves where all chunks are whole vectors", () => {
  const codeOf = (count: number) =>
    writeLoop(doubling(count), ["f32", "f32"], { relaxed: false, wide: false }).functions[0]!.locals.length;
  expect(codeOf(64 * 4000)).toBeLessThan(codeOf(64 * 4000 + 4));
  expect(codeOf(64 * 4000 + 4)).toBeLessThan(codeOf(64 * 4000 + 5));
});

test("chunks are an even number wherever there are many whole cache lines, none where there is little to do", () => {
  const chunksOf = (count: number): number =>
    writeLoop(doubling(count), ["f32", "f32"], { relaxed: false, wide: false }).chunks;
  expect(chunksOf(8000)).toBe(1);
  expect(chunksOf(16_384)).toBe(2);
  for (let lines = 200; lines < 20_000; lines = Math.ceil(1.07 * lines)) {
    expect(chunksOf(64 * lines) % 2).toBe(0);
    expect(chunksOf(64 * lines)).toBeLessThanOrEqual(64);
  }
});
