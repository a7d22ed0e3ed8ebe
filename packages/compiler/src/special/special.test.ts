// Every special kernel against the reference's, on small shapes of any form and on large ones with many chunks:
// equal to the bit, for any order of chunks, with nothing written outside the result.

import {
  allocate,
  apply,
  argMax,
  argMin,
  arrayFrom,
  constant,
  cumulativeSum,
  evaluate,
  gather,
  primitives,
  scatterAdd,
  type DType,
  type Tensor,
  type TypedArray,
} from "@wengert/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KernelCode } from "../kernel-code.ts";
import { assemble } from "../wasm/assemble.ts";
import { checkModule } from "../wasm/check.ts";
import { writeArgReduce } from "./arg-reduce.ts";
import { writeCumulativeSum } from "./cumulative-sum.ts";
import { writeGather } from "./gather.ts";
import type { NumberType } from "./rows.ts";
import { writeScatterAdd } from "./scatter-add.ts";
import { writeThreefry } from "./threefry.ts";

declare const WebAssembly: {
  readonly Memory: new (limits: object) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, (...operands: number[]) => void>> };
};

interface Result {
  readonly data: TypedArray;
  /** Status, kernel number, position, index. */
  readonly failure: readonly number[];
}

const kernelNumber = 12;
const untouched = 0xa5;

/** Addresses of byte lengths, each 64-byte aligned after a gap, and what they take together. */
function layOut(lengths: readonly number[]): { readonly addresses: readonly number[]; readonly end: number } {
  let end = 64;
  const addresses = lengths.map((length) => {
    const address = end;
    end = Math.ceil((address + length) / 64) * 64 + 64;
    return address;
  });
  return { addresses, end };
}

const maximumPages = 1000;
/** One for all tests: every memory reserves address space until it is collected. */
const memory = new WebAssembly.Memory({ initial: 1, maximum: maximumPages });

/** Runs all chunks in an order that the seed tells; fails where anything but the result has changed. */
function run(
  { functions, chunks, scratchBytes }: KernelCode,
  inputs: readonly TypedArray[],
  { dtype, length, seed = 1 }: { dtype: DType; length: number; seed?: number },
): Result {
  const out = allocate(dtype, length);
  const { addresses, end } = layOut([
    ...inputs.map(({ byteLength }) => byteLength),
    out.byteLength,
    16,
    scratchBytes,
  ]);
  const [entry] = functions;
  const module = {
    memory: { pages: 0, maximumPages, shared: false },
    imports: [],
    functions,
    exports: [entry!.name],
  };
  expect(checkModule(module)).toEqual([]);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(module)), { env: { memory } });
  memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / 65_536)));
  const bytes = new Uint8Array(memory.buffer, 0, end).fill(untouched);
  const [outAt, failureAt, scratchAt] = addresses.slice(inputs.length) as [number, number, number];
  const place = (data: TypedArray, at: number): void =>
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
  for (const [i, data] of inputs.entries()) place(data, addresses[i]!);
  bytes.fill(0, failureAt, failureAt + 16);
  const before = bytes.slice();
  const operands = [...addresses.slice(0, inputs.length + 2), kernelNumber].slice(
    0,
    entry!.parameters.length - 2,
  );
  for (const chunk of shuffled(chunks, seed)) exports[entry!.name]!(chunk, scratchAt, ...operands);
  const failure = [...new Int32Array(memory.buffer, failureAt, 4)];
  new Uint8Array(out.buffer).set(bytes.subarray(outAt, outAt + out.byteLength));
  for (const [at, size] of [
    [outAt, out.byteLength],
    [failureAt, 16],
  ] as const)
    bytes.set(before.subarray(at, at + size), at);
  expect(Buffer.compare(bytes, before), "nothing else has changed").toBe(0);
  return { data: out, failure };
}

