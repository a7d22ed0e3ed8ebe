import { mkdtemp, rm, writeFile } from "node:fs/promises";
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
});

describe("loadMnist", () => {
  const images = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 51, 102);
  const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 3);

  test("reads plain and gzip files of one folder", async () => {
    await writeFile(join(folder, "train-images-idx3-ubyte.gz"), gzipSync(images));
    await writeFile(join(folder, "train-labels-idx1-ubyte"), labels);
    await writeFile(join(folder, "t10k-images-idx3-ubyte"), images);
    await writeFile(join(folder, "t10k-labels-idx1-ubyte.gz"), gzipSync(labels));
    const { train, test: held } = await loadMnist(folder, { name: "tiny" });
    expect([...train.labels.data]).toEqual([7, 3]);
    expect(held.X.data).toEqual(Float32Array.of(0, 0.2, 1, 0.4));
  });

  test("says which file is missing, and refuses images without labels", async () => {
    await expect(loadMnist(join(folder, "none"))).rejects.toThrow(
      "loadMnist: the folder must hold train-images-idx3-ubyte or train-images-idx3-ubyte.gz",
    );
    await writeFile(join(folder, "t10k-labels-idx1-ubyte.gz"), Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 7));
    await expect(loadMnist(folder, { name: "tiny" })).rejects.toThrow(
      "tiny t10k: images and labels must be equal in number, got shapes [2, 1, 2] and [1]",
    );
  });
});

describe("loadCsv", () => {
  test("takes the label from any column, and scales the features", async () => {
    const path = join(folder, "a.csv");
    await writeFile(path, "label,u,v\n1,2,4\n0,6,8\n");
    const { X, labels, classNames } = await loadCsv(path, { labelColumn: 0, scale: 2 });
    expect([[...labels.data], [...X.data], classNames]).toEqual([
      [1, 0],
      [1, 3, 2, 4],
      ["0", "1"],
    ]);
  });

  test("refuses a missing file and a missing column", async () => {
    await expect(loadCsv(join(folder, "no.csv"))).rejects.toThrow(
      "read: the file must exist and be readable, got",
    );
    await expect(loadCsv(join(folder, "a.csv"), { labelColumn: 3 })).rejects.toThrow(
      "the label must be one of 3 columns, got column 3",
    );
  });
});
