// Random directions by seed, and the few vector operations that laws need.

import { elements, arrayFrom, threefryBits, type NdArray } from "@wengert/tensor";

/** Numbers in [-1, 1], of the given shape, that depend on the two seeds alone. */
export function direction(shape: readonly number[], seed: number, stream: number): NdArray {
  const count = elements(shape);
  const bits = threefryBits(Uint32Array.of(stream, seed), count);
  const data = Float64Array.from({ length: count }, (_, i) => ((bits[2 * i] as number) / 2 ** 32) * 2 - 1);
  return arrayFrom(data, shape);
}

/** x + h d. */
export function moved(x: NdArray, h: number, d: NdArray): NdArray {
  return arrayFrom(
    Float64Array.from(x.data, (value, i) => value + h * (d.data[i] as number)),
    x.shape,
  );
}

/** ⟨x, y⟩, and the sum of |xᵢ yᵢ|, which bounds its rounding. */
export function innerProduct(x: NdArray, y: NdArray): { readonly value: number; readonly size: number } {
  let [value, size] = [0, 0];
  for (const [i, a] of x.data.entries()) {
    const term = a * (y.data[i] as number);
    value += term;
    size += Math.abs(term);
  }
  return { value, size };
}

/** The largest |xᵢ|; 0 over none. */
export function largest({ data }: NdArray): number {
  let size = 0;
  for (const value of data) size = Math.max(size, Math.abs(value));
  return size;
}
