// The data that `--data` names: a set that comes along, a toy set by seed, a folder of MNIST files or a CSV file.

import { stat } from "node:fs/promises";
import {
  circles,
  flower,
  measureFeatures,
  spirals,
  splitDataset,
  standardize,
  twoMoons,
  type Dataset,
} from "@wengert/models";
import { loadCsv, loadDigits, loadFashionMnistSmall, loadMnist, type Datasets } from "@wengert/models/node";
import { InputError } from "@wengert/tensor";
import type { TrainArguments } from "./options.ts";

/** How data without a test set is divided, and what becomes of its features. */
export interface DataChoice {
  /** Whether features are brought to mean 0 and deviation 1. */
  readonly standardized: boolean;
  readonly testFraction: number;
  readonly seed: number;
}

const whole: Readonly<Record<string, (seed: number) => Promise<Dataset> | Dataset>> = {
  digits: () => loadDigits(),
  "two-moons": (seed) => twoMoons({ m: 1000, seed }),
  circles: (seed) => circles({ m: 1000, seed }),
  spirals: (seed) => spirals({ m: 1000, seed }),
  flower: (seed) => flower({ m: 1000, seed }),
};

/**
 * The training and the test set.
 * @throws InputError when there is no such data.
 */
export async function loadData(options: TrainArguments, choice: DataChoice): Promise<Datasets> {
  const { train, test } = await loadRaw(options, choice);
  if (!choice.standardized) return { train, test };
  const by = measureFeatures(train);
  return { train: standardize(train, by), test: standardize(test, by) };
}

async function loadRaw({ command, data: name }: TrainArguments, split: DataChoice): Promise<Datasets> {
  if (name === "fashion-mnist-small") return loadFashionMnistSmall();
  const make = Object.hasOwn(whole, name) ? whole[name] : undefined;
  if (make !== undefined) return splitDataset(await make(split.seed), split);
  const found = await stat(name).catch(() => undefined);
  if (found === undefined) {
    const names = [...Object.keys(whole), "fashion-mnist-small"].join(", ");
    throw new InputError(
      `${command}: --data must be one of ${names}, a folder or a file, got ${JSON.stringify(name)}`,
    );
  }
  return found.isDirectory() ? loadMnist(name) : splitDataset(await loadCsv(name), split);
}
