// What a matrix kernel computes, as a plain value: sizes and strides, no addresses.

/** The dtypes that are multiplied. */
export type ProductType = "f32" | "f64" | "i32" | "u32";

/**
 * `C[b, i, j] = Σ_k A[b, i, k] B[b, k, j]`, with any strides for A and B (in elements; 0 repeats, negative reverses)
 * and C dense in C order.
 */
export interface MatrixProduct {
  readonly dtype: ProductType;
  readonly batch: number;
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly left: { readonly batch: number; readonly row: number; readonly depth: number };
  readonly right: { readonly batch: number; readonly depth: number; readonly column: number };
}
