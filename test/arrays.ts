// Arrays for property tests: arbitrary shapes and elements, walks over positions, and comparisons that say where.

import {
  arrayFrom,
  allocate,
  constant,
  elements,
  evaluate,
  formatArray,
  input,
  sameArray,
  type DType,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";

/** A test of a law over generated cases; a failure prints the smallest case and the seed that repeats it. */
export function property<Case>(title: string, cases: fc.Arbitrary<Case>, law: (each: Case) => void): void {
  test(title, () => {
    expect.hasAssertions();
    fc.assert(fc.property(cases, law));
  });
}

/** Every refusal of a family as tests: what is refused, how it is built, and the whole text of the error. */
export function refuses(
  refusals: readonly (readonly [what: string, build: () => unknown, text: string])[],
): void {
  test.each(refusals)("refuses %s", (_, build, text) => {
    expect(messageOf(build)).toBe(text);
  });
}

/** The text of the error that a function throws, without the line by which the evaluator names the node. */
export function messageOf(build: () => unknown): string {
  try {
    build();
  } catch (error) {
    return error instanceof Error ? error.message.replace(/\n {2}node {3}.*/, "") : String(error);
  }
  return "no error";
}

/** Shapes of rank 0 to 5 (or `maxRank`), with sizes 0, 1 and more. */
export function shapes(options: { readonly minRank?: number; readonly maxRank?: number } = {}) {
  const { minRank = 0, maxRank = 5 } = options;
  const size = fc.oneof(
    { weight: 1, arbitrary: fc.constant(0) },
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 4 }) },
  );
  return fc.array(size, { minLength: minRank, maxLength: maxRank });
}

/** Elements of a dtype: small numbers mostly, extreme and special ones sometimes. */
export function elementsOf(dtype: DType): fc.Arbitrary<number> {
  switch (dtype) {
    case "f32":
      return fc.oneof(tame.map(Math.fround), fc.float());
    case "f64":
      return fc.oneof(tame, fc.double());
    case "i32":
      return fc.oneof(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
    case "u32":
      return fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
    case "bool":
      return fc.integer({ min: 0, max: 1 });
  }
}

/** Numbers of moderate size whose products do not underflow, for comparisons with a tolerance. */
export const tame: fc.Arbitrary<number> = fc
  .double({ min: -8, max: 8, noNaN: true })
  .map((x) => (Math.abs(x) < 1e-60 ? 0 : x));

/** Arrays of one shape. */
export function arraysOf(
  shape: readonly number[],
  dtype: DType = "f64",
  element: fc.Arbitrary<number> = elementsOf(dtype),
): fc.Arbitrary<NdArray> {
  const length = elements(shape);
  return fc.array(element, { minLength: length, maxLength: length }).map((values) => {
    const data = allocate(dtype, length);
    data.set(values);
    return arrayFrom(data, shape);
  });
}

/** Every position of a shape in C order. */
export function positions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (found, size) => found.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );
}

/** The element at a position. */
export function at(value: NdArray, position: readonly number[]): number {
  const index = position.reduce((sum, i, axis) => sum * (value.shape[axis] ?? 1) + i, 0);
  return value.data[index] ?? Number.NaN;
}

/** An array by a formula of the position. */
export function tabulate(
  shape: readonly number[],
  dtype: DType,
  formula: (position: readonly number[]) => number,
): NdArray {
  const data = allocate(dtype, elements(shape));
  for (const [i, position] of positions(shape).entries()) data[i] = formula(position);
  return arrayFrom(data, shape);
}

/**
 * The value that a builder gives for arrays; checked to be the same with every size (but 1) a named dimension, and
 * to have the shape and dtype that the node said. Builders that need numbers are called with `named: false`.
 */
export function valueOf(
  build: (...operands: Tensor[]) => Tensor,
  arrays: readonly NdArray[],
  options: { readonly named?: boolean } = {},
): NdArray {
  const node = build(...arrays.map((value) => constant(value)));
  const value = evaluate(node);
  expect([value.shape, value.dtype]).toEqual([node.shape, node.dtype]);
  if (options.named === false) return value;
  const operands = arrays.map(({ shape, dtype }, i) =>
    input(
      `x${i}`,
      shape.map((size) => (size === 1 ? 1 : `d${size}`)),
      { dtype },
    ),
  );
  const feeds = Object.fromEntries(arrays.map((array, i) => [`x${i}`, array]));
  expectSame(evaluate(build(...operands), feeds), value);
  return value;
}

/** Equal in every bit. */
export function expectSame(actual: NdArray, expected: NdArray): void {
  const show = (value: NdArray): string => formatArray(value, { digits: 17, limit: 1e6 });
  expect(sameArray(actual, expected) ? "same" : show(actual)).toBe(
    sameArray(actual, expected) ? "same" : show(expected),
  );
}

/** Equal shapes, and elements within an absolute tolerance, which may depend on the position. NaN equals NaN. */
export function expectClose(
  actual: NdArray,
  expected: NdArray,
  tolerance: number | ((position: readonly number[]) => number),
): void {
  expect([actual.shape, actual.dtype]).toEqual([expected.shape, expected.dtype]);
  for (const position of positions(expected.shape)) {
    const [a, b] = [at(actual, position), at(expected, position)];
    const bound = typeof tolerance === "number" ? tolerance : tolerance(position);
    if (!Object.is(a, b) && !(Math.abs(a - b) <= bound)) {
      expect(a, `at [${position.join(", ")}], within ${bound}`).toBe(b);
    }
  }
}

/** The unit roundoff of f64, 2⁻⁵³: one rounded operation is off by at most this much, relatively. */
export const unit: number = 2 ** -53;
