// Generators of shapes, arrays and axes for fast-check: ranks 0 to 5, sizes 0, 1 and more, few elements.

import { elements, allocate, arrayFrom, isFloat, type DType, type NdArray } from "@wengert/tensor";
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
    .filter((shape) => elements(shape) <= maxElements);
}

/** Which numbers. */
export interface Domain {
  /** Default -2. */
  readonly low?: number;
  /** Default 2. */
  readonly high?: number;
  /** Points that every element keeps a distance from: kinks and poles. */
  readonly kinks?: readonly number[];
  /** How far from kinks; default 0.05, ten times as far as central differences reach. */
  readonly distance?: number;
  /** Elements that differ from each other by the distance at least, for operations that compare them; they begin at
   * `low` and may pass `high`. */
  readonly distinct?: boolean;
  /** Default f64. Integers are those of the domain, truth values any. */
  readonly dtype?: DType;
}

const defaultDistance = 0.05;

/** Numbers of a domain, away from its kinks. */
export function numbers(domain: Domain = {}): fc.Arbitrary<number> {
  const { low = -2, high = 2, kinks = [], distance = defaultDistance, dtype = "f64" } = domain;
  if (dtype === "bool") return fc.nat(1);
  if (!isFloat(dtype)) {
    return fc.integer({ min: Math.ceil(dtype === "u32" ? Math.max(0, low) : low), max: Math.floor(high) });
  }
  return fc
    .double({ min: low, max: high, noNaN: true })
    .filter((x) => kinks.every((kink) => Math.abs(x - kink) >= distance))
    .map((x) => (Math.abs(x) < 1e-6 ? 0 : x));
}

/** Arrays of a shape with elements of a domain, `f64` unless the domain says otherwise. */
export function arrays(shape: readonly number[], domain: Domain = {}): fc.Arbitrary<NdArray> {
  const count = elements(shape);
  const { dtype = "f64" } = domain;
  const values =
    domain.distinct === true && isFloat(dtype)
      ? distinctNumbers(count, domain)
      : fc.array(numbers(domain), { minLength: count, maxLength: count });
  return values.map((list) => {
    const data = allocate(dtype, count);
    data.set(list);
    return arrayFrom(data, shape);
  });
}

/** Directions: arrays `f64` of a shape with elements from -1 to 1. */
export function directions(shape: readonly number[]): fc.Arbitrary<NdArray> {
  return arrays(shape, { low: -1, high: 1 });
}

/** A random order of numbers that lie twice the distance apart, each moved a little. */
function distinctNumbers(
  count: number,
  { low = -2, distance = defaultDistance }: Domain,
): fc.Arbitrary<number[]> {
  const order = fc.shuffledSubarray(
    Array.from({ length: count }, (_, i) => i),
    { minLength: count, maxLength: count },
  );
  const shifts = fc.array(fc.double({ min: 0, max: distance, noNaN: true }), {
    minLength: count,
    maxLength: count,
  });
  return fc
    .tuple(order, shifts)
    .map(([places, moves]) => places.map((place, i) => low + 2 * distance * place + (moves[i] as number)));
}

/** Arrays `i32` of a shape with elements from 0 to `size - 1`. */
export function indices(shape: readonly number[], size: number): fc.Arbitrary<NdArray> {
  const count = elements(shape);
  return fc
    .array(fc.integer({ min: 0, max: size - 1 }), { minLength: count, maxLength: count })
    .map((values) => arrayFrom(Int32Array.from(values), shape));
}

/** One axis of a rank, from the front or from the end. */
export function axis(rank: number): fc.Arbitrary<number> {
  return fc.integer({ min: -rank, max: rank - 1 });
}

/** Some axes of a rank, each once, in any order, from the front or from the end. */
export function axes(rank: number): fc.Arbitrary<readonly number[]> {
  const order = fc.shuffledSubarray(Array.from({ length: rank }, (_, i) => i));
  const ends = fc.array(fc.boolean(), { minLength: rank, maxLength: rank });
  return fc
    .tuple(order, ends)
    .map(([list, fromEnd]) => list.map((at) => (fromEnd[at] === true ? at - rank : at)));
}
