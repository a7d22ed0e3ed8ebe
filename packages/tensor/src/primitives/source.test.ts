// Sources: their values, and every refusal of the builders.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  arraysOf,
  expectSame,
  property,
  refuses,
  shapes,
  tabulate,
  valueOf,
} from "../../../../test/arrays.ts";
import {
  apply,
  arrayFrom,
  constant,
  evaluate,
  full,
  input,
  iota,
  ones,
  onesLike,
  parameter,
  primitives,
  scalar,
  size,
  xor,
  zeros,
  zerosLike,
  type DType,
} from "../index.ts";

property(
  "iota is the position along its axis",
  shapes({ minRank: 1 }).chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.integer({ min: -shape.length, max: shape.length - 1 }),
      fc.constantFrom<DType>("i32", "u32", "f32", "f64"),
    ),
  ),
  ([shape, axis, dtype]) => {
    const along = (axis + shape.length) % shape.length;
    expectSame(
      evaluate(iota(shape, axis, { dtype })),
      tabulate(shape, dtype, (position) => position[along]!),
    );
  },
);

property(
  "zerosLike and onesLike take shape and dtype",
  shapes().chain((shape) => arraysOf(shape, "u32")),
  (x) => {
    expectSame(
      valueOf((t) => xor(xor(zerosLike(t), t), t), [x]),
      tabulate(x.shape, "u32", () => 0),
    );
    expectSame(
      valueOf((t) => xor(xor(onesLike(t), t), t), [x]),
      tabulate(x.shape, "u32", () => 1),
    );
  },
);

test("full, zeros and ones repeat a number; truth values are bool", () => {
  expectSame(evaluate(full([2, 1], 7)), arrayFrom(Float32Array.of(7, 7), [2, 1]));
  expectSame(evaluate(full([2], true)), arrayFrom(Uint8Array.of(1, 1), [2]));
  expectSame(evaluate(zeros([0, 3], { dtype: "i32" })), arrayFrom(new Int32Array(0), [0, 3]));
  expectSame(evaluate(ones([], { dtype: "f64" })), arrayFrom(Float64Array.of(1), []));
  expect(iota([2]).dtype).toBe("i32");
  expect(() => iota([2], { dtype: "i32" } as unknown as number)).toThrow(
    'iota: the axis must be within the rank, got {"dtype":"i32"} for rank 1',
  );
});

test("named shapes take their sizes from the values", () => {
  const x = input("x", ["m"]);
  const built = [iota(["m", 2], 0), ones([2, "m"]), size(x, 0), size(x, -1, { dtype: "i32" }), x] as const;
  const [steps, all, float, whole] = evaluate(built, { x: [5, 6, 7] });
  expect([...steps.data]).toEqual([0, 0, 1, 1, 2, 2]);
  expect(all.shape).toEqual([2, 3]);
  expect([float.dtype, float.data[0], whole.dtype, whole.data[0]]).toEqual(["f32", 3, "i32", 3]);
});

test("size of a number is a constant, in i32 for truth values", () => {
  const flags = input("flags", [4], { dtype: "bool" });
  expect([size(flags, 0).primitive.name, size(flags, 0).dtype]).toEqual(["constant", "i32"]);
});

test("a constant keeps a private copy, and its dtype", () => {
  const data = Float64Array.of(1, 2);
  const tensor = constant(arrayFrom(data, [2]));
  data[0] = 9;
  expect([tensor.dtype, ...evaluate(tensor).data]).toEqual(["f64", 1, 2]);
  expect(scalar(2, "u32").shape).toEqual([]);
});

test("input and parameter hand over their values", () => {
  const [x, w] = [input("x", [2]), parameter("w", [], { dtype: "i32" })];
  const values = evaluate({ x, w }, { x: [1, 2], w: 3 });
  expect([[...values.x.data], [...values.w.data], values.w.dtype]).toEqual([[1, 2], [3], "i32"]);
  expect([x.dtype, w.primitive.name]).toEqual(["f32", "parameter"]);
});

const wrong = "f16" as DType;
const dtypesText = 'the dtype must be one of f32, f64, i32, u32, bool, got "f16"';

refuses([
  [
    "a name with a space",
    () => input("a b", [1]),
    'input: a name is text without spaces, quotes or %, got "a b"',
  ],
  [
    "an empty name",
    () => parameter("", [1]),
    'parameter: a name is text without spaces, quotes or %, got ""',
  ],
  [
    "no name",
    () => input(undefined as unknown as string, [1]),
    "input: a name is text without spaces, quotes or %, got none",
  ],
  [
    "a size that is not whole",
    () => input("x", [1.5]),
    "input x: dimensions are whole numbers from 0 or names, got 1.5 in [1.5]",
  ],
  [
    "a negative size",
    () => parameter("w", [2, -1]),
    "parameter w: dimensions are whole numbers from 0 or names, got -1 in [2, -1]",
  ],
  [
    "a name of a dimension with a dash",
    () => input("x", ["a-b"]),
    'input x: dimensions are whole numbers from 0 or names, got "a-b" in [a-b]',
  ],
  ["an unknown dtype of an input", () => input("x", [1], { dtype: wrong }), `input: ${dtypesText}`],
  [
    "an unknown dtype of a parameter",
    () => parameter("x", [1], { dtype: wrong }),
    `parameter: ${dtypesText}`,
  ],
  ["an unknown dtype of a constant", () => constant([1], { dtype: wrong }), `constant: ${dtypesText}`],
  ["an unknown dtype of iota", () => iota([1], 0, { dtype: wrong }), `iota: ${dtypesText}`],
  [
    "another dtype than the array's",
    () => constant(arrayFrom(Int32Array.of(1), [1]), { dtype: "f32" }),
    "constant: the array must have the dtype asked for, got i32 for f32",
  ],
  [
    "rows of unequal lengths",
    () => constant([[1, 2], [3]]),
    "array: rows must have one length, got 1 where length 2 was expected",
  ],
  [
    "truth values that count",
    () => iota([2], 0, { dtype: "bool" }),
    "iota: the dtype must be a number, got bool",
  ],
  [
    "a count along no axis",
    () => iota([]),
    "iota: the axis must be within the rank, got 0 for rank 0\n  help   a scalar has no axes",
  ],
  [
    "the size of an axis beyond the rank",
    () => size(constant([1]), 1),
    "size: the axis must be within the rank, got 1 for rank 1\n  help   axes are -1 to 0",
  ],
  [
    "a name without a size",
    () => evaluate(zeros(["n"])),
    "evaluate: dimension n has no size, got no value that has it\n  help   evaluate(target, values, { sizes: { n: … } }) gives it one",
  ],
  [
    "the size of a name without one",
    () => evaluate(apply(primitives.size, [], { dimension: "n", dtype: "f32" })),
    "evaluate: dimension n has no size, got no value that has it\n  help   evaluate(target, values, { sizes: { n: … } }) gives it one",
  ],
  [
    "a kernel of an input, which never runs",
    () => primitives.input.kernel([], { name: "x" }, { shape: [], dtype: "f32", sizes: {} }),
    "evaluate: every input needs a value, got none for x",
  ],
]);
