// Operands of products for tests: numbers without a pattern, with holes where strides leave some.

import type { MatrixProduct, ProductType } from "./product.ts";

/** Storage by dtype. */
export const arrays = { f32: Float32Array, f64: Float64Array, i32: Int32Array, u32: Uint32Array } as const;

/** Elements of an operand or result. */
export type Values = Float32Array | Float64Array | Int32Array | Uint32Array;

/** An operand as it lies in memory: its elements, and where its element [0, 0, 0] is among them. */
export interface Operand {
  readonly values: Values;
  readonly origin: number;
}

/** Sizes and strides of an operand. */
type Dimensions = readonly (readonly [size: number, stride: number])[];

function operand(dtype: ProductType, dimensions: Dimensions, seed: number): Operand {
  const reaches = dimensions.map(([size, stride]) => Math.max(0, size - 1) * stride);
  const origin = reaches.reduce((sum, reach) => sum - Math.min(0, reach), 0);
  const last = reaches.reduce((sum, reach) => sum + Math.max(0, reach), origin);
  const isEmpty = dimensions.some(([size]) => size === 0);
  // Holes between elements stay: a kernel that uses one of them is far off.
  const values = new arrays[dtype](isEmpty ? 0 : last + 1).fill(1e9);
  forEach(dimensions, (index) => {
    // Numbers without a pattern that a wrong index could repeat; whole ones for whole dtypes.
    const fraction = (Math.imul(index + seed, 0x9e3779b1) >>> 8) / 2 ** 24 - 0.5;
    values[origin + index] = dtype === "f32" || dtype === "f64" ? fraction : Math.round(fraction * 2 ** 20);
  });
  return { values, origin };
}

function forEach([first, ...others]: Dimensions, body: (index: number) => void, index = 0): void {
  if (first === undefined) {
    body(index);
    return;
  }
  for (let i = 0; i < first[0]; i++) forEach(others, body, index + i * first[1]);
}

/** A and B of a product. */
export function operandsOf({
  dtype,
  batch,
  rows,
  columns,
  depth,
  left,
  right,
}: MatrixProduct): readonly [Operand, Operand] {
  return [
    operand(
      dtype,
      [
        [batch, left.batch],
        [rows, left.row],
        [depth, left.depth],
      ],
      1,
    ),
    operand(
      dtype,
      [
        [batch, right.batch],
        [depth, right.depth],
        [columns, right.column],
      ],
      77_777,
    ),
  ];
}
