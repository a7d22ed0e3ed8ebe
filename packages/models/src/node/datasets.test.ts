// Loaders: what comes with the package is what its README says, and files are read or refused by name.

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadCsv, loadDigits, loadFashionMnistSmall, loadMnist } from "./datasets.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wengert-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("loadDigits: 1,797 digits of 64 pixels in [0, 1]", async () => {
  const { X, Y, labels } = await loadDigits();
  expect([X.shape, Y.shape]).toEqual([
    [64, 1797],
    [10, 1797],
  ]);
  expect([Math.min(...X.data), Math.max(...X.data)]).toEqual([0, 1]);
  // The first row of the file is a 0 whose third and fourth pixels are 5 and 13 of 16.
  expect([labels.data[0], X.data[2 * 1797], X.data[3 * 1797]]).toEqual([0, 5 / 16, 13 / 16]);
});

test("loadFashionMnistSmall: 10,000 and 2,000 images of 784 pixels", async () => {
  const { train, test: held } = await loadFashionMnistSmall();
  expect([train.X.shape, held.X.shape]).toEqual([
    [784, 10_000],
    [784, 2000],
  ]);
  // Published labels of the first training images: ankle boot, T-shirt, T-shirt, dress, T-shirt.
  expect([...train.labels.data.subarray(0, 5)]).toEqual([9, 0, 0, 3, 0]);
  expect([train.classNames[9], held.classNames[0]]).toEqual(["Ankle boot", "T-shirt/top"]);
});

describe("loadMnist", () => {
  const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102);
  const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 3);

  /** A folder of the four files, with changes; a file of nothing is left out. */
  async function folderOf(changes: Readonly<Record<string, Uint8Array | undefined>> = {}): Promise<string> {
    const made = await mkdtemp(join(folder, "mnist-"));
    const files = {
      "train-images-idx3-ubyte.gz": gzipSync(images),
      "train-labels-idx1-ubyte": labels,
      "t10k-images.idx3-ubyte": images,
      "t10k-labels-idx1-ubyte.gz": gzipSync(labels),
      ...changes,
    };
    for (const [name, bytes] of Object.entries(files)) {
      if (bytes !== undefined) await writeFile(join(made, name), bytes);
    }
    return made;
  }

  test("reads plain and gzip files of one folder, under both spellings", async () => {
    const { train, test: held } = await loadMnist(await folderOf(), { name: "tiny" });
    expect([train.name, held.name, ...train.labels.data]).toEqual(["tiny train", "tiny t10k", 7, 3]);
    expect([held.X.shape, ...held.X.data]).toEqual([[2, 2], ...Float32Array.of(0, 0.2, 1, 0.4)]);
    expect([train.Y.shape, train.classNames[7]]).toEqual([[10, 2], "7"]);
  });

  test("names the first file that is missing, every time", async () => {
    const none = join(folder, "none");
    for (let i = 0; i < 10; i++) {
      await expect(loadMnist(none)).rejects.toThrow(
        `loadMnist: the folder must hold train-images-idx3-ubyte or train-images-idx3-ubyte.gz, got neither in ${none}`,
      );
    }
    const part = await folderOf({ "t10k-labels-idx1-ubyte.gz": undefined });
    await expect(loadMnist(part)).rejects.toThrow("loadMnist: the folder must hold t10k-labels-idx1-ubyte");
    await expect(loadMnist(join(part, "train-labels-idx1-ubyte"))).rejects.toThrow(
      "loadMnist: the folder must hold train-images-idx3-ubyte",
    );
  });

  test("refuses images without labels, labels beyond the classes, and what is no picture", async () => {
    const one = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7);
    await expect(
      loadMnist(await folderOf({ "train-labels-idx1-ubyte": one }), { name: "tiny" }),
    ).rejects.toThrow("tiny train: images and labels must be equal in number, got shapes [2, 1, 2] and [1]");
    const column = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 7, 3);
    await expect(loadMnist(await folderOf({ "train-labels-idx1-ubyte": column }))).rejects.toThrow(
      "train: images and labels must be equal in number, got shapes [2, 1, 2] and [2, 1]",
    );
    await expect(loadMnist(await folderOf({ "train-images-idx3-ubyte.gz": labels }))).rejects.toThrow(
      "train: images and labels must be equal in number, got shapes [2] and [2]",
    );
    await expect(loadMnist(await folderOf(), { name: "tiny", classNames: ["a", "b"] })).rejects.toThrow(
      "dataset tiny train: labels must be whole numbers from 0 to 1, got 7 for example 0",
    );
    const flat = Uint8Array.of(0, 0, 9, 2, 0, 0, 0, 2, 0, 0, 0, 1, 1, 2);
    await expect(
      loadMnist(await folderOf({ "train-images-idx3-ubyte.gz": flat }), { name: "tiny" }),
    ).rejects.toThrow("tiny train: pixels must be of type ubyte, got byte");
  });

  test("refuses a truncated and an unreadable file with its path", async () => {
    const cut = await folderOf({ "train-images-idx3-ubyte.gz": gzipSync(images).subarray(0, -9) });
    await expect(loadMnist(cut)).rejects.toThrow(
      `${join(cut, "train-images-idx3-ubyte.gz")}: the gzip file must be whole`,
    );
    const short = await folderOf({ "train-labels-idx1-ubyte": labels.subarray(0, -1) });
    await expect(loadMnist(short)).rejects.toThrow(
      `${join(short, "train-labels-idx1-ubyte")}: shape [2] needs 10 bytes, got 9`,
    );
    const blocked = await folderOf({ "train-images-idx3-ubyte.gz": undefined });
    await mkdir(join(blocked, "train-images-idx3-ubyte.gz"));
    await expect(loadMnist(blocked)).rejects.toThrow(
      `read: the file must be readable, got EISDIR for ${join(blocked, "train-images-idx3-ubyte.gz")}`,
    );
  });
});

