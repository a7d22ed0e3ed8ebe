// One text for structurally equal nodes: primitive, inputs, attributes and type. Names do not count.

import type { DType } from "./dtype.ts";
import { sameArray, type NdArray } from "./ndarray.ts";
import type { Shape } from "./shape.ts";
import type { Attributes } from "./tensor.ts";
import { isArrayValue } from "./text-values.ts";

/** What two structurally equal nodes share. */
export interface Keyed {
  readonly primitive: string;
  readonly inputs: readonly string[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A function that gives structurally equal nodes equal texts; arrays are compared by content, once each. */
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
  const replace = (_: string, value: unknown): unknown =>
    isArrayValue(value) ? { array: intern(value) } : value;

  return ({ primitive, inputs, attributes, shape, dtype }) => {
    const rest = isEmpty(attributes) ? "" : JSON.stringify(attributes, replace);
    return `${primitive}(${inputs.join()})${rest}${dtype}[${shape.join()}]`;
  };
}

function isEmpty(attributes: Attributes): boolean {
  for (const key in attributes) if (Object.hasOwn(attributes, key)) return false;
  return true;
}

/** FNV-1a over the elements' bytes. */
function contentHash({ data }: NdArray): number {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return hash >>> 0;
}
