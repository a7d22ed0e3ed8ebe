// Examples with their labels, in the notation of the course: examples are columns.

import { allocate, arrayFrom, InputError, type NdArray } from "@wengert/tensor";
import { permutation } from "./permutation.ts";

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
 * @throws InputError when it is empty, a feature is not finite, a label is not a class, or the lengths do not fit.
 */
export function dataset({ name, examples, features, labels, classNames }: DatasetParts): Dataset {
  const m = labels.length;
  if (m === 0 || features === 0)
    throw new InputError(`dataset ${name}: there must be examples with features, got none`);
  if (examples.length !== m * features) {
    const rule = `${m} labels need ${m} rows of ${features} features`;
    throw new InputError(`dataset ${name}: ${rule}, got ${examples.length} numbers`);
  }
  const X = allocate("f32", features * m);
  for (let example = 0; example < m; example++) {
    for (let feature = 0; feature < features; feature++) {
      const value = examples[example * features + feature] as number;
      if (!Number.isFinite(value)) {
        const place = `feature ${feature} of example ${example}`;
        throw new InputError(`dataset ${name}: features must be finite numbers, got ${value} as ${place}`);
      }
      X[feature * m + example] = value;
    }
  }
  const classes = checkedLabels(name, labels, classNames.length);
  return Object.freeze({
    name,
    X: arrayFrom(X, [features, m]),
    Y: targetsOf(classes, classNames.length),
    labels: arrayFrom(classes, [m]),
    classNames: Object.freeze([...classNames]),
  });
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

function targetsOf(labels: Int32Array, classes: number): NdArray {
  const m = labels.length;
  if (classes === 2) return arrayFrom(Float32Array.from(labels), [1, m]);
  const targets = new Float32Array(classes * m);
  for (const [example, label] of labels.entries()) targets[label * m + example] = 1;
  return arrayFrom(targets, [classes, m]);
}

/** The examples at the given positions, in that order. @throws InputError when a position does not exist. */
export function selectExamples(data: Dataset, positions: ArrayLike<number>): Dataset {
  const [features, m] = data.X.shape as [number, number];
  const examples = new Float32Array(positions.length * features);
  const labels = new Int32Array(positions.length);
  for (let i = 0; i < positions.length; i++) {
    const from = positions[i] as number;
    if (!Number.isInteger(from) || from < 0 || from >= m) {
      throw new InputError(
        `dataset ${data.name}: positions are whole numbers from 0 to ${m - 1}, got ${from}`,
      );
    }
    labels[i] = data.labels.data[from] as number;
    for (let feature = 0; feature < features; feature++) {
      examples[i * features + feature] = data.X.data[feature * m + from] as number;
    }
  }
  return dataset({ name: data.name, examples, features, labels, classNames: data.classNames });
}

/** How to divide a dataset. */
export interface SplitOptions {
  /** The share of the examples that go to the test set, between 0 and 1; at least one stays on each side. */
  readonly testFraction: number;
  /** Which examples: the same seed gives the same split. */
  readonly seed: number;
}

/** A training and a test set of shuffled examples, without a common one. */
export function splitDataset(
  data: Dataset,
  { testFraction, seed }: SplitOptions,
): { readonly train: Dataset; readonly test: Dataset } {
  const m = data.labels.data.length;
  const tested = Math.round(m * testFraction);
  if (!(testFraction > 0 && testFraction < 1) || tested < 1 || tested >= m) {
    const rule = "a test fraction between 0 and 1 must leave examples on both sides";
    throw new InputError(`splitDataset: ${rule}, got ${testFraction} of ${m}`);
  }
  const order = permutation(m, seed);
  return Object.freeze({
    train: selectExamples(data, order.subarray(tested)),
    test: selectExamples(data, order.subarray(0, tested)),
  });
}
