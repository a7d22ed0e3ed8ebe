// The kernels of reductions: values against a loop over positions, edge values, and every refusal.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arraysOf,
  at,
  elementsOf,
  expectClose,
  expectSame,
  messageOf,
  positions,
  property,
  refuses,
  shapes,
  tabulate,
  tame,
  unit,
  valueOf,
} from "../../../../test/arrays.ts";
import {
  all,
  any,
  arrayFrom,
  argMax,
  argMin,
  constant,
  cumulativeSum,
  evaluate,
  input,
  max,
  min,
  prod,
  sum,
  type DType,
  type NdArray,
  type Tensor,
} from "../index.ts";

/** A reduction as these tests call it. */
type Reduce = (x: Tensor, axes?: readonly number[], options?: { readonly keepDims?: boolean }) => Tensor;

/** An array and some of its axes, counted from either end. */
function casesOf(dtype: DType, element: fc.Arbitrary<number> = elementsOf(dtype)) {
  return shapes().chain((shape) =>
    fc.tuple(
      arraysOf(shape, dtype, element),
      fc
        .subarray(
          shape.map((_, axis) => axis),
          { minLength: 0 },
        )
        .chain((axes) => fc.tuple(...axes.map((axis) => fc.constantFrom(axis, axis - shape.length)))),
      fc.boolean(),
    ),
  );
}

/** The elements that each place of the result combines, in C order. */
function groups(
  x: NdArray,
  axes: readonly number[],
  keepDims: boolean,
): { shape: number[]; of: (place: readonly number[]) => number[] } {
  const gone = new Set(axes.map((axis) => (axis + x.shape.length) % x.shape.length));
  const key = (position: readonly number[]): number[] =>
    position.flatMap((i, axis) => (gone.has(axis) ? (keepDims ? [0] : []) : [i]));
  const shape = x.shape.flatMap((size, axis) => (gone.has(axis) ? (keepDims ? [1] : []) : [size]));
  const found = new Map<string, number[]>();
  for (const position of positions(x.shape)) {
    const place = key(position).join();
    found.set(place, [...(found.get(place) ?? []), at(x, position)]);
  }
  return { shape, of: (place) => found.get(place.join()) ?? [] };
}

const largest = (values: readonly number[]): number =>
  values.some((x) => Number.isNaN(x))
    ? Number.NaN
    : values.reduce((a, b) => (a > b || (a === b && !Object.is(a, -0)) ? a : b), Number.NEGATIVE_INFINITY);
const smallest = (values: readonly number[]): number => -largest(values.map((x) => -x));

/** Reductions that make no rounding. */
const exact: readonly (readonly [string, Reduce, DType, (values: readonly number[]) => number])[] = [
  ["max", max, "f64", largest],
  ["min", min, "f64", smallest],
  ["max", max, "i32", (values) => values.reduce((a, b) => (a > b ? a : b), -(2 ** 31))],
  ["min", min, "u32", (values) => values.reduce((a, b) => (a < b ? a : b), 2 ** 32 - 1)],
  ["any", any, "bool", (values) => (values.includes(1) ? 1 : 0)],
  ["all", all, "bool", (values) => (values.includes(0) ? 0 : 1)],
  [
    "sum",
    sum,
    "i32",
    (values) =>
      Number(
        BigInt.asIntN(
          32,
          values.reduce((a, b) => a + BigInt(b), 0n),
        ),
      ),
  ],
  [
    "sum",
    sum,
    "u32",
    (values) =>
      Number(
        BigInt.asUintN(
          32,
          values.reduce((a, b) => a + BigInt(b), 0n),
        ),
      ),
  ],
  [
    "prod",
    prod,
    "i32",
    (values) =>
      Number(
        BigInt.asIntN(
          32,
          values.reduce((a, b) => a * BigInt(b), 1n),
        ),
      ),
  ],
  [
    "prod",
    prod,
    "u32",
    (values) =>
      Number(
        BigInt.asUintN(
          32,
          values.reduce((a, b) => a * BigInt(b), 1n),
        ),
      ),
  ],
];

describe.each(exact)("%s of %s", (_, reduce, dtype, formula) => {
  property("equals a loop over the positions, for all axes", casesOf(dtype), ([x, axes, keepDims]) => {
    const { shape, of } = groups(x, axes, keepDims);
    expectSame(
      valueOf((t) => reduce(t, axes, { keepDims }), [x]),
      tabulate(shape, x.dtype, (place) => formula(of(place))),
    );
  });
});

property("sum adds with one rounding a term", casesOf("f64", tame), ([x, axes, keepDims]) => {
  const { shape, of } = groups(x, axes, keepDims);
  const wanted = tabulate(shape, "f64", (place) => of(place).reduceRight((a, b) => a + b, 0));
  // Both orders err by at most n·unit·Σ|x|.
  const bound = (place: readonly number[]): number =>
    2 * of(place).length * unit * of(place).reduce((a, b) => a + Math.abs(b), 0);
  expectClose(
    valueOf((t) => (sum as Reduce)(t, axes, { keepDims }), [x]),
    wanted,
    bound,
  );
});

property("prod multiplies with one rounding a factor", casesOf("f64", tame), ([x, axes, keepDims]) => {
  const { shape, of } = groups(x, axes, keepDims);
  const wanted = tabulate(shape, "f64", (place) => of(place).reduceRight((a, b) => a * b, 1));
  const bound = (place: readonly number[]): number =>
    2 * of(place).length * unit * Math.abs(at(wanted, place)) + Number.MIN_VALUE * 8 ** of(place).length;
  expectClose(
    valueOf((t) => (prod as Reduce)(t, axes, { keepDims }), [x]),
    wanted,
    bound,
  );
});

