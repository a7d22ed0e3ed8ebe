// Which class was taken for which.

import { InputError, type NdArray } from "@wengert/tensor";

/** The class of each column of outputs `[classes, m]`; of `[1, m]`, 1 where the output is above the threshold, ½. */
export function predictedLabels(output: NdArray, threshold = 0.5): Int32Array {
  const [classes, m] = output.shape as [number, number];
  return Int32Array.from({ length: m }, (_, example) => {
    if (classes === 1) return (output.data[example] as number) > threshold ? 1 : 0;
    let best = 0;
    for (let c = 1; c < classes; c++) {
      if ((output.data[c * m + example] as number) > (output.data[best * m + example] as number)) best = c;
    }
    return best;
  });
}

/**
 * The share of labels that were predicted.
 * @throws InputError when the two differ in length or are empty.
 */
export function accuracy(predicted: ArrayLike<number>, labels: ArrayLike<number>): number {
  requireEqualLength("accuracy", predicted, labels);
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (predicted[i] === labels[i]) right++;
  return right / labels.length;
}

/**
 * Counts of examples, a row for each true class and a column for each predicted one.
 * @throws InputError when the two differ in length or are empty, or a class is not a whole number below `classes`.
 */
export function confusionMatrix(
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): readonly (readonly number[])[] {
  requireEqualLength("confusionMatrix", predicted, labels);
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) {
    const [row, column] = [labels[i] as number, predicted[i] as number];
    const cells = counts[row];
    if (cells?.[column] === undefined) {
      const rule = `classes are whole numbers from 0 to ${classes - 1}`;
      throw new InputError(`confusionMatrix: ${rule}, got ${row} taken for ${column} at example ${i}`);
    }
    cells[column] = cells[column] + 1;
  }
  return Object.freeze(counts.map((row) => Object.freeze(row)));
}

/** The matrix as text: true classes down, predicted ones across, and the share of each class that was found. */
export function formatConfusion(
  matrix: readonly (readonly number[])[],
  classNames: readonly string[],
): string {
  const names = classNames.map((name, c) => (name === String(c) ? name : `${c} ${name}`));
  const wide = Math.max(5, ...names.map((name) => name.length));
  const cell = Math.max(4, ...matrix.flat().map((count) => String(count).length + 1));
  const header = `${"true".padEnd(wide)} ${matrix.map((_, c) => String(c).padStart(cell)).join("")}   found`;
  const rows = matrix.map((row, c) => {
    const all = row.reduce((a, b) => a + b, 0);
    const counts = row.map((count) => (count === 0 ? "·" : String(count)).padStart(cell)).join("");
    const share = all === 0 ? "" : `${((100 * (row[c] ?? 0)) / all).toFixed(1)}%`;
    return `${(names[c] ?? "").padEnd(wide)} ${counts}  ${share.padStart(6)}`;
  });
  return [header, ...rows].join("\n");
}

function requireEqualLength(op: string, predicted: ArrayLike<number>, labels: ArrayLike<number>): void {
  if (predicted.length === labels.length && labels.length > 0) return;
  throw new InputError(
    `${op}: there must be as many predictions as labels, and at least one, got ${predicted.length} and ${labels.length}`,
  );
}
