// What an attribute may be: numbers, texts, truth values, null, arrays, and lists and records of these, so that a
// graph can be compared, written down and read back.

import { dtypeOf } from "./dtype.ts";
import { isNdArray, elements, type NdArray } from "./ndarray.ts";

/** How deep lists and records may nest; what walks them calls itself. */
export const deepest = 100;

/** Says what of a value is not plain data, or nothing. */
export function strayValue(value: unknown, depth = 0): string | undefined {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return undefined;
  if (typeof value !== "object") return typeof value;
  if (isNdArray(value)) return strayArray(value);
  if (depth >= deepest) return `a value nested ${deepest} deep`;
  const items: readonly unknown[] | undefined = Array.isArray(value) ? value : recordValues(value);
  if (items === undefined) return `a ${value.constructor.name}`;
  for (const item of items) {
    const stray = strayValue(item, depth + 1);
    if (stray !== undefined) return stray;
  }
  return undefined;
}

/** The values of a record, or undefined for an object of a class. */
function recordValues(value: object): readonly unknown[] | undefined {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype ? Object.values(value) : undefined;
}

function strayArray({ data, dtype, shape }: NdArray): string | undefined {
  const sizes = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (dtypeOf(data) !== dtype || !sizes) return "an array without dtype or shape";
  if (data.length !== elements(shape)) return `an array of ${data.length} elements for ${elements(shape)}`;
  if (dtype === "bool" && data.some((x) => x > 1)) return "a bool array with elements that are not 0 or 1";
  return undefined;
}
