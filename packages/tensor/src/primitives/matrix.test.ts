// The matrix product against three plain loops, bit for bit, across the edges of tiles and of blocks.

import fc from "fast-check";
import { expect, test } from "vitest";
import { property } from "../../../../test/arrays.ts";
import { allocate, type DType, type TypedArray } from "../dtype.ts";
import { matrixProduct, type MatrixView, type ProductSizes } from "./matrix.ts";

/** Elements by a formula: both signs, and too many digits for f32. */
function numbers(dtype: DType, length: number): TypedArray {
  const data = allocate(dtype, length);
  const whole = dtype === "i32" || dtype === "u32";
  for (let i = 0; i < length; i++) data[i] = whole ? i * 2654435761 : Math.sin(i * 1.7) * 3;
  return data;
}

/** Matrices one after the other; each by rows, or by columns where it is transposed. */
function view(dtype: DType, [batches, rows, columns]: readonly number[], transposed: boolean): MatrixView {
  const data = numbers(dtype, batches! * rows! * columns!);
  const [row, column] = transposed ? [1, rows!] : [columns!, 1];
  return { data, batch: rows! * columns!, row, column };
}

function plain(left: MatrixView, right: MatrixView, sizes: ProductSizes, dtype: DType): TypedArray {
  const { batches, rows, inner, columns } = sizes;
  const out = allocate(dtype, batches * rows * columns);
  for (let b = 0; b < batches; b++)
    for (let i = 0; i < rows; i++)
      for (let j = 0; j < columns; j++) {
        let sum = 0;
        for (let k = 0; k < inner; k++) {
          const x = left.data[b * left.batch + i * left.row + k * left.column]!;
          const y = right.data[b * right.batch + k * right.row + j * right.column]!;
          sum = dtype === "f32" || dtype === "f64" ? sum + x * y : (sum + Math.imul(x, y)) | 0;
        }
        out[(b * rows + i) * columns + j] = sum;
      }
  return out;
}

function expectPlain(sizes: ProductSizes, dtype: DType, transposed: readonly [boolean, boolean]): void {
  const { batches, rows, inner, columns } = sizes;
  const left = view(dtype, [batches, rows, inner], transposed[0]);
  const right = view(dtype, [batches, inner, columns], transposed[1]);
  expect(matrixProduct(left, right, sizes, dtype)).toEqual(plain(left, right, sizes, dtype));
}

property(
  "the product equals three plain loops, for operands by rows or by columns",
  fc.record({
    batches: fc.integer({ min: 0, max: 3 }),
    rows: fc.integer({ min: 0, max: 13 }),
    inner: fc.integer({ min: 0, max: 9 }),
    columns: fc.integer({ min: 0, max: 13 }),
    dtype: fc.constantFrom<DType>("f32", "f64", "i32", "u32"),
    transposed: fc.tuple(fc.boolean(), fc.boolean()),
  }),
  ({ dtype, transposed, ...sizes }) => expectPlain(sizes, dtype, transposed),
);

test("more rows than a block holds are multiplied block by block", () => {
  expectPlain({ batches: 2, rows: 37, inner: 4096, columns: 5 }, "f32", [false, true]);
});

test("NaN and infinities reach exactly the sums that contain them", () => {
  const left = { data: Float32Array.of(1, Infinity, 2, 3, 4, 5), batch: 0, row: 2, column: 1 };
  const right = { data: Float32Array.of(1, 0, 0, Number.NaN), batch: 0, row: 2, column: 1 };
  const sizes = { batches: 1, rows: 3, inner: 2, columns: 2 };
  expect([...matrixProduct(left, right, sizes, "f32")]).toEqual([NaN, NaN, 2, NaN, 4, NaN]);
});
