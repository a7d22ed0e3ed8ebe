// Linear memory as typed arrays.

import { dtypes } from "@wengert/tensor";
import { expect, test } from "vitest";
import { copyIn, copyOut, createMemory, growMemory, view } from "./memory.ts";

test.each([false, true])(
  "what is copied in is seen and copied out, whatever the dtype (shared: %s)",
  (shared) => {
    const memory = createMemory({ pages: 1, shared });
    for (const dtype of dtypes) {
      const place = { address: 64, length: 3 };
      const data = view(memory, dtype, { address: 1024, length: 3 });
      data.set([1, 0, 1]);
      copyIn(memory, 64, data);
      expect(view(memory, dtype, place)).toEqual(data);
      const copy = copyOut(memory, dtype, place);
      expect(copy).toEqual(data.slice());
      copyIn(memory, 64, data.slice().fill(0));
      expect([...copy]).toEqual([1, 0, 1]);
      expect(copy.buffer instanceof ArrayBuffer).toBe(true);
    }
  },
);

test("only the elements of a view are copied in, not the whole of its buffer", () => {
  const memory = createMemory({ pages: 1, shared: false });
  copyIn(memory, 8, new Float32Array([1, 2, 3, 4]).subarray(1, 3));
  expect([...view(memory, "f32", { address: 4, length: 4 })]).toEqual([0, 2, 3, 0]);
});

test.each([false, true])("a memory grows to what is needed and keeps its elements (shared: %s)", (shared) => {
  const memory = createMemory({ pages: 1, maximumPages: 5, shared });
  view(memory, "i32", { address: 0, length: 1 })[0] = 7;
  growMemory(memory, 3);
  growMemory(memory, 2);
  expect(memory.buffer.byteLength).toBe(3 * 65_536);
  expect(view(memory, "i32", { address: 0, length: 1 })[0]).toBe(7);
});

test("a memory that is not to be had is an error that says how much it was", () => {
  const memory = createMemory({ pages: 1, maximumPages: 2, shared: false });
  expect(() => growMemory(memory, 32)).toThrow(/^memory: 2.0 MiB are needed, and they are not to be had/);
  expect(() => createMemory({ pages: 2 ** 17, shared: false })).toThrow(/^memory: 8192.0 MiB are needed/);
});

test("what stands for shared memory among the garbage is as large, also when that has grown", () => {
  const memory = createMemory({ pages: 1, maximumPages: 8, shared: true }) as WebAssembly.Memory & {
    readonly ballast: ArrayBuffer;
  };
  expect(memory.ballast.byteLength).toBe(65_536);
  growMemory(memory, 5);
  expect(memory.ballast.byteLength).toBe(5 * 65_536);
  const own = createMemory({ pages: 1, maximumPages: 8, shared: false });
  growMemory(own, 5);
  expect("ballast" in own).toBe(false);
});
