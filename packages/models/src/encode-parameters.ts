// Parameters as bytes: a magic word, a JSON header, the raw little-endian elements, and a checksum of it all. What
// was written comes back bit for bit; a file that was cut, changed, or holds other parameters is refused as a whole.

import {
  allocate,
  arrayFrom,
  bytesPerElement,
  elements,
  InputError,
  showShape,
  type Arrays,
  type DType,
  type NdArray,
  type Shape,
  type TypedArray,
} from "@wengert/tensor";
import * as v from "valibot";
import { crc32 } from "./crc32.ts";

/** The shape and dtype that a parameter must have. Tensors and arrays are such. */
export interface ParameterType {
  readonly shape: Shape;
  readonly dtype: DType;
}

// magic (8 bytes) | header length (u32) | header (JSON, UTF-8) | elements | CRC-32 of all before (u32)
const magic = "WENGERT1";
const prefix = magic.length + 4;
const version = 1;

const schema = v.strictObject({
  version: v.literal(version),
  parameters: v.array(
    v.strictObject({
      name: v.pipe(v.string(), v.minLength(1)),
      dtype: v.picklist(["f32", "f64", "i32", "u32", "bool"]),
      shape: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
    }),
  ),
});

type Entry = v.InferOutput<typeof schema>["parameters"][number];

/**
 * The bytes of a record of arrays, the same for the same record: names keep their order.
 * @throws InputError when a value is not an array.
 * @example
 * ```ts
 * import { array } from "@wengert/tensor";
 * import { decodeParameters, encodeParameters } from "@wengert/models";
 *
 * const bytes = encodeParameters({ W1: array([[1, 2]]), b1: array([[0.5]]) });
 * console.log(String(decodeParameters(bytes).b1));
 * ```
 * ```text
 * f32[1, 1]
 * [[0.5]]
 * ```
 */
export function encodeParameters(record: Arrays): Uint8Array {
  const entries = Object.entries(record);
  for (const [name, value] of entries) {
    if (typeof value !== "object" || !("data" in value)) {
      throw new InputError(`encodeParameters: every value must be an array, got ${typeof value} for ${name}`);
    }
  }
  const parameters = entries.map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const header = new TextEncoder().encode(JSON.stringify({ version, parameters }));
  const body = entries.reduce((total, [, { data }]) => total + data.byteLength, 0);
  const bytes = new Uint8Array(prefix + header.length + body + 4);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(magic));
  view.setUint32(magic.length, header.length, true);
  bytes.set(header, prefix);
  let at = prefix + header.length;
  for (const [, { data }] of entries) {
    bytes.set(littleEndian(data), at);
    at += data.byteLength;
  }
  view.setUint32(at, crc32(bytes.subarray(0, at)), true);
  return bytes;
}

/**
 * The record that the bytes hold, frozen, in arrays of its own.
 * @param expected the types that the parameters must have, by name: all of them and no others
 * @throws InputError when the bytes are no parameters, were cut or changed, or a name, shape or dtype is another.
 */
export function decodeParameters(
  bytes: Uint8Array,
  expected?: Readonly<Record<string, ParameterType>>,
): Arrays {
  const { entries, start } = readHeader(bytes);
  const sizes = entries.map(({ shape, dtype }) => elements(shape) * bytesPerElement(dtype));
  const end = sizes.reduce((total, size) => total + size, start);
  if (bytes.length !== end + 4) {
    refuse(`the file must have ${end + 4} bytes, as its header says, got ${bytes.length}`);
  }
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true);
  const found = crc32(bytes.subarray(0, end));
  if (stored !== found)
    refuse(`the checksum must be ${hex(stored)}, got ${hex(found)}: the file was changed`);
  if (expected !== undefined) requireExpected(entries, expected);
  let at = start;
  const record = entries.map((entry, i): [string, NdArray] => {
    const size = sizes[i] as number;
    const array = readArray(entry, bytes.slice(at, at + size));
    at += size;
    return [entry.name, array];
  });
  return Object.freeze(Object.fromEntries(record));
}

function refuse(rule: string): never {
  throw new InputError(`decodeParameters: ${rule}`);
}

const hex = (word: number): string => word.toString(16).padStart(8, "0");

function readHeader(bytes: Uint8Array): { readonly entries: readonly Entry[]; readonly start: number } {
  const word = new TextDecoder().decode(bytes.subarray(0, magic.length));
  if (word !== magic) refuse(`the file must begin with ${magic}, got ${JSON.stringify(word)}`);
  const whole = `the header must be whole, got ${bytes.length} bytes`;
  if (bytes.length < prefix) refuse(whole);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(magic.length, true);
  if (bytes.length < prefix + length) refuse(whole);
  const text = new TextDecoder().decode(bytes.subarray(prefix, prefix + length));
  const parsed = v.safeParse(schema, jsonOf(text), { abortEarly: true });
  if (!parsed.success) refuse(`the header must be that of version ${version}, got ${text.slice(0, 60)}`);
  const { parameters } = parsed.output;
  const names = new Set(parameters.map(({ name }) => name));
  if (names.size !== parameters.length) refuse("names must differ, got one twice");
  return { entries: parameters, start: prefix + length };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function requireExpected(entries: readonly Entry[], expected: Readonly<Record<string, ParameterType>>): void {
  const names = new Set(entries.map(({ name }) => name));
  const missing = Object.keys(expected).find((name) => !names.has(name));
  if (missing !== undefined)
    refuse(`there must be a parameter ${missing}, got ${[...names].join(", ") || "none"}`);
  for (const { name, shape, dtype } of entries) {
    const wanted = Object.hasOwn(expected, name) ? expected[name] : undefined;
    if (wanted === undefined)
      return refuse(`parameters must be ${Object.keys(expected).join(", ")}, got ${name}`);
    if (wanted.dtype !== dtype) refuse(`${name} must be ${wanted.dtype}, got ${dtype}`);
    if (showShape(wanted.shape) !== showShape(shape)) {
      refuse(`${name} must have shape ${showShape(wanted.shape)}, got ${showShape(shape)}`);
    }
  }
}

function readArray({ dtype, shape }: Entry, bytes: Uint8Array): NdArray {
  const data = allocate(dtype, elements(shape));
  new Uint8Array(data.buffer).set(swapped(bytes, data.BYTES_PER_ELEMENT));
  return arrayFrom(data, shape);
}

function littleEndian(data: TypedArray): Uint8Array {
  return swapped(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), data.BYTES_PER_ELEMENT);
}

/** The bytes of each element in the other order on a big-endian machine; elsewhere the same bytes. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  if (new Uint8Array(Uint16Array.of(1).buffer)[0] === 1) return bytes;
  const result = new Uint8Array(bytes);
  for (let at = 0; at < result.length; at += width) result.subarray(at, at + width).reverse();
  return result;
}
