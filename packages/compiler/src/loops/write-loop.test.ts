// Loops that are shared among chunks: whatever is left of the last one, each element is written, and none beyond.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { LoopKernel } from "../kernel.ts";
import { assemble } from "../wasm/assemble.ts";
import { chunksOf as divide } from "./chunks.ts";
import type { Nest } from "./nest.ts";
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

test("little work is one chunk, and more is divided so that each of two threads can have the half", () => {
  const chunksOf = (sizes: readonly [rows: number, columns: number]) => {
    const loops = sizes.map((size) => ({ size }));
    const steps = [{ kind: "load" }];
    return divide({ loops, kept: 1, steps, vectorLoop: 1 } as unknown as Nest);
  };
  expect(chunksOf([8, 2000]).count).toBe(1);
  expect(chunksOf([8, 2048]).count).toBe(2);
  fc.assert(
    fc.property(fc.integer({ min: 4, max: 300 }), fc.integer({ min: 1, max: 99_999 }), (rows, columns) => {
      const { count, length, total } = chunksOf([rows, columns]);
      expect(total).toBe(rows);
      expect(count).toBeLessThanOrEqual(64);
      const last = rows - (count - 1) * length;
      expect(last).toBeGreaterThan(0);
      expect(last).toBeLessThanOrEqual(length);
      if (count === 1) return;
      // What the thread has that does not get the last chunk, or that gets it last of all.
      const most = Math.max(length * Math.floor(count / 2), rows - length * Math.floor(count / 2));
      expect(most / (rows / 2)).toBeLessThanOrEqual(1.2);
    }),
    { numRuns: 2000 },
  );
});
