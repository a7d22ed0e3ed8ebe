// Values: `{ shape, dtype, data }` over one typed array in C order. The record is frozen; its elements cannot be
// (the language forbids it), so whoever needs them to stay takes a copy.

import { allocate, convertNumber, dtypeOf, type DType, type TypedArray } from "./dtype.ts";
import { InputError } from "./errors.ts";
import { formatArray } from "./format.ts";
import { elements } from "./shape.ts";
import { shownValue } from "./shown-value.ts";

/** How deep lists and records may nest; what walks them calls itself. */
export const deepest = 100;

/** An n-dimensional array: `data` holds the product of `shape` elements, the last axis running fastest. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: TypedArray;
  /** The numbers as text, abbreviated where there are many. */
  toString(): string;
}

/** Numbers or truth values, nested to any depth, every level of one length. */
export type Nested = number | boolean | readonly Nested[];

// Printing is all that the prototype adds: `String(x)` and a console show the numbers, not the storage.
const prototype = {
  toString(this: NdArray): string {
    return formatArray(this);
  },
  [Symbol.for("nodejs.util.inspect.custom")](this: NdArray): string {
    return formatArray(this);
  },
};

/**
 * An array over `data` without copying it; the dtype follows from the class of the typed array.
 * @throws InputError when the shape does not multiply to the number of elements.
 */
export function arrayFrom(data: TypedArray, shape: readonly number[]): NdArray {
  const dtype = dtypeOf(data);
  if (dtype === undefined) {
    throw new InputError(
      "array: data must be a Float32Array, Float64Array, Int32Array, Uint32Array or Uint8Array",
    );
  }
  const hasShape: boolean = Array.isArray(shape);
  if (!hasShape) throw new InputError(`array: a shape is a list of sizes, got ${shownValue(shape)}`);
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw new InputError(`array: sizes must be whole and not negative, got [${shape.join(", ")}]`);
    }
  }
  if (elements(shape) !== data.length) {
    throw new InputError(
      `array: shape [${shape.join(", ")}] needs ${elements(shape)} elements, got ${data.length}`,
    );
  }
  return makeArray(data, dtype, shape);
}

/** An array whose parts are known to agree: for kernels, which have checked them already. */
export function makeArray(data: TypedArray, dtype: DType, shape: readonly number[]): NdArray {
  const result = Object.create(prototype) as { -readonly [K in keyof NdArray]: NdArray[K] };
  result.shape = Object.isFrozen(shape) ? shape : Object.freeze([...shape]);
  result.dtype = dtype;
  result.data = data;
  return Object.freeze(result);
}

/**
 * An array of nested lists, as in `array([[1, 2], [3, 4]])`.
 * @param values numbers or truth values; lists of one depth have one length
 * @param options `dtype`: default `bool` where the first element is a truth value, else `f32`
 * @throws InputError when rows differ in length or depth, or an element does not fit the dtype.
 */
export function array(values: Nested, options: { readonly dtype?: DType } = {}): NdArray {
  const shape: number[] = [];
  let first: Nested | undefined = values;
  while (isList(first)) {
    if (shape.length === deepest) throw new InputError(`array: lists nest at most ${deepest} deep, got more`);
    shape.push(first.length);
    first = first[0];
  }
  const dtype = options.dtype ?? (typeof first === "boolean" ? "bool" : "f32");
  const data = allocate(dtype, elements(shape));
  fill(values, 0, { shape, dtype, data, next: 0 });
  return makeArray(data, dtype, shape);
}

function isList(value: Nested | undefined): value is readonly Nested[] {
  return Array.isArray(value);
}

interface Filling {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly data: TypedArray;
  next: number;
}

function fill(values: Nested, depth: number, filling: Filling): void {
  if (isList(values)) {
    if (depth >= filling.shape.length || values.length !== filling.shape[depth]) {
      const wanted = depth < filling.shape.length ? `length ${filling.shape[depth]}` : "a number";
      throw new InputError(
        `array: rows must have one length, got ${values.length} where ${wanted} was expected`,
      );
    }
    for (const value of values) fill(value, depth + 1, filling);
    return;
  }
  if (depth !== filling.shape.length) {
    throw new InputError(`array: rows must have one depth, got ${String(values)} where a list was expected`);
  }
  filling.data[filling.next++] = element(values, filling.dtype);
}

function element(value: unknown, dtype: DType): number {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "number")
    throw new InputError(
      `array: elements must be numbers, got ${typeof value === "object" && value !== null ? "an object" : shownValue(value)}`,
    );
  if (dtype === "f32" || dtype === "f64") return value;
  if (convertNumber(value, dtype) !== value)
    throw new InputError(`array: ${value} is not a value of ${dtype}`);
  return value;
}

/** The elements as nested lists; a scalar gives the number itself, `bool` gives truth values. */
export function toNested(value: NdArray): Nested {
  requireElements("toNested", value);
  let next = 0;
  const build = (depth: number): Nested => {
    if (depth === value.shape.length) {
      const x = value.data[next++];
      return value.dtype === "bool" ? x !== 0 : x;
    }
    return Array.from({ length: value.shape[depth] }, () => build(depth + 1));
  };
  return build(0);
}

/** The one element of a scalar or of any array with a single element. */
export function toNumber(value: NdArray): number {
  if (value.data.length !== 1) {
    throw new InputError(`toNumber: the array must have one element, got shape [${value.shape.join(", ")}]`);
  }
  return value.data[0];
}

/**
 * A private copy of an array. Not by `slice`, which of a Buffer of Node is a view.
 * @throws InputError of a view into memory that has grown since, which has lost its elements.
 */
export function copyArray(value: NdArray): NdArray {
  requireElements("copyArray", value);
  const { data, dtype, shape } = value;
  if (data.length === 0) return makeArray(allocate(dtype, 0), dtype, shape);
  const copy = allocate(dtype, data.length);
  copy.set(data);
  return makeArray(copy, dtype, shape);
}

/** A view whose memory has moved has none. */
function requireElements(op: string, { data, shape }: NdArray): void {
  if (data.length === elements(shape)) return;
  throw new InputError(
    `${op}: shape [${shape.join(", ")}] needs ${elements(shape)} elements, got ${data.length}`,
  );
}

/** True for an array, as against numbers, nested lists and all else. */
export function isNdArray(value: unknown): value is NdArray {
  return typeof value === "object" && value !== null && "data" in value && ArrayBuffer.isView(value.data);
}

/** True when shapes, dtypes and every bit of the elements agree (so NaN equals NaN, and 0 differs from -0). */
export function sameArray(a: NdArray, b: NdArray): boolean {
  if (a.dtype !== b.dtype || a.shape.length !== b.shape.length) return false;
  if (a.shape.some((size, axis) => size !== b.shape[axis])) return false;
  for (let i = 0; i < a.data.length; i++) if (!Object.is(a.data[i], b.data[i])) return false;
  return true;
}
