// What an attribute may be: numbers, texts, truth values, null, arrays, and lists and records of these, so that a
// graph can be compared, written down and read back.

import { dtypeOf } from "./dtype.ts";
import { deepest, isNdArray, type NdArray } from "./ndarray.ts";
import { elements, isSize } from "./shape.ts";
import { isListOf } from "./shown-value.ts";

/** Says what of a value is not plain data, or nothing. */
export function strayValue(value: unknown, depth = 0): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return undefined;
  if (typeof value !== "object") return typeof value;
  if (isNdArray(value)) return strayArray(value);
  if (depth >= deepest) return `a value nested ${deepest} deep`;
  if (!Array.isArray(value) && !isPlainRecord(value)) return `a ${value.constructor.name}`;
  // A place of a list that holds nothing is a stray value, not one to pass over.
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    const stray = strayValue(item, depth + 1);
    if (stray !== undefined) return stray;
  }
  return undefined;
}

/** True for an object of no class. */
export function isPlainRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Freezes the lists and records of a value; what is frozen is taken to be so all through. */
export function freezeParts(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  if (!Array.isArray(value) && !isPlainRecord(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freezeParts(part);
}

function strayArray({ data, dtype, shape }: NdArray): string | undefined {
  const sizes = isListOf(shape, isSize);
  if (dtypeOf(data) !== dtype || !sizes) return "an array without dtype or shape";
  if (data.length !== elements(shape)) return `an array of ${data.length} elements for ${elements(shape)}`;
  if (dtype === "bool" && data.some((x) => x > 1)) return "a bool array with elements that are not 0 or 1";
  return undefined;
}
