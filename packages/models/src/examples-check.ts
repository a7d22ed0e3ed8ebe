// Whether examples and targets can be trained on: finite, not empty, as many of one as of the other, and of the
// network's sizes. Labels become one-hot columns.

import { arrayFrom, InputError, type NdArray } from "@wengert/tensor";

/** Examples and their targets. A `Dataset` is such. */
export interface Examples {
  /** `[n, m]`: one column an example. */
  readonly X: NdArray;
  /** Targets `[c, m]`, or labels `i32 [m]` from 0: the class of each example. */
  readonly Y: NdArray;
}

/** What examples must fit. */
export interface ExamplesRule {
  readonly features: number;
  /** c, the units of the last layer. */
  readonly outputs: number;
  /** Whether targets must lie in [0, 1]. */
  readonly shares: boolean;
  /** The dtype of the network, in which all numbers must be finite. */
  readonly dtype: "f32" | "f64";
  /** What errors call the data. */
  readonly stage: string;
}

/**
 * The examples, if they fit, with targets `[c, m]`.
 * @throws InputError that says what does not fit.
 */
export function checkedExamples(examples: Examples, rule: ExamplesRule): Examples {
  const { features, outputs, shares, dtype, stage } = rule;
  requireArrays(stage, examples);
  const { X } = examples;
  const m = columnsOf("X", X, features, stage);
  if (m === 0) throw new InputError(`${stage}: there must be examples, got none`);
  const labels = examples.Y.dtype === "i32" && examples.Y.shape.length === 1;
  const Y = labels ? targetsOfLabels(examples.Y, outputs, stage) : examples.Y;
  const targets = columnsOf("Y", Y, outputs, stage);
  if (targets !== m) {
    throw new InputError(`${stage}: X and Y must have as many examples, got ${m} and ${targets}`);
  }
  requireEach(stage, "X must be finite", X, Number.isFinite);
  requireEach(stage, "Y must be finite", Y, Number.isFinite);
  requireStorable(stage, "X", X, dtype);
  requireStorable(stage, "Y", Y, dtype);
  if (shares) requireEach(stage, "Y must be from 0 to 1", Y, (y) => y >= 0 && y <= 1);
  return { X, Y };
}

function requireArrays(stage: string, examples: Examples): void {
  for (const name of ["X", "Y"] as const) {
    // Callers without types may leave one out.
    const value = (examples as Partial<Examples>)[name];
    if (Array.isArray(value?.shape)) continue;
    throw new InputError(`${stage}: ${name} must be an array of the library, got ${typeof value}`, {
      help: "array([[1, 2]]) makes one of nested lists",
    });
  }
}

/** Numbers of f64 can be too large for a network in f32, where they would be infinite. */
function requireStorable(stage: string, name: string, value: NdArray, dtype: "f32" | "f64"): void {
  if (dtype === "f64" || value.dtype === "f32") return;
  requireEach(stage, `${name} must be finite in f32`, value, (x) => Number.isFinite(Math.fround(x)));
}

function columnsOf(name: string, { shape, dtype }: NdArray, rows: number, stage: string): number {
  if (shape.length !== 2 || shape[0] !== rows) {
    throw new InputError(`${stage}: ${name} must have shape [${rows}, m], got [${shape.join(", ")}]`);
  }
  if (dtype !== "f32" && dtype !== "f64") {
    throw new InputError(`${stage}: ${name} must be f32 or f64, got ${dtype}`);
  }
  return shape[1] as number;
}

function targetsOfLabels({ data }: NdArray, outputs: number, stage: string): NdArray {
  const [m, classes] = [data.length, Math.max(2, outputs)];
  const targets = new Float32Array(outputs * m);
  for (const [example, label] of data.entries()) {
    if (label < 0 || label >= classes) {
      const rule = `labels must be whole numbers from 0 to ${classes - 1}`;
      throw new InputError(`${stage}: ${rule}, got ${label} for example ${example}`);
    }
    if (outputs === 1) targets[example] = label;
    else targets[label * m + example] = 1;
  }
  return arrayFrom(targets, [outputs, m]);
}

function requireEach(
  stage: string,
  rule: string,
  { data, shape }: NdArray,
  holds: (x: number) => boolean,
): void {
  for (let i = 0; i < data.length; i++) {
    if (holds(data[i] as number)) continue;
    const m = shape[1] as number;
    throw new InputError(`${stage}: ${rule}, got ${data[i]} in row ${Math.floor(i / m)} of example ${i % m}`);
  }
}