test("a reduction without axes is over all of them", () => {
  const x = constant([
    [1, 2],
    [3, 5],
  ]);
  expect([sum(x), prod(x), max(x), min(x)].map((t) => evaluate(t).data[0])).toEqual([11, 30, 5, 1]);
});

test("f32 sums accumulate in double precision", () => {
  const x = arrayFrom(new Float32Array(100_000).fill(0.1), [100_000]);
  expect(evaluate(sum(constant(x))).data[0]).toBe(Math.fround(100_000 * Math.fround(0.1)));
});

test.each([
  ["sum", sum, 0],
  ["prod", prod, 1],
  ["max", max, Number.NEGATIVE_INFINITY],
  ["min", min, Number.POSITIVE_INFINITY],
] as const)("%s over none", (_, reduce, value) => {
  expect([
    ...evaluate((reduce as Reduce)(constant(arrayFrom(new Float32Array(0), [2, 0])), [1])).data,
  ]).toEqual([value, value]);
});

test("the sum of integers is exact modulo 2³², also beyond 2⁵³", () => {
  // 2²² + 1 terms of 2³² - 1: their sum is odd and above 2⁵³.
  const count = 2 ** 22 + 1;
  const x = arrayFrom(new Uint32Array(count).fill(2 ** 32 - 1), [count]);
  expect(evaluate(sum(constant(x))).data[0]).toBe(2 ** 32 - count);
});

describe.each([
  ["argMax", argMax, (a: number, b: number) => a > b],
  ["argMin", argMin, (a: number, b: number) => a < b],
] as const)("%s", (_, argument, beats) => {
  const place = (values: readonly number[]): number => {
    const nan = values.findIndex((x) => Number.isNaN(x));
    return nan >= 0 ? nan : values.findIndex((x) => values.every((y) => !beats(y, x)));
  };
  property(
    "is the first place of the best element, or of a NaN",
    shapes({ minRank: 1 }).chain((shape) =>
      fc.tuple(
        arraysOf(
          shape.map((size) => Math.max(size, 1)),
          "f64",
          fc.constantFrom(1, 2, 3, Number.NaN, -0, 0),
        ),
        fc.integer({ min: -shape.length, max: shape.length - 1 }),
      ),
    ),
    ([x, axis]) => {
      const { shape, of } = groups(x, [axis], false);
      expectSame(
        valueOf((t) => argument(t, axis), [x]),
        tabulate(shape, "i32", (p) => place(of(p))),
      );
    },
  );
  test("refuses an empty axis when it runs", () => {
    const x = constant(arrayFrom(new Float32Array(0), [2, 0]));
    expect(messageOf(() => evaluate(argument(x, 1)))).toBe(
      `${argument.name}: the axis must not be empty, got size 0`,
    );
    expect(evaluate(argument(x, 0)).shape).toEqual([0]);
  });
});

property(
  "cumulativeSum adds all before along the axis",
  shapes({ minRank: 1 }).chain((shape) =>
    fc.tuple(arraysOf(shape, "i32"), fc.integer({ min: -shape.length, max: shape.length - 1 })),
  ),
  ([x, axis]) => {
    const along = (axis + x.shape.length) % x.shape.length;
    const wanted = tabulate(x.shape, "i32", (position) => {
      let total = 0n;
      for (let k = 0; k <= (position[along] ?? 0); k++) total += BigInt(at(x, position.with(along, k)));
      return Number(BigInt.asIntN(32, total));
    });
    expectSame(
      valueOf((t) => cumulativeSum(t, axis), [x]),
      wanted,
    );
  },
);

test("cumulativeSum in f32 accumulates in double precision", () => {
  const data = evaluate(cumulativeSum(constant([1e8, 1, 1, 1, -1e8]), 0)).data;
  expect([...data]).toEqual([1e8, 1e8, 1e8, 1e8, 3]);
});

const x = input("x", [2, "m"]);
const flags = input("flags", [2], { dtype: "bool" });

refuses([
  [
    "an axis beyond the rank",
    () => (sum as Reduce)(x, [2]),
    "sum: the axis must be within the rank, got 2 for rank 2\n  help   axes are -2 to 1",
  ],
  [
    "an axis of a scalar",
    () => (max as Reduce)(constant(1), [0]),
    "max: the axis must be within the rank, got 0 for rank 0\n  help   a scalar has no axes",
  ],
  [
    "an axis that is not whole",
    () => argMax(x as Tensor, 0.5),
    "argMax: the axis must be within the rank, got 0.5 for rank 2\n  help   axes are -2 to 1",
  ],
  ["one axis twice", () => prod(x, [0, -2]), "prod: axes must differ, got [0, -2] for rank 2"],
  [
    "the sum of truth values",
    () => sum(flags),
    'sum: the dtype must be number, got bool\n  x      flags   [2] bool  input\n  help   cast(x, "f32")',
  ],
  [
    "whether any number holds",
    () => any(x),
    'any: the dtype must be bool, got f32\n  x      x       [2, m]  input\n  help   cast(x, "bool")',
  ],
  [
    "the largest truth value",
    () => argMin(flags, 0),
    'argMin: the dtype must be number, got bool\n  x      flags   [2] bool  input\n  help   cast(x, "f32")',
  ],
  [
    "running sums of truth values",
    () => cumulativeSum(flags, 0),
    'cumulativeSum: the dtype must be number, got bool\n  x      flags   [2] bool  input\n  help   cast(x, "f32")',
  ],
]);