describe("loadCsv", () => {
  /** A file of the text. */
  async function fileOf(text: string | Uint8Array): Promise<string> {
    const path = join(await mkdtemp(join(folder, "csv-")), "a.csv");
    await writeFile(path, text);
    return path;
  }

  test("takes the label from any column, and scales the features", async () => {
    const path = await fileOf("label,u,v\n1,2,4\n0,6,8\n");
    for (const labelColumn of [0, -3]) {
      const { X, labels, classNames, name } = await loadCsv(path, { labelColumn, scale: 2 });
      expect([[...labels.data], [...X.data], classNames, name]).toEqual([
        [1, 0],
        [1, 3, 2, 4],
        ["0", "1"],
        path,
      ]);
    }
    const { labels, classNames } = await loadCsv(path, { classNames: Array.from({ length: 12 }, () => "x") });
    expect([[...labels.data], classNames.length]).toEqual([[4, 8], 12]);
  });

  test("reads gzip, and a header of numbers where one is named", async () => {
    const path = await fileOf(gzipSync("7,8\n1,2\n3,0\n"));
    expect((await loadCsv(path)).X.shape).toEqual([1, 3]);
    expect((await loadCsv(path, { header: true })).X.shape).toEqual([1, 2]);
  });

  test("refuses a missing file, a folder and a missing column", async () => {
    await expect(loadCsv(join(folder, "no.csv"))).rejects.toThrow(
      `loadCsv: the file must exist, got ${join(folder, "no.csv")}`,
    );
    await expect(loadCsv(folder)).rejects.toThrow(
      `read: the file must be readable, got EISDIR for ${folder}`,
    );
    const path = await fileOf("1,2,0\n");
    for (const labelColumn of [3, -4, 0.5, Number.NaN]) {
      await expect(loadCsv(path, { labelColumn })).rejects.toThrow(
        `${path}: the label must be one of 3 columns, got column ${labelColumn}`,
      );
    }
    await expect(loadCsv(await fileOf("1\n"))).rejects.toThrow("the label must be one of 1 columns");
  });

  test("refuses a bad cell with its place, and a scale that is none", async () => {
    const path = await fileOf("1,2,0\n1,x,0\n");
    await expect(loadCsv(path)).rejects.toThrow(
      `${path}: cells must be finite numbers, got "x" in line 2, column 2`,
    );
    for (const scale of [0, Number.NaN, Infinity]) {
      await expect(loadCsv(path, { scale })).rejects.toThrow(
        `loadCsv: scale must be a finite number other than 0, got ${scale}`,
      );
    }
  });

  test("refuses labels that are no classes, however large", async () => {
    for (const [label, most] of [
      [3e9, 999],
      [1e300, 999],
      [1000, 999],
      [-1, 0],
      [2.5, 2],
    ] as const) {
      await expect(loadCsv(await fileOf(`1,${label}\n2,0\n`), { name: "n" })).rejects.toThrow(
        `dataset n: labels must be whole numbers from 0 to ${most}, got ${label} for example 0`,
      );
    }
    expect((await loadCsv(await fileOf("1,999\n"))).Y.shape).toEqual([1000, 1]);
  });
});
