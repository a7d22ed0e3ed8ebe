// The five element types, their storage and their limits. Nothing promotes silently: `cast` is the only way across.

/** An element type: `f32` (the default), `f64`, `i32`, `u32` or `bool` (one byte, 0 or 1). */
export type DType = "f32" | "f64" | "i32" | "u32" | "bool";

/** The storage of an array's elements. */
export type TypedArray = Float32Array | Float64Array | Int32Array | Uint32Array | Uint8Array;

/** The dtypes in a fixed order. */
export const dtypes: readonly DType[] = Object.freeze(["f32", "f64", "i32", "u32", "bool"] as const);

/** True for `f32` and `f64`, the dtypes that have derivatives. */
export function isFloat(dtype: DType): dtype is "f32" | "f64" {
  return dtype === "f32" || dtype === "f64";
}

/** True for `i32` and `u32`. */
export function isInteger(dtype: DType): dtype is "i32" | "u32" {
  return dtype === "i32" || dtype === "u32";
}

/** New zero-filled storage for `length` elements. */
export function allocate(dtype: DType, length: number): TypedArray {
  switch (dtype) {
    case "f32":
      return new Float32Array(length);
    case "f64":
      return new Float64Array(length);
    case "i32":
      return new Int32Array(length);
    case "u32":
      return new Uint32Array(length);
    case "bool":
      return new Uint8Array(length);
  }
}

/** The dtype that a typed array stores, or undefined for one that stores none. */
export function dtypeOf(data: unknown): DType | undefined {
  if (data instanceof Float32Array) return "f32";
  if (data instanceof Float64Array) return "f64";
  if (data instanceof Int32Array) return "i32";
  if (data instanceof Uint32Array) return "u32";
  if (data instanceof Uint8Array) return "bool";
  return undefined;
}

/** Bytes of one element. */
export function bytesPerElement(dtype: DType): number {
  return dtype === "f64" ? 8 : dtype === "bool" ? 1 : 4;
}

/**
 * A number as the dtype stores it: rounded for `f32`, truncated and saturated for integers (NaN gives 0),
 * 0 or 1 for `bool`.
 */
export function convertNumber(value: number, dtype: DType): number {
  switch (dtype) {
    case "f32":
      return Math.fround(value);
    case "f64":
      return value;
    case "i32":
      return saturate(value, -2147483648, 2147483647);
    case "u32":
      return saturate(value, 0, 4294967295);
    case "bool":
      return value === 0 ? 0 : 1;
  }
}

function saturate(value: number, low: number, high: number): number {
  if (Number.isNaN(value)) return 0;
  return Math.min(high, Math.max(low, Math.trunc(value)));
}
