import { array, arrayFrom, parameter, sameArray } from "@wengert/tensor";
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadParameters, saveParameters } from "./parameters.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "parameters-"));
});
afterEach(() => rm(folder, { recursive: true }));

const record = { W1: array([[1, 2, 3]]), b1: array([[4]]) };

test("what was saved is loaded, and no other file stays behind", async () => {
  const path = join(folder, "net.wengert");
  await saveParameters(path, record);
  const loaded = await loadParameters(path, { W1: parameter("W1", [1, 3]), b1: parameter("b1", [1, 1]) });
  expect(sameArray(loaded["W1"] ?? array(0), record.W1)).toBe(true);
  await saveParameters(path, { b1: record.b1 });
  expect(Object.keys(await loadParameters(path))).toEqual(["b1"]);
  expect(await readdir(folder)).toEqual(["net.wengert"]);
});

test("a file that cannot be written is refused, and the old one stays", async () => {
  const path = join(folder, "net.wengert");
  await saveParameters(path, record);
  const before = await readFile(path);
  await expect(saveParameters(join(folder, "absent", "net"), record)).rejects.toThrow(
    /^saveParameters: .*absent.net must be a file that can be written, got ENOENT$/,
  );
  await expect(saveParameters(folder, record)).rejects.toThrow(/must be a file that can be written/);
  expect(await readFile(path)).toEqual(before);
  expect(await readdir(folder)).toEqual(["net.wengert"]);
});

test("many savings at once leave one of them whole, and readers never see a part", async () => {
  const path = join(folder, "net.wengert");
  const large = (value: number) => ({ W1: arrayFrom(new Float32Array(50_000).fill(value), [50_000]) });
  await saveParameters(path, large(0));
  const saving = new AbortController();
  const read = async (): Promise<number> => {
    let seen = 0;
    for (; !saving.signal.aborted; seen++) {
      const { data } = (await loadParameters(path))["W1"] ?? array([]);
      expect(data.every((x) => x === data[0])).toBe(true);
    }
    return seen;
  };
  const reader = read();
  await Promise.all(Array.from({ length: 20 }, (_, i) => saveParameters(path, large(i))));
  saving.abort();
  expect(await reader).toBeGreaterThan(0);
  expect(await readdir(folder)).toEqual(["net.wengert"]);
});

test("a file that is absent, cut, or of other parameters is refused", async () => {
  const path = join(folder, "net.wengert");
  await expect(loadParameters(path)).rejects.toThrow(
    `loadParameters: ${path} must be a file that can be read, got ENOENT`,
  );
  await saveParameters(path, record);
  await expect(loadParameters(path, { W1: record.W1 })).rejects.toThrow(
    `loadParameters ${path}: parameters must be W1, got b1`,
  );
  await writeFile(path, (await readFile(path)).subarray(0, -1));
  await expect(loadParameters(path)).rejects.toThrow(`loadParameters ${path}: the file must have`);
});
