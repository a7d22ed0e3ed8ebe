// One text for structurally equal nodes: primitive, inputs, attributes and type. Names do not count.

import type { DType } from "./dtype.ts";
import { GraphError } from "./errors.ts";
import { deepest, isNdArray, sameArray, type NdArray } from "./ndarray.ts";
import { isPlainRecord } from "./plain-values.ts";
import type { Shape } from "./shape.ts";
import type { Attributes } from "./tensor.ts";

/** What two structurally equal nodes share. */
export interface Keyed {
  readonly primitive: string;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A function that gives structurally equal nodes equal texts; arrays are compared by content, once each.
 * @throws GraphError (the function) where an attribute is not plain data. */
export function structuralKeys(): (node: Keyed) => string {
  const interned = new Map<string, { readonly value: NdArray; readonly id: number }[]>();
  const known = new WeakMap<NdArray, number>();
  let count = 0;

  const intern = (value: NdArray): number => {
    const before = known.get(value);
    if (before !== undefined) return before;
    const bucket = `${value.dtype}${value.shape.join()}:${contentHash(value)}`;
    const list = interned.get(bucket) ?? [];
    interned.set(bucket, list);
    let entry = list.find((candidate) => sameArray(candidate.value, value));
    if (entry === undefined) list.push((entry = { value, id: count++ }));
    known.set(value, entry.id);
    return entry.id;
  };
  // Not JSON: NaN is not null there, and -0 not 0.
  const write = (value: unknown, depth: number): string => {
    if (typeof value === "string") return JSON.stringify(value);
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    if (typeof value === "boolean" || value === null) return String(value);
    if (isNdArray(value)) return `#${intern(value)}`;
    if (typeof value !== "object" || depth > deepest) refuse(value);
    if (Array.isArray(value)) return `[${value.map((item) => write(item, depth + 1)).join()}]`;
    if (!isPlainRecord(value)) refuse(value);
    let text = "{";
    for (const key of Object.keys(value))
      text += `${JSON.stringify(key)}:${write((value as Attributes)[key], depth + 1)},`;
    return `${text}}`;
  };

  return ({ primitive, inputs, attributes, shape, dtype }) =>
    `${primitive}(${inputs.join()})${write(attributes, 0)}${dtype}[${shape.join()}]`;
}

function refuse(value: unknown): never {
  const isClass =
    typeof value === "object" && value !== null && !Array.isArray(value) && !isPlainRecord(value);
  const nested = typeof value === "object" ? "a value nested without end" : typeof value;
  const got = isClass ? `a ${value.constructor.name}` : nested;
  throw new GraphError(`graph: attributes are plain data, got ${got}`);
}

/** FNV-1a over the elements' bytes. */
function contentHash({ data }: NdArray): number {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash >>> 0;
}