function shuffled(count: number, seed: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = (Math.imul(i + seed, 0x9e3779b1) >>> 0) % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** Equal to the bit, all NaNs being one. */
function expectSame(actual: TypedArray, expected: TypedArray): void {
  expect(actual.constructor).toBe(expected.constructor);
  expect(actual.length).toBe(expected.length);
  const at = actual.findIndex((value, i) => !Object.is(value, expected[i]));
  expect(at === -1 ? "equal" : `at ${at}: ${actual[at]} for ${expected[at]}`).toBe("equal");
}

const numberTypes: readonly NumberType[] = ["f32", "f64", "i32", "u32"];
const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f64";

/** Elements by a seed: few different ones, so that some are equal, or many; some floats are special. */
function valuesOf(dtype: DType, length: number, seed: number): TypedArray {
  const odd = seed % 3 === 0;
  return allocate(dtype, length).map((_, i) => {
    const bits = Math.imul(Math.imul(i + 1, 0x9e3779b1) ^ seed, 0x85ebca6b) >>> 4;
    if (dtype === "bool") return bits % 2;
    if (!isFloat(dtype)) return seed % 2 === 0 ? (bits % 5) - 2 : Math.imul(bits, 97);
    const special = [Number.NaN, -0, 0, Infinity, -Infinity, 1e-45][bits % 97];
    if (odd && special !== undefined) return special;
    return seed % 2 === 0 ? (bits % 5) - 2 : bits / 2 ** 24 - 8;
  });
}

const seeds = fc.nat(2 ** 20);
const smallSizes = fc.record({
  outer: fc.nat(5),
  size: fc.integer({ min: 1, max: 40 }),
  inner: fc.oneof(fc.constant(1), fc.nat(70)),
});

/** Sizes with many chunks: many rows, or rows in pieces with a shorter last one, or nothing to divide. */
const large = [
  { outer: 3000, size: 7, inner: 3 },
  { outer: 2, size: 3, inner: 30_011 },
  { outer: 1, size: 5, inner: 16_384 },
  { outer: 1, size: 40_001, inner: 1 },
  { outer: 17, size: 2500, inner: 1 },
  { outer: 2, size: 200, inner: 133 },
] as const;

const tensor = (data: TypedArray, ...shape: number[]): Tensor => constant(arrayFrom(data, shape));

describe.each<DType>([...numberTypes, "bool"])("gather of %s", (dtype) => {
  interface Case {
    readonly outer: number;
    readonly size: number;
    readonly inner: number;
    readonly count: number;
    readonly seed: number;
  }
  const indicesOf = ({ size, count, seed }: Case): Int32Array =>
    Int32Array.from(valuesOf("u32", count, 2 * seed + 1), (value) => value % size);
  const expectAsReference = (each: Case): void => {
    const { outer, size, inner, count, seed } = each;
    const indexType = seed % 2 === 0 ? "i32" : "u32";
    const signed = indicesOf(each);
    const indices = indexType === "i32" ? signed : Uint32Array.from(signed);
    const x = valuesOf(dtype, outer * size * inner, seed);
    const code = writeGather({ dtype, outer, size, inner, count, indexType });
    const { data, failure } = run(code, [x, indices], { dtype, length: outer * count * inner, seed });
    expectSame(data, evaluate(gather(tensor(x, outer, size, inner), tensor(indices, count), 1)).data);
    expect(failure).toEqual([0, 0, 0, 0]);
  };

  test("equals the reference", () => {
    fc.assert(
      fc.property(smallSizes, fc.nat(9), seeds, (sizes, count, seed) =>
        expectAsReference({ ...sizes, count, seed }),
      ),
    );
  });

  test.each(large)("equals the reference in chunks: %j", (sizes) => {
    const counts = [1, 5, 300].filter((count) => count * sizes.outer * sizes.inner < 1e6);
    for (const count of counts) expectAsReference({ ...sizes, count, seed: count });
  });
});

describe.each(numberTypes)("scatterAdd of %s", (dtype) => {
  const expectAsReference = (
    sizes: { outer: number; size: number; inner: number },
    count: number,
    seed: number,
  ): void => {
    const { outer, size, inner } = sizes;
    const indices = Int32Array.from(valuesOf("u32", count, 2 * seed + 1), (value) => value % size);
    const updates = valuesOf(dtype, outer * count * inner, seed);
    const length = outer * size * inner;
    const code = writeScatterAdd({ dtype, outer, size, inner, count, indexType: "i32" });
    const { data, failure } = run(code, [updates, indices], { dtype, length, seed });
    expect(failure).toEqual([0, 0, 0, 0]);
    // In the order of the indices, rounded to the dtype after every addition.
    const expected = allocate(dtype, length);
    for (let o = 0; o < outer; o++)
      for (let c = 0; c < count; c++)
        for (let i = 0; i < inner; i++)
          expected[(o * size + indices[c]!) * inner + i]! += updates[(o * count + c) * inner + i]!;
    expectSame(data, expected);
    const axis = { axis: 1, size };
    const reference = evaluate(
      scatterAdd(tensor(updates, outer, count, inner), tensor(indices, count), axis),
    ).data;
    if (dtype !== "f32") expectSame(data, reference);
    else expectNear(data, reference, { updates, count });
  };

  /** The reference sums in f64: at most `count` roundings of at most the sum of all, and one at the end. */
  const expectNear = (
    data: TypedArray,
    reference: TypedArray,
    { updates, count }: { updates: TypedArray; count: number },
  ): void => {
    let largest = 0;
    for (const value of updates) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
    const tolerance = 2 ** -24 * (count + 1) * count * largest;
    const wrong = data.findIndex(
      (value, i) => !Object.is(value, reference[i]) && !(Math.abs(value - reference[i]!) <= tolerance),
    );
    expect(wrong).toBe(-1);
  };

  test("adds in the order of the indices, near the reference", () => {
    fc.assert(fc.property(smallSizes, fc.nat(30), seeds, (...each) => expectAsReference(...each)));
  });

  test.each(large)("does so in chunks: %j", (sizes) => {
    expectAsReference(sizes, 12, 12);
    expectAsReference(sizes, 1, 3);
  });
});

describe.each(numberTypes)("cumulativeSum of %s", (dtype) => {
  const expectAsReference = (sizes: { outer: number; size: number; inner: number }, seed: number): void => {
    const { outer, size, inner } = sizes;
    const x = valuesOf(dtype, outer * size * inner, seed);
    const { data } = run(writeCumulativeSum({ dtype, ...sizes }), [x], { dtype, length: x.length, seed });
    expectSame(data, evaluate(cumulativeSum(tensor(x, outer, size, inner), 1)).data);
  };

  test("equals the reference", () => {
    fc.assert(fc.property(smallSizes, seeds, (...each) => expectAsReference(...each)));
    expectAsReference({ outer: 3, size: 0, inner: 5 }, 1);
  });

  test.each(large)("equals the reference in chunks: %j", (sizes) => {
    for (const seed of [2, 3]) expectAsReference(sizes, seed);
  });
});

describe.each(numberTypes)("argMax and argMin of %s", (dtype) => {
  const expectAsReference = (sizes: { outer: number; size: number; inner: number }, seed: number): void => {
    const { outer, size, inner } = sizes;
    const x = valuesOf(dtype, outer * size * inner, seed);
    for (const [primitive, search] of [
      ["argMax", argMax],
      ["argMin", argMin],
    ] as const) {
      const code = writeArgReduce({ primitive, dtype, ...sizes });
      const { data } = run(code, [x], { dtype: "i32", length: outer * inner, seed });
      expectSame(data, evaluate(search(tensor(x, outer, size, inner), 1)).data);
    }
  };

  test("equal the reference, with NaN, ties and zeros of both signs", () => {
    fc.assert(
      fc.property(smallSizes, seeds, (...each) => expectAsReference(...each)),
      { numRuns: 150 },
    );
  });

  test.each(large)("equal the reference in chunks: %j", (sizes) => {
    for (const seed of [2, 3]) expectAsReference(sizes, seed);
  });

  test("the best may stand anywhere, and the first of equals is taken", () => {
    const size = 19;
    const outer = size * size;
    for (const primitive of ["argMax", "argMin"] as const) {
      const best = primitive === "argMax" ? 1 : 0;
      const x = allocate(dtype, outer * size).fill(1 - best);
      for (let row = 0; row < outer; row++)
        x[row * size + (row % size)] = x[row * size + Math.floor(row / size)] = best;
      const code = writeArgReduce({ primitive, dtype, outer, size, inner: 1 });
      const expected = Int32Array.from({ length: outer }, (_, row) =>
        Math.min(row % size, Math.floor(row / size)),
      );
      expectSame(run(code, [x], { dtype: "i32", length: outer }).data, expected);
    }
  });

  test("an empty axis is refused where there is something to give", () => {
    const sizes = { dtype, outer: 2, size: 0 };
    expect(() => writeArgReduce({ primitive: "argMin", ...sizes, inner: 3 })).toThrow(
      "argMin: the axis must not be empty, got size 0",
    );
    expect(
      run(writeArgReduce({ primitive: "argMin", ...sizes, inner: 0 }), [allocate(dtype, 0)], {
        dtype: "i32",
        length: 0,
      }).data,
    ).toHaveLength(0);
  });
});

describe("threefry2x32", () => {
  const words = fc.tuple(fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1)).map(([a, b]) => Uint32Array.of(a, b));
  const expectAsReference = (key: Uint32Array, counter: Uint32Array, count: number, seed: number): void => {
    const { data } = run(writeThreefry({ count }), [key, counter], { dtype: "u32", length: 2 * count, seed });
    const reference = apply(primitives.threefry2x32, [tensor(key, 2), tensor(counter, 2)], {
      shape: [count],
    });
    expectSame(data, evaluate(reference).data);
  };

  test("gives the bits of the reference for every key, counter and count", () => {
    fc.assert(fc.property(words, words, fc.nat(40), seeds, (...each) => expectAsReference(...each)));
  });

  test("carries from the low word into the high one, wherever in a vector, and past the end of both", () => {
    for (let below = 0; below < 20; below++)
      for (const high of [0, 7, 2 ** 32 - 1])
        expectAsReference(Uint32Array.of(3, 4), Uint32Array.of(high, 2 ** 32 - below), 19, 1);
  });

  test.each([8191, 8192, 8193, 16_385, 100_003])(
    "gives the bits of the reference for %d counters, in chunks",
    (count) => {
      expectAsReference(Uint32Array.of(1, 2), Uint32Array.of(0, 0), count, 5);
      expectAsReference(Uint32Array.of(1, 2), Uint32Array.of(9, 2 ** 32 - 8200), count, 6);
    },
  );
});

