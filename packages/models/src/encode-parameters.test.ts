import { array, arrayFrom, parameter, sameArray, type Arrays, type NdArray } from "@wengert/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { messageOf, refuses } from "../../../test/arrays.ts";
import { crc32 } from "./crc32.ts";
import { decodeParameters, encodeParameters } from "./encode-parameters.ts";

const record: Arrays = {
  W1: array([
    [1, -0],
    [Number.NaN, 3.5],
  ]),
  b1: array([[0.1], [2]], { dtype: "f64" }),
  steps: array(7, { dtype: "i32" }),
  dropoutKey: array([1, 4294967295], { dtype: "u32" }),
  flags: array([true, false, true]),
  none: arrayFrom(new Float32Array(0), [0, 3]),
};

const expectSameRecord = (a: Arrays, b: Arrays): void => {
  expect(Object.keys(a)).toEqual(Object.keys(b));
  for (const [name, value] of Object.entries(b))
    expect(sameArray(a[name] as NdArray, value), name).toBe(true);
};

test("the checksum is that of the standard's check word", () => {
  expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
});

test("what was encoded comes back bit for bit, with names in order", () => {
  const bytes = encodeParameters(record);
  expectSameRecord(decodeParameters(bytes), record);
  expect(encodeParameters(record)).toEqual(bytes);
  expectSameRecord(decodeParameters(encodeParameters({})), {});
});

test("bytes may begin anywhere in their storage", () => {
  const bytes = encodeParameters(record);
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  expectSameRecord(decodeParameters(shifted.subarray(3)), record);
});

test("elements are little-endian after the header", () => {
  const bytes = encodeParameters({ x: array([1], { dtype: "f64" }) });
  expect([...bytes.subarray(-12, -4)]).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
});

test("any names and f32 bits survive", () => {
  const arbitrary = fc.dictionary(fc.string({ minLength: 1 }), fc.array(fc.integer()), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(arbitrary, (words) => {
      const entries = Object.entries(words).map(([name, list]): [string, NdArray] => [
        name,
        arrayFrom(Int32Array.from(list), [list.length]),
      ]);
      const arrays = Object.fromEntries(entries);
      expectSameRecord(decodeParameters(encodeParameters(arrays)), arrays);
    }),
  );
});

test("every cut and every changed byte is refused", () => {
  const bytes = encodeParameters(record);
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeParameters(bytes.subarray(0, length)), `cut to ${length}`).toThrow(
      /^decodeParameters: /,
    );
  }
  for (let place = 0; place < bytes.length; place++) {
    const changed = Uint8Array.from(bytes);
    changed[place] = (changed[place] ?? 0) ^ 16;
    expect(() => decodeParameters(changed), `byte ${place}`).toThrow(/^decodeParameters: /);
  }
});

const small = { W1: array([[1, 2]]), b1: array([[3]]) };
const bytes = encodeParameters(small);
const changed = Uint8Array.from(bytes);
changed[bytes.length - 5] = 1;

refuses([
  [
    "other bytes",
    () => decodeParameters(new TextEncoder().encode("PK345678901234567890")),
    'decodeParameters: the file must begin with WENGERT1, got "PK345678"',
  ],
  [
    "a cut header",
    () => decodeParameters(bytes.subarray(0, 20)),
    "decodeParameters: the header must be whole, got 20 bytes",
  ],
  [
    "a cut body",
    () => decodeParameters(bytes.subarray(0, -1)),
    `decodeParameters: the file must have ${bytes.length} bytes, as its header says, got ${bytes.length - 1}`,
  ],
  [
    "a changed body",
    () => decodeParameters(changed),
    "decodeParameters: the checksum must be 2563660f, got 24b81709: the file was changed",
  ],
  [
    "another shape",
    () => decodeParameters(bytes, { W1: parameter("W1", [2, 1]), b1: parameter("b1", [1, 1]) }),
    "decodeParameters: W1 must have shape [2, 1], got [1, 2]",
  ],
  [
    "another dtype",
    () => decodeParameters(bytes, { W1: parameter("W1", [1, 2], { dtype: "f64" }), b1: small.b1 }),
    "decodeParameters: W1 must be f64, got f32",
  ],
  [
    "a missing name",
    () => decodeParameters(bytes, { ...small, W2: small.W1 }),
    "decodeParameters: there must be a parameter W2, got W1, b1",
  ],
  [
    "a name too many",
    () => decodeParameters(bytes, { W1: small.W1 }),
    "decodeParameters: parameters must be W1, got b1",
  ],
  [
    "a value that is no array",
    () => encodeParameters({ W1: 3 as unknown as NdArray }),
    "encodeParameters: every value must be an array, got number for W1",
  ],
]);

test("what is expected may be tensors or arrays", () => {
  expect(messageOf(() => decodeParameters(bytes, small))).toBe("no error");
});
