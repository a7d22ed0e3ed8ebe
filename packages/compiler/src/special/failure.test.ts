// Indices out of range: what gather and scatterAdd leave of them, and what they do with the rest.

import type { TypedArray } from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { writeGather } from "./gather.ts";
import { kernelNumber, run, untouched } from "./run-special.ts";
import { writeScatterAdd } from "./scatter-add.ts";

describe("an index out of range", () => {
  const sizes = { dtype: "f32", outer: 2, size: 3, inner: 5, count: 4, indexType: "i32" } as const;
  const indicesWith = (index: number): TypedArray =>
    (index < 2 ** 31 ? Int32Array : Uint32Array).of(1, index, 2, index);
  const cases = [3, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32 - 1];

  test.each(cases)("%d is told by gather, and its rows are left as they are", (index) => {
    const x = Float32Array.from({ length: 30 }, (_, i) => i);
    const { data, failure } = run(writeGather(sizes), [x, indicesWith(index)], { dtype: "f32", length: 40 });
    expect(failure).toEqual({ kernel: kernelNumber, position: 1, index: index | 0 });
    const left = new Float32Array(new Uint8Array(20).fill(untouched).buffer);
    const rows = [0, 15].flatMap((first) => [
      x.slice(first + 5, first + 10),
      left,
      x.slice(first + 10, first + 15),
      left,
    ]);
    expect([...data]).toEqual(rows.flatMap((row) => Array.from(row)));
  });

  test.each(cases)("%d is told by scatterAdd, and its updates are skipped", (index) => {
    const ones = new Float32Array(40).fill(1);
    const code = writeScatterAdd(sizes);
    const { data, failure } = run(code, [ones, indicesWith(index)], { dtype: "f32", length: 30 });
    expect(failure).toEqual({ kernel: kernelNumber, position: 1, index: index | 0 });
    expect([...data]).toEqual(Array.from({ length: 30 }, (_, i) => (i % 15 < 5 ? 0 : 1)));
  });

  test("is told where the axis is empty, or the rows are", () => {
    const indices = Int32Array.of(0, 0);
    const empty = { dtype: "i32", outer: 1, count: 2, indexType: "i32" } as const;
    const none = new Int32Array(0);
    const ofNone = run(writeGather({ ...empty, size: 0, inner: 3 }), [none, indices], {
      dtype: "i32",
      length: 6,
    });
    expect(ofNone.failure).toEqual({ kernel: kernelNumber, position: 0, index: 0 });
    const far = Int32Array.of(0, 9);
    const ofRows = run(writeGather({ ...empty, size: 3, inner: 0 }), [none, far], {
      dtype: "i32",
      length: 0,
    });
    expect(ofRows.failure).toEqual({ kernel: kernelNumber, position: 1, index: 9 });
  });

  test("is told of the first position, in whatever order chunks come upon some", () => {
    const count = 20_000;
    const indices = new Int32Array(count);
    for (const position of [300, 7_000, 12_345, 19_999]) indices[position] = -position;
    const code = writeGather({ dtype: "f32", outer: 1, size: 3, inner: 16, count, indexType: "i32" });
    expect(code.chunks).toBeGreaterThan(4);
    for (let seed = 1; seed <= 10; seed++) {
      const { failure } = run(code, [new Float32Array(48), indices], {
        dtype: "f32",
        length: 16 * count,
        seed,
      });
      expect(failure).toEqual({ kernel: kernelNumber, position: 300, index: -300 });
    }
  });
});