describe("an index out of range", () => {
  const sizes = { dtype: "f32", outer: 2, size: 3, inner: 5, count: 4, indexType: "i32" } as const;
  const indicesWith = (index: number): TypedArray =>
    (index < 2 ** 31 ? Int32Array : Uint32Array).of(1, index, 2, index);
  const cases = [3, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 32 - 1];

  test.each(cases)("%d is told by gather, and its rows are left as they are", (index) => {
    const x = Float32Array.from({ length: 30 }, (_, i) => i);
    const { data, failure } = run(writeGather(sizes), [x, indicesWith(index)], { dtype: "f32", length: 40 });
    expect(failure).toEqual([1, kernelNumber, 1, index | 0]);
    const left = new Float32Array(new Uint8Array(20).fill(untouched).buffer);
    const rows = [0, 15].flatMap((first) => [
      x.slice(first + 5, first + 10),
      left,
      x.slice(first + 10, first + 15),
      left,
    ]);
    expectSame(data, Float32Array.from(rows.flatMap((row) => Array.from(row))));
  });

  test.each(cases)("%d is told by scatterAdd, and its updates are skipped", (index) => {
    const ones = new Float32Array(40).fill(1);
    const code = writeScatterAdd(sizes);
    const { data, failure } = run(code, [ones, indicesWith(index)], { dtype: "f32", length: 30 });
    expect(failure).toEqual([1, kernelNumber, 1, index | 0]);
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
    expect(ofNone.failure).toEqual([1, kernelNumber, 0, 0]);
    const far = Int32Array.of(0, 9);
    const ofRows = run(writeGather({ ...empty, size: 3, inner: 0 }), [none, far], {
      dtype: "i32",
      length: 0,
    });
    expect(ofRows.failure).toEqual([1, kernelNumber, 1, 9]);
  });
});
