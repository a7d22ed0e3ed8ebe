// The IDX format of the MNIST files (Y. LeCun): two zero bytes, a type, the rank, big-endian sizes, then the elements.

import { elements, InputError } from "@wengert/tensor";

/** The sizes, the type and the elements of an IDX file, in C order. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly type: "ubyte" | "byte" | "short" | "int" | "float" | "double";
  /** A typed array of the file's type. */
  readonly data: Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;
}

interface ElementType {
  readonly type: IdxArray["type"];
  readonly array: { new (count: number): IdxArray["data"]; readonly BYTES_PER_ELEMENT: number };
  read(view: DataView, offset: number): number;
}

const elementTypes: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [0x08, { type: "ubyte", array: Uint8Array, read: (view, offset) => view.getUint8(offset) }],
  [0x09, { type: "byte", array: Int8Array, read: (view, offset) => view.getInt8(offset) }],
  [0x0b, { type: "short", array: Int16Array, read: (view, offset) => view.getInt16(offset) }],
  [0x0c, { type: "int", array: Int32Array, read: (view, offset) => view.getInt32(offset) }],
  [0x0d, { type: "float", array: Float32Array, read: (view, offset) => view.getFloat32(offset) }],
  [0x0e, { type: "double", array: Float64Array, read: (view, offset) => view.getFloat64(offset) }],
]);

/**
 * The array in an IDX file's bytes, a copy.
 * @param place what errors call the file
 * @throws InputError when the magic number is wrong, or bytes are missing or left over.
 */
export function decodeIdx(bytes: Uint8Array, place = "idx"): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { type, array, read } = elementOf(view, bytes, place);
  const width = array.BYTES_PER_ELEMENT;
  const rank = view.getUint8(3);
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw new InputError(`${place}: an IDX header of rank ${rank} has ${start} bytes, got ${bytes.length}`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  // Before anything is allocated: sizes of a damaged header can be huge.
  const count = elements(shape);
  if (bytes.length !== start + count * width) {
    const rule = `shape [${shape.join(", ")}] needs ${start + count * width} bytes`;
    throw new InputError(`${place}: ${rule}, got ${bytes.length}`, {
      help: "the file is truncated or damaged",
    });
  }
  const data = new array(count);
  // Bytes have no order, and pixels are many: one copy.
  if (width === 1) data.set(bytes.subarray(start));
  else for (let i = 0; i < count; i++) data[i] = read(view, start + i * width);
  return Object.freeze({ shape: Object.freeze(shape), type, data });
}

function elementOf(view: DataView, bytes: Uint8Array, place: string): ElementType {
  const element = bytes.length < 4 ? undefined : elementTypes.get(view.getUint8(2));
  if (element !== undefined && view.getUint16(0) === 0) return element;
  const got = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  throw new InputError(`${place}: an IDX file begins with 00 00, a type and a rank, got ${got || "nothing"}`);
}
