import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCsv } from "./csv.ts";
import { gunzip } from "./gunzip.ts";
import { decodeIdx } from "./idx.ts";

/** IDX bytes of 16-bit numbers. */
function idxOf(shape: readonly number[], values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + 2 * values.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 0x0b, shape.length]);
  for (const [axis, size] of shape.entries()) view.setUint32(4 + 4 * axis, size);
  for (const [i, value] of values.entries()) view.setInt16(4 + 4 * shape.length + 2 * i, value);
  return bytes;
}

describe("decodeIdx", () => {
  test("reads what was written, of any rank", () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
    fc.assert(
      fc.property(shapes, (shape) => {
        const count = shape.reduce((a, b) => a * b, 1);
        const values = Array.from({ length: count }, (_, i) => 37 * i - 500);
        const { shape: read, data } = decodeIdx(idxOf(shape, values));
        expect([read, Array.from(data)]).toEqual([shape, values]);
      }),
    );
  });

  test("reads unsigned bytes from the middle of a buffer", () => {
    const file = Uint8Array.of(9, 9, 0, 0, 8, 1, 0, 0, 0, 2, 200, 7).subarray(2);
    expect([...Uint8Array.from(decodeIdx(file).data)]).toEqual([200, 7]);
  });

  const whole = idxOf([2, 2], [1, 2, 3, 4]);
  test.each([
    [whole.subarray(0, 3), "f: an IDX file begins with 00 00, a type and a rank, got 00 00 0b"],
    [Uint8Array.of(1, 0, 8, 1), "f: an IDX file begins with 00 00, a type and a rank, got 01 00 08 01"],
    [Uint8Array.of(0, 0, 7, 1), "f: an IDX file begins with 00 00, a type and a rank, got 00 00 07 01"],
    [whole.subarray(0, 9), "f: an IDX header of rank 2 has 12 bytes, got 9"],
    [whole.subarray(0, 19), "f: shape [2, 2] needs 20 bytes, got 19"],
    [Uint8Array.of(...whole, 0), "f: shape [2, 2] needs 20 bytes, got 21"],
  ])("refuses a damaged file (%#)", (bytes, message) => {
    expect(() => decodeIdx(bytes, "f")).toThrow(message);
  });
});

describe("decodeCsv", () => {
  test("reads rows, with or without a header, whatever ends the lines", () => {
    const plain = decodeCsv("1,2\r\n3,-4e-1\n\n");
    expect([plain.header, plain.rows, plain.columns, ...plain.data]).toEqual([
      undefined,
      2,
      2,
      1,
      2,
      3,
      -0.4,
    ]);
    expect(decodeCsv('a,"b c"\n1,"2"').header).toEqual(["a", "b c"]);
  });

  test.each([
    ["", "f: there must be rows of numbers, got none"],
    ["a,b\n", "f: there must be rows of numbers, got none"],
    ["1,2\n3", "f: every row must have 2 cells, got 1 in line 2"],
    ["1,2\n\n3,x", 'f: cells must be finite numbers, got "x" in line 3, column 2'],
    ["1,2\n3,", 'f: cells must be finite numbers, got "" in line 2, column 2'],
    ["1,NaN", 'f: cells must be finite numbers, got "NaN" in line 1, column 2'],
  ])("refuses %j", (text, message) => {
    expect(() => decodeCsv(text, "f")).toThrow(message);
  });
});

describe("gunzip", () => {
  const bytes = Uint8Array.from({ length: 5000 }, (_, i) => i * i);

  test("unpacks gzip and passes other bytes on", async () => {
    expect(await gunzip(gzipSync(bytes))).toEqual(bytes);
    expect(await gunzip(bytes)).toBe(bytes);
  });

  test("refuses a truncated and a damaged file", async () => {
    const packed = new Uint8Array(gzipSync(bytes));
    const message = "f: the gzip file must be whole, got one that is truncated or damaged";
    await expect(gunzip(packed.subarray(0, packed.length - 20), "f")).rejects.toThrow(message);
    const damaged = packed.with(packed.length - 6, (packed.at(-6) ?? 0) ^ 1);
    await expect(gunzip(damaged, "f")).rejects.toThrow(message);
  });
});
