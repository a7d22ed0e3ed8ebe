// Features brought to mean 0 and standard deviation 1: measured on the training examples, applied to all others, so
// that nothing of the test set is learned.

import { arrayFrom, InputError, type NdArray } from "@wengert/tensor";
import { dataset, type Dataset } from "./dataset.ts";

/** The mean and the standard deviation of each of n features. */
export interface Standardization {
  /** `f32 [n, 1]`. */
  readonly mean: NdArray;
  /** `f32 [n, 1]`; 1 where a feature has one value only. */
  readonly deviation: NdArray;
}

/**
 * The mean of each feature and its standard deviation (with 1/m) over the examples of a dataset.
 * @param data most often the training set alone
 */
export function measureFeatures({ X }: Dataset): Standardization {
  const [n, m] = X.shape as [number, number];
  const mean = new Float32Array(n);
  const deviation = new Float32Array(n);
  for (let feature = 0; feature < n; feature++) {
    const row = X.data.subarray(feature * m, (feature + 1) * m);
    let sum = 0;
    for (const value of row) sum += value;
    // In two passes: the difference of the mean square and the squared mean cancels.
    let squares = 0;
    for (const value of row) squares += (value - sum / m) ** 2;
    mean[feature] = sum / m;
    // Exactly 0 where a feature does not vary: the sum of equal f32 numbers is exact.
    deviation[feature] = squares === 0 ? 1 : Math.sqrt(squares / m);
  }
  return Object.freeze({ mean: arrayFrom(mean, [n, 1]), deviation: arrayFrom(deviation, [n, 1]) });
}

/**
 * The dataset with every feature less its mean, over its deviation.
 * @param measured means and deviations, most often of the training set
 * @throws InputError when it has another number of features.
 */
export function standardize(data: Dataset, { mean, deviation }: Standardization): Dataset {
  const [n, m] = data.X.shape as [number, number];
  if (mean.data.length !== n || deviation.data.length !== n) {
    throw new InputError(
      `standardize ${data.name}: means and deviations must be of ${n} features, got ${mean.data.length} and ${deviation.data.length}`,
    );
  }
  const examples = new Float32Array(n * m);
  for (let feature = 0; feature < n; feature++) {
    const [center, width] = [mean.data[feature] as number, deviation.data[feature] as number];
    for (let i = 0; i < m; i++) {
      examples[i * n + feature] = ((data.X.data[feature * m + i] as number) - center) / width;
    }
  }
  const { name, labels, classNames } = data;
  return dataset({ name, examples, features: n, labels: labels.data, classNames });
}
