// The IDX format of the MNIST files (Y. LeCun): two zero bytes, a type, the rank, big-endian sizes, then the elements.

import { InputError } from "@wengert/tensor";

/** The sizes and elements of an IDX file. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

interface ElementType {
  readonly bytes: number;
  read(view: DataView, offset: number): number;
}

const elementTypes: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [0x08, { bytes: 1, read: (view, offset) => view.getUint8(offset) }],
  [0x09, { bytes: 1, read: (view, offset) => view.getInt8(offset) }],
  [0x0b, { bytes: 2, read: (view, offset) => view.getInt16(offset) }],
  [0x0c, { bytes: 4, read: (view, offset) => view.getInt32(offset) }],
  [0x0d, { bytes: 4, read: (view, offset) => view.getFloat32(offset) }],
  [0x0e, { bytes: 8, read: (view, offset) => view.getFloat64(offset) }],
]);

/**
 * The array in an IDX file's bytes.
 * @param place what errors call the file
 * @throws InputError when the magic number is wrong, or bytes are missing or left over.
 */
export function decodeIdx(bytes: Uint8Array, place = "idx"): IdxArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = bytes.length < 4 ? undefined : elementTypes.get(view.getUint8(2));
  if (type === undefined || view.getUint16(0) !== 0) {
    const got = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new InputError(
      `${place}: an IDX file begins with 00 00, a type and a rank, got ${got || "nothing"}`,
    );
  }
  const rank = view.getUint8(3);
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw new InputError(`${place}: an IDX header of rank ${rank} has ${start} bytes, got ${bytes.length}`);
  }
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const count = shape.reduce((product, size) => product * size, 1);
  if (bytes.length !== start + count * type.bytes) {
    const rule = `shape [${shape.join(", ")}] needs ${start + count * type.bytes} bytes`;
    throw new InputError(`${place}: ${rule}, got ${bytes.length}`, {
      help: "the file is truncated or damaged",
    });
  }
  if (type.bytes === 1 && view.getUint8(2) === 0x08) return { shape, data: bytes.slice(start) };
  const data = Float64Array.from({ length: count }, (_, i) => type.read(view, start + i * type.bytes));
  return { shape, data };
}
