// Examples with their labels, in the notation of the course: examples are columns.
// A dataset that exists is well formed: its numbers are finite in f32, its labels are classes, its lengths agree.

import { arrayFrom, InputError, type NdArray } from "@wengert/tensor";
import { permutation } from "./permutation.ts";
import { requireSeed } from "./seed.ts";

/** m labelled examples of n features in one of c classes. */
export interface Dataset {
  readonly name: string;
  /** `f32 [n, m]`: one column an example. */
  readonly X: NdArray;
  /** `f32 [c, m]`, 1 at the label and 0 elsewhere; `[1, m]` with the label itself where there are two classes. */
  readonly Y: NdArray;
  /** `i32 [m]`: the class of each example, from 0. */
  readonly labels: NdArray;
  readonly classNames: readonly string[];
}

/** What a dataset is made of. */
export interface DatasetParts {
  readonly name: string;
  /** The examples one after another: m rows of `features` numbers. */
  readonly examples: ArrayLike<number>;
  readonly features: number;
  readonly labels: ArrayLike<number>;
  readonly classNames: readonly string[];
}

/**
 * A dataset of rows of features and their labels.
 * @param parts what it is made of
 * @throws InputError when it is empty, a feature is not finite in `f32`, a label is not a class, or the lengths do
 * not fit.
 */
export function dataset({ name, examples, features, labels, classNames }: DatasetParts): Dataset {
  const m = labels.length;
  if (m === 0 || features === 0) {
    throw new InputError(`dataset ${name}: there must be examples with features, got none`);
  }
  if (classNames.length === 0) throw new InputError(`dataset ${name}: there must be classes, got none`);
  if (examples.length !== m * features) {
    const rule = `${m} labels need ${m} rows of ${features} features`;
    throw new InputError(`dataset ${name}: ${rule}, got ${examples.length} numbers`);
  }
  const classes = checkedLabels(name, labels, classNames.length);
  const X = columnsOf(checkedRows(name, examples, features), features);
  return assemble({ name, classNames }, X, classes);
}

function checkedLabels(name: string, labels: ArrayLike<number>, classes: number): Int32Array {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      const rule = `labels must be whole numbers from 0 to ${classes - 1}`;
      throw new InputError(`dataset ${name}: ${rule}, got ${label} for example ${i}`);
    }
  }
  return Int32Array.from(labels);
}

/** The numbers in `f32`, still one example after another. */
function checkedRows(name: string, examples: ArrayLike<number>, features: number): Float32Array {
  const rows = examples instanceof Float32Array ? examples : new Float32Array(examples);
  for (let i = 0; i < rows.length; i++) {
    // Both: a gap in a list would convert to 0, and what is beyond f32 to ∞.
    if (Number.isFinite(examples[i]) && Number.isFinite(rows[i])) continue;
    const place = `feature ${i % features} of example ${Math.floor(i / features)}`;
    throw new InputError(
      `dataset ${name}: features must be finite numbers of f32, got ${examples[i]} as ${place}`,
    );
  }
  return rows;
}

/** Rows as columns, some rows at a time, so that what is read and what is written both stay in the cache. */
function columnsOf(rows: Float32Array, features: number): Float32Array {
  const m = rows.length / features;
  const columns = new Float32Array(rows.length);
  const step = 64;
  for (let first = 0; first < m; first += step) {
    const end = Math.min(first + step, m);
    for (let feature = 0; feature < features; feature++) {
      for (let i = first; i < end; i++) columns[feature * m + i] = rows[i * features + feature] as number;
    }
  }
  return columns;
}

function assemble(
  { name, classNames }: Pick<Dataset, "name" | "classNames">,
  columns: Float32Array,
  labels: Int32Array,
): Dataset {
  const m = labels.length;
  return Object.freeze({
    name,
    X: arrayFrom(columns, [columns.length / m, m]),
    Y: targetsOf(labels, classNames.length),
    labels: arrayFrom(labels, [m]),
    classNames: Object.freeze([...classNames]),
  });
}

function targetsOf(labels: Int32Array, classes: number): NdArray {
  const m = labels.length;
  if (classes === 2) return arrayFrom(Float32Array.from(labels), [1, m]);
  const targets = new Float32Array(classes * m);
  for (const [example, label] of labels.entries()) targets[label * m + example] = 1;
  return arrayFrom(targets, [classes, m]);
}

/**
 * The examples at the given positions, in that order.
 * @throws InputError when there are none, or a position does not exist.
 */
export function selectExamples(data: Dataset, positions: ArrayLike<number>): Dataset {
  const [features, m] = data.X.shape as [number, number];
  const count = positions.length;
  if (count === 0) throw new InputError(`dataset ${data.name}: there must be positions to select, got none`);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const from = positions[i] as number;
    if (!Number.isInteger(from) || from < 0 || from >= m) {
      throw new InputError(
        `dataset ${data.name}: positions are whole numbers from 0 to ${m - 1}, got ${from}`,
      );
    }
    labels[i] = data.labels.data[from] as number;
  }
  const columns = new Float32Array(features * count);
  for (let feature = 0; feature < features; feature++) {
    const row = data.X.data.subarray(feature * m, (feature + 1) * m);
    for (let i = 0; i < count; i++) columns[feature * count + i] = row[positions[i] as number] as number;
  }
  return assemble(data, columns, labels);
}

/** How to divide a dataset: the size of the test set as a share or as a number, and a seed. */
export type SplitOptions = {
  /** Which examples: the same seed gives the same split. A whole number from 0 to 2³² - 1. */
  readonly seed: number;
} & (
  | {
      /** The share of the examples that go to the test set, between 0 and 1; at least one stays on each side. */
      readonly testFraction: number;
      readonly testCount?: never;
    }
  | {
      /** How many examples go to the test set; at least one stays on each side. */
      readonly testCount: number;
      readonly testFraction?: never;
    }
);

/**
 * A training and a test set of shuffled examples, without a common one.
 * @throws InputError when one side would be empty, or the seed is not one.
 */
export function splitDataset(
  data: Dataset,
  options: SplitOptions,
): { readonly train: Dataset; readonly test: Dataset } {
  requireSeed("splitDataset", options.seed);
  const m = data.labels.data.length;
  const tested = testedOf(m, options);
  const order = permutation(m, options.seed);
  return Object.freeze({
    train: selectExamples(data, order.subarray(tested)),
    test: selectExamples(data, order.subarray(0, tested)),
  });
}

function testedOf(m: number, { testFraction, testCount }: SplitOptions): number {
  if (testCount !== undefined) {
    if (Number.isInteger(testCount) && testCount >= 1 && testCount < m) return testCount;
    const rule = "a test count is a whole number that must leave examples on both sides";
    throw new InputError(`splitDataset: ${rule}, got ${testCount} of ${m}`);
  }
  const tested = Math.round(m * testFraction);
  if (tested >= 1 && tested < m) return tested;
  const rule = "a test fraction between 0 and 1 must leave examples on both sides";
  throw new InputError(`splitDataset: ${rule}, got ${testFraction} of ${m}`);
}
