// IDX files: every type and rank is read as it was written, and no damaged file is read at all.

import { InputError } from "@wengert/tensor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeIdx } from "./idx.ts";

/** A type of the format: its code, its width, how it is written, and numbers that it holds exactly. */
interface Type {
  readonly code: number;
  readonly width: number;
  readonly array: { readonly name: string };
  readonly number: fc.Arbitrary<number>;
  write(view: DataView, offset: number, value: number): void;
}

const whole = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });

const types: Readonly<Record<string, Type>> = {
  ubyte: {
    code: 0x08,
    width: 1,
    array: Uint8Array,
    number: whole(0, 255),
    write: (v, at, x) => v.setUint8(at, x),
  },
  byte: {
    code: 0x09,
    width: 1,
    array: Int8Array,
    number: whole(-128, 127),
    write: (v, at, x) => v.setInt8(at, x),
  },
  short: {
    code: 0x0b,
    width: 2,
    array: Int16Array,
    number: whole(-(2 ** 15), 2 ** 15 - 1),
    write: (v, at, x) => v.setInt16(at, x),
  },
  int: {
    code: 0x0c,
    width: 4,
    array: Int32Array,
    number: whole(-(2 ** 31), 2 ** 31 - 1),
    write: (v, at, x) => v.setInt32(at, x),
  },
  float: {
    code: 0x0d,
    width: 4,
    array: Float32Array,
    number: fc.float(),
    write: (v, at, x) => v.setFloat32(at, x),
  },
  double: {
    code: 0x0e,
    width: 8,
    array: Float64Array,
    number: fc.double(),
    write: (v, at, x) => v.setFloat64(at, x),
  },
};

/** A file, in the middle of a larger buffer. */
function encode(type: Type, shape: readonly number[], values: readonly number[]): Uint8Array {
  const start = 4 + 4 * shape.length;
  const bytes = new Uint8Array(start + type.width * values.length + 5).subarray(3, -2);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  bytes.set([0, 0, type.code, shape.length]);
  for (const [axis, size] of shape.entries()) view.setUint32(4 + 4 * axis, size);
  for (const [i, value] of values.entries()) type.write(view, start + type.width * i, value);
  return bytes;
}

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

describe.each(Object.entries(types))("decodeIdx of type %s", (name, type) => {
  const files = shapes.chain((shape) => {
    const count = product(shape);
    const values = fc.array(type.number, { minLength: count, maxLength: count });
    return values.map((list) => ({ shape, values: list, bytes: encode(type, shape, list) }));
  });

  test("reads what was written, of any rank, into a typed array of the type", () => {
    fc.assert(
      fc.property(files, ({ shape, values, bytes }) => {
        const read = decodeIdx(bytes);
        expect([read.shape, read.type, Array.from(read.data)]).toEqual([shape, name, values]);
        expect(read.data.constructor).toBe(type.array);
        expect(read.data.buffer).not.toBe(bytes.buffer);
        expect([Object.isFrozen(read), Object.isFrozen(read.shape)]).toEqual([true, true]);
      }),
    );
  });

  test("refuses every file that lacks bytes at its end, or has more", () => {
    fc.assert(
      fc.property(files, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 9 }), ({ bytes }, cut, more) => {
        expect(() => decodeIdx(bytes.subarray(0, cut % bytes.length))).toThrow(InputError);
        expect(() => decodeIdx(Uint8Array.of(...bytes, ...more))).toThrow(InputError);
      }),
    );
  });
});

const square = encode(types["short"] as Type, [2, 2], [1, 2, 3, 4]);
const huge = 0xff;
test.each([
  ["nothing", [], "f: an IDX file begins with 00 00, a type and a rank, got nothing"],
  ["three bytes", [0, 0, 11], "f: an IDX file begins with 00 00, a type and a rank, got 00 00 0b"],
  ["another beginning", [0, 1, 8, 1], "f: an IDX file begins with 00 00, a type and a rank, got 00 01 08 01"],
  ["another type", [0, 0, 10, 1], "f: an IDX file begins with 00 00, a type and a rank, got 00 00 0a 01"],
  ["half a header", square.subarray(0, 9), "f: an IDX header of rank 2 has 12 bytes, got 9"],
  ["a missing byte", square.subarray(0, 19), "f: shape [2, 2] needs 20 bytes, got 19"],
  ["a byte too many", [...square, 0], "f: shape [2, 2] needs 20 bytes, got 21"],
  [
    "sizes beyond any memory",
    [0, 0, 14, 1, huge, huge, huge, huge],
    "f: shape [4294967295] needs 34359738368 bytes, got 8\n  help   the file is truncated or damaged",
  ],
])("decodeIdx: refuses %s", (_, bytes, message) => {
  expect(() => decodeIdx(Uint8Array.from(bytes), "f")).toThrow(message);
});
