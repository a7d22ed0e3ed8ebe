// Datasets from files: those that come with the package, and others by path.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { InputError } from "@wengert/tensor";
import { decodeCsv } from "../datasets/csv.ts";
import { dataset, type Dataset } from "../datasets/dataset.ts";
import { gunzip } from "../datasets/gunzip.ts";
import { decodeIdx, type IdxArray } from "../datasets/idx.ts";

// The same depth from src/node and from dist/node.
const shipped = fileURLToPath(new URL("../../data", import.meta.url));

const digitNames: readonly string[] = Array.from({ length: 10 }, (_, digit) => String(digit));

/** The ten classes of Fashion-MNIST, 0 to 9. */
export const fashionNames: readonly string[] = Object.freeze([
  "T-shirt/top",
  "Trouser",
  "Pullover",
  "Dress",
  "Coat",
  "Sandal",
  "Shirt",
  "Sneaker",
  "Bag",
  "Ankle boot",
]);

/** A training and a test set. */
export interface Datasets {
  readonly train: Dataset;
  readonly test: Dataset;
}

/**
 * The bytes of a file, unpacked if it is gzip.
 * @throws InputError when it cannot be read, or is damaged.
 */
async function readUnpacked(path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new InputError(`read: the file must exist and be readable, got ${path}`, { cause });
  });
  return gunzip(bytes, path);
}

/** How a table becomes a dataset. */
export interface CsvOptions {
  readonly name?: string;
  /** The column of the label; counted from the end where negative; default the last. */
  readonly labelColumn?: number;
  /** Divides every feature; default 1. */
  readonly scale?: number;
  /** Default: 0 to the largest label. */
  readonly classNames?: readonly string[];
}

/** The dataset in a CSV file, plain or gzip: a row an example, features and a label that is a whole number. */
export async function loadCsv(path: string, options: CsvOptions = {}): Promise<Dataset> {
  const table = decodeCsv(new TextDecoder().decode(await readUnpacked(path)), path);
  const { labelColumn = -1, scale = 1 } = options;
  const column = labelColumn < 0 ? labelColumn + table.columns : labelColumn;
  if (!Number.isInteger(column) || column < 0 || column >= table.columns || table.columns < 2) {
    throw new InputError(
      `${path}: the label must be one of ${table.columns} columns, got column ${labelColumn}`,
    );
  }
  const features = table.columns - 1;
  const examples = new Float64Array(table.rows * features);
  const labels = new Float64Array(table.rows);
  for (let row = 0, to = 0; row < table.rows; row++) {
    for (let c = 0; c < table.columns; c++) {
      const value = table.data[row * table.columns + c] as number;
      if (c === column) labels[row] = value;
      else examples[to++] = value / scale;
    }
  }
  const classes = labels.reduce((a, b) => Math.max(a, b), 0) + 1;
  const classNames = options.classNames ?? Array.from({ length: classes }, (_, label) => String(label));
  return dataset({ name: options.name ?? path, examples, features, labels, classNames });
}

/** 1,797 handwritten digits of 8×8 pixels, scaled to [0, 1] (Alpaydin & Kaynak 1998, CC BY 4.0). */
export function loadDigits(): Promise<Dataset> {
  return loadCsv(join(shipped, "digits/digits.csv.gz"), {
    name: "digits",
    scale: 16,
    classNames: digitNames,
  });
}

/** The first 10,000 training and 2,000 test images of Fashion-MNIST (Xiao et al. 2017, MIT). */
export function loadFashionMnistSmall(): Promise<Datasets> {
  return loadMnist(join(shipped, "fashion-mnist-small"), {
    name: "fashion-mnist-small",
    classNames: fashionNames,
  });
}

/** What the images show. */
export interface MnistOptions {
  readonly name?: string;
  /** Default the digits. */
  readonly classNames?: readonly string[];
}

/**
 * The four files of MNIST or Fashion-MNIST in a folder, under their original names, plain or gzip; pixels scaled to
 * [0, 1].
 */
export async function loadMnist(folder: string, options: MnistOptions = {}): Promise<Datasets> {
  const { name = folder, classNames = digitNames } = options;
  const [train, test] = await Promise.all(
    ["train", "t10k"].map(async (part) => {
      const images = await readIdx(folder, `${part}-images-idx3-ubyte`);
      const labels = await readIdx(folder, `${part}-labels-idx1-ubyte`);
      return imagesOf(`${name} ${part}`, images, labels, classNames);
    }),
  );
  return Object.freeze({ train: train as Dataset, test: test as Dataset });
}

/** The file, or its gzip form; some copies write `idx3` after a dot. */
async function readIdx(folder: string, name: string): Promise<IdxArray> {
  const candidates = [`${name}.gz`, name, name.replace("-idx", ".idx")].map((file) => join(folder, file));
  for (const path of candidates) {
    const bytes = await readFile(path).catch(() => undefined);
    if (bytes !== undefined) return decodeIdx(await gunzip(bytes, path), path);
  }
  throw new InputError(`loadMnist: the folder must hold ${name} or ${name}.gz, got neither in ${folder}`);
}

function imagesOf(name: string, images: IdxArray, labels: IdxArray, classNames: readonly string[]): Dataset {
  const [count, ...sizes] = images.shape;
  if (images.shape.length < 2 || labels.shape.length !== 1 || count !== labels.shape[0]) {
    const got = `[${images.shape.join(", ")}] and [${labels.shape.join(", ")}]`;
    throw new InputError(`${name}: images and labels must be equal in number, got shapes ${got}`);
  }
  const examples = Float32Array.from(images.data, (pixel) => pixel / 255);
  const features = sizes.reduce((product, size) => product * size, 1);
  return dataset({ name, examples, features, labels: labels.data, classNames });
}
