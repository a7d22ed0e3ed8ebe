// Generators of shapes, arrays and axes for fast-check: ranks 0 to 5, sizes 0, 1 and more, few elements.

import { arrayFrom, type NdArray } from "@wengert/tensor";
import fc from "fast-check";

/** Which shapes. */
export interface ShapeOptions {
  readonly minRank?: number;
  /** Default 5. */
  readonly maxRank?: number;
  /** Default 0. */
  readonly minSize?: number;
  /** Default 4. */
  readonly maxSize?: number;
  /** Shapes with more elements are left out; default 48. */
  readonly maxElements?: number;
}

/** Shapes of few elements. */
export function shapes(options: ShapeOptions = {}): fc.Arbitrary<readonly number[]> {
  const { minRank = 0, maxRank = 5, minSize = 0, maxSize = 4, maxElements = 48 } = options;
  return fc
    .array(fc.integer({ min: minSize, max: maxSize }), { minLength: minRank, maxLength: maxRank })
    .filter((shape) => shape.reduce((product, size) => product * size, 1) <= maxElements);
}

/** Which numbers. */
export interface Domain {
  /** Default -2. */
  readonly low?: number;
  /** Default 2. */
  readonly high?: number;
  /** Points that every element keeps a distance of 0.05 from: kinks and poles. */
  readonly kinks?: readonly number[];
  /** Elements that differ from each other by 0.05 at least, for operations that compare them. */
  readonly distinct?: boolean;
}

const margin = 0.05;

/** Numbers of a domain, away from its kinks. */
export function numbers({ low = -2, high = 2, kinks = [] }: Domain = {}): fc.Arbitrary<number> {
  return fc
    .double({ min: low, max: high, noNaN: true })
    .filter((x) => kinks.every((kink) => Math.abs(x - kink) >= margin))
    .map((x) => (Math.abs(x) < 1e-6 ? 0 : x));
}

/** Arrays `f64` of a shape with elements of a domain. */
export function arrays(shape: readonly number[], domain: Domain = {}): fc.Arbitrary<NdArray> {
  const count = shape.reduce((product, size) => product * size, 1);
  if (domain.distinct === true) return distinctArrays(shape, count, domain);
  return fc
    .array(numbers(domain), { minLength: count, maxLength: count })
    .map((values) => arrayFrom(Float64Array.from(values), shape));
}

/** A random order of numbers that lie 0.1 apart, each moved a little. */
function distinctArrays(
  shape: readonly number[],
  count: number,
  { low = -2 }: Domain,
): fc.Arbitrary<NdArray> {
  const order = fc.shuffledSubarray(
    Array.from({ length: count }, (_, i) => i),
    { minLength: count, maxLength: count },
  );
  const shifts = fc.array(fc.double({ min: 0, max: margin, noNaN: true }), {
    minLength: count,
    maxLength: count,
  });
  return fc.tuple(order, shifts).map(([places, moves]) =>
    arrayFrom(
      Float64Array.from(places, (place, i) => low + 2 * margin * place + (moves[i] as number)),
      shape,
    ),
  );
}

/** Arrays `i32` of a shape with elements from 0 to `size - 1`. */
export function indices(shape: readonly number[], size: number): fc.Arbitrary<NdArray> {
  const count = shape.reduce((product, each) => product * each, 1);
  return fc
    .array(fc.integer({ min: 0, max: size - 1 }), { minLength: count, maxLength: count })
    .map((values) => arrayFrom(Int32Array.from(values), shape));
}

/** One axis of a rank, from the front or from the end. */
export function axis(rank: number): fc.Arbitrary<number> {
  return fc.integer({ min: -rank, max: rank - 1 });
}

/** Some axes of a rank, each once, in any order. */
export function axes(rank: number): fc.Arbitrary<readonly number[]> {
  return fc.subarray(Array.from({ length: rank }, (_, i) => i)).map((list) => list.toReversed());
}
