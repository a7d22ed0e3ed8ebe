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
import { writeArgReduce } from "./arg-reduce.ts";
import { writeCumulativeSum } from "./cumulative-sum.ts";
import { writeGather } from "./gather.ts";
import type { NumberType } from "./rows.ts";
import { run } from "./run-special.ts";
import { writeScatterAdd } from "./scatter-add.ts";
import { writeThreefry } from "./threefry.ts";

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
    expect(failure).toBeUndefined();
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
    expect(failure).toBeUndefined();
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
