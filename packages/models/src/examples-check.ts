// Whether examples and targets can be trained on: finite, not empty, as many of one as of the other, and of the
// network's sizes.

import { arrayFrom, InputError, type NdArray } from "@wengert/tensor";

/** Examples and their targets as columns: X `[n, m]`, Y `[c, m]`. */
export interface Examples {
  readonly X: NdArray;
  readonly Y: NdArray;
}

/**
 * The examples, if they fit.
 * @param stage what errors call the data
 * @throws InputError that says what does not fit.
 */
export function checkedExamples(
  { X, Y }: Examples,
  features: number,
  outputs: number,
  stage: string,
): Examples {
  for (const [name, value, rows] of [
    ["X", X, features],
    ["Y", Y, outputs],
  ] as const) {
    if (value.shape.length !== 2 || value.shape[0] !== rows) {
      throw new InputError(`${stage}: ${name} must have shape [${rows}, m], got [${value.shape.join(", ")}]`);
    }
    if (value.dtype !== "f32" && value.dtype !== "f64") {
      throw new InputError(`${stage}: ${name} must be f32 or f64, got ${value.dtype}`);
    }
  }
  const m = X.shape[1] as number;
  if (m === 0) throw new InputError(`${stage}: there must be examples, got none`);
  if (Y.shape[1] !== m) {
    throw new InputError(`${stage}: X and Y must have as many examples, got ${m} and ${Y.shape[1]}`);
  }
  requireFinite(stage, "X", X);
  requireFinite(stage, "Y", Y);
  return { X, Y };
}

function requireFinite(stage: string, name: string, { data, shape }: NdArray): void {
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const m = shape[1] as number;
    const place = `row ${Math.floor(i / m)} of example ${i % m}`;
    throw new InputError(`${stage}: ${name} must be finite, got ${data[i]} in ${place}`);
  }
}

/** The columns at the given positions, in that order, in the dtype of a network. */
export function selectColumns(value: NdArray, positions: ArrayLike<number>, dtype: "f32" | "f64"): NdArray {
  const [rows, m] = value.shape as [number, number];
  const count = positions.length;
  const to = dtype === "f64" ? new Float64Array(rows * count) : new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < count; i++)
      to[row * count + i] = value.data[row * m + (positions[i] as number)] as number;
  }
  return arrayFrom(to, [rows, count]);
}
