// Datasets from files: those that come with the package, and others by path.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { elements, InputError } from "@wengert/tensor";
import { decodeCsv, type CsvTable } from "../datasets/csv.ts";
import { dataset, type Dataset } from "../datasets/dataset.ts";
import { gunzip } from "../datasets/gunzip.ts";
import { decodeIdx, type IdxArray } from "../datasets/idx.ts";

// The same depth from src/node and from dist/node.
const shipped = fileURLToPath(new URL("../../data", import.meta.url));

const digitNames: readonly string[] = Object.freeze(numbersTo(10));

function numbersTo(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}

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
 * The bytes of a file, unpacked if it is gzip; nothing where there is no such file.
 * @throws InputError when it cannot be read, or is damaged.
 */
async function readUnpacked(path: string): Promise<Uint8Array | undefined> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "another error";
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new InputError(`read: the file must be readable, got ${code} for ${path}`, { cause });
  });
  return bytes === undefined ? undefined : gunzip(bytes, path);
}

/** How a table becomes a dataset. */
export interface CsvOptions {
  /** Default: the path. */
  readonly name?: string;
  /** Whether the first row holds the names of the columns; default: when it holds text and no number. */
  readonly header?: boolean;
  /** The column of the label; counted from the end where negative; default the last. */
  readonly labelColumn?: number;
  /** Divides every feature; default 1. */
  readonly scale?: number;
  /** Default: 0 to the largest label, which is below 1000 then. */
  readonly classNames?: readonly string[];
}

/** More classes than that are named by whoever wants them: a price taken for a label would fill the memory. */
const mostClasses = 1000;

/**
 * The dataset in a CSV file, plain or gzip: a row an example, features and a label that is a whole number.
 * @throws InputError with line and column when a cell is no finite number or a row has another length; when a label
 * is not a class, an option has no meaning, or the file is absent or damaged.
 */
export async function loadCsv(path: string, options: CsvOptions = {}): Promise<Dataset> {
  const { name = path, header = "auto", labelColumn = -1, scale = 1 } = options;
  if (!Number.isFinite(scale) || scale === 0) {
    throw new InputError(`loadCsv: scale must be a finite number other than 0, got ${scale}`);
  }
  const bytes = await readUnpacked(path);
  if (bytes === undefined) throw new InputError(`loadCsv: the file must exist, got ${path}`);
  const table = decodeCsv(new TextDecoder().decode(bytes), { place: path, header });
  const column = labelColumn < 0 ? labelColumn + table.columns : labelColumn;
  if (!Number.isInteger(column) || column < 0 || column >= table.columns || table.columns < 2) {
    throw new InputError(
      `${path}: the label must be one of ${table.columns} columns, got column ${labelColumn}`,
    );
  }
  const { examples, labels } = apart(table, column, scale);
  const largest = labels.reduce((a, b) => Math.max(a, b), 0);
  const classNames = options.classNames ?? numbersTo(Math.min(largest + 1, mostClasses));
  return dataset({ name, examples, features: table.columns - 1, labels, classNames });
}

/** The features, scaled, and the labels. */
function apart(
  { rows, columns, data }: CsvTable,
  column: number,
  scale: number,
): { readonly examples: Float64Array; readonly labels: Float64Array } {
  const examples = new Float64Array(rows * (columns - 1));
  const labels = new Float64Array(rows);
  for (let i = 0, to = 0; i < data.length; i++) {
    const value = data[i] as number;
    if (i % columns === column) labels[Math.floor(i / columns)] = value;
    else examples[to++] = value / scale;
  }
  return { examples, labels };
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
 * @throws InputError when a file is absent or damaged, or images and labels do not fit.
 */
export async function loadMnist(folder: string, options: MnistOptions = {}): Promise<Datasets> {
  const { name = folder, classNames = digitNames } = options;
  // One after another, so that of several bad files the same one is always named.
  const part = async (prefix: string): Promise<Dataset> => {
    const images = await readIdx(folder, `${prefix}-images-idx3-ubyte`);
    const labels = await readIdx(folder, `${prefix}-labels-idx1-ubyte`);
    return imagesOf(`${name} ${prefix}`, images, labels, classNames);
  };
  return Object.freeze({ train: await part("train"), test: await part("t10k") });
}

/** The file, or its gzip form; some copies write `idx3` after a dot. */
async function readIdx(folder: string, name: string): Promise<IdxArray> {
  const candidates = [`${name}.gz`, name, name.replace("-idx", ".idx")].map((file) => join(folder, file));
  for (const path of candidates) {
    const bytes = await readUnpacked(path);
    if (bytes !== undefined) return decodeIdx(bytes, path);
  }
  throw new InputError(`loadMnist: the folder must hold ${name} or ${name}.gz, got neither in ${folder}`);
}

function imagesOf(name: string, images: IdxArray, labels: IdxArray, classNames: readonly string[]): Dataset {
  const [count, ...sizes] = images.shape;
  if (images.shape.length < 2 || labels.shape.length !== 1 || count !== labels.shape[0]) {
    const got = `[${images.shape.join(", ")}] and [${labels.shape.join(", ")}]`;
    throw new InputError(`${name}: images and labels must be equal in number, got shapes ${got}`);
  }
  if (images.type !== "ubyte") {
    throw new InputError(`${name}: pixels must be of type ubyte, got ${images.type}`);
  }
  const examples = new Float32Array(images.data.length);
  for (let i = 0; i < examples.length; i++) examples[i] = (images.data[i] as number) / 255;
  const features = elements(sizes);
  return dataset({ name, examples, features, labels: labels.data, classNames });
}
