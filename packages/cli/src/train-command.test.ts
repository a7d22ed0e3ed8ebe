import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadParameters } from "@wengert/models/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "./index.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wengert-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** What the command prints, and its exit code. */
async function run(...args: string[]): Promise<{ code: number; printed: string; errors: string }> {
  let [printed, errors] = ["", ""];
  const code = await main(args, {
    output: { write: (text) => (printed += text) },
    errors: { write: (text) => (errors += text) },
  });
  return { code, printed, errors };
}

test("train: shows dimensions, caches, the gradient check, epochs, accuracies and the confusion matrix, in order", async () => {
  const file = join(folder, "flower.parameters");
  const { code, printed, errors } = await run(
    ..."train --data flower --units 16,8 --hidden tanh --l2 0 --epochs 60 --learning-rate 0.02 --seed 2 --standardize --save".split(
      " ",
    ),
    file,
  );
  expect([code, errors]).toEqual([0, ""]);
  const order = [
    "features, 2 classes",
    "Dimensions",
    "Caches",
    "Gradient check",
    "epoch  1/60",
    "epoch 60/60",
    "Training accuracy",
    "Test accuracy",
    "Confusion matrix",
    "Parameters saved",
  ];
  const places = order.map((text) => printed.indexOf(text));
  expect(places.toSorted((a, b) => a - b)).toEqual(places);
  expect(places[0]).toBeGreaterThan(0);
  expect(printed).toMatch(/parameters: right\n/);
  expect(printed).not.toContain("\r");
  expect(printed).not.toContain("\u001B");
  expect(Number(/Test accuracy\s+([\d.]+)%/.exec(printed)?.[1])).toBeGreaterThan(80);
  expect(Object.keys(await loadParameters(file)).toSorted()).toEqual(["W1", "W2", "W3", "b1", "b2", "b3"]);
});

test("train: the same seed prints the same, but for times", async () => {
  const args = "train --data circles --units 4 --epochs 3 --seed 7 --dropout 0.2 --batch-normalization".split(
    " ",
  );
  const timeless = async (): Promise<string> =>
    (await run(...args)).printed.replaceAll(/ *[\d,.]+ (?:examples\/s|s)\n/g, "\n");
  expect(await timeless()).toBe(await timeless());
});

test("train: on a terminal the line of an epoch moves", async () => {
  let printed = "";
  const output = { isTTY: true, write: (text: string) => (printed += text) };
  await main("train --data circles --units 4 --epochs 2".split(" "), { output });
  expect(printed).toContain("\repoch 1/2");
});

test("train: an aborted run reports what was learned so far", async () => {
  const controller = new AbortController();
  let printed = "";
  const output = {
    write(text: string) {
      printed += text;
      if (text.startsWith("epoch  3/")) controller.abort();
    },
  };
  const args = "train --data circles --units 4 --epochs 50".split(" ");
  expect(await main(args, { output, signal: controller.signal })).toBe(0);
  expect(printed).toContain("Stopped after 3 epochs.");
  expect(printed).toContain("Test accuracy");
});

describe("train: refuses", () => {
  const help = "\n  help   npm start -- --help lists the options\n";

  test.each([
    [
      "--epoch 3",
      `InputError: train: options are those of the help, got --epoch (did you mean --epochs?)${help}`,
    ],
    ["--frobnicate", `InputError: train: options are those of the help, got --frobnicate${help}`],
    ["extra", `InputError: train: options begin with --, got extra${help}`],
    ["--seed", `InputError: train: an option has just the value that the help shows, got --seed${help}`],
    ["--units 3,x", 'InputError: train: --units must be a number, got "x"\n'],
    ["--epochs many", 'InputError: train: --epochs must be a number, got "many"\n'],
    ["--epochs 0", "InputError: hyperparameters: epochs must be a whole number from 1, got 0\n"],
    ["--seed -1", "InputError: splitDataset: a seed is a whole number from 0 to 2^32 - 1, got -1\n"],
    [
      "--save /nonexistent/folder/file",
      "InputError: train: --save must name a file in a folder that can be written, got /nonexistent/folder/file\n",
    ],
    ["--units 0", "InputError: hyperparameters: layers[0].units must be a whole number from 1, got 0\n"],
    [
      "--optimizer sgd",
      'InputError: hyperparameters: optimizer.name must be one of gradientDescent, momentum, rmsprop, adam, adamW, got "sgd"\n',
    ],
    [
      "--batch-size 5000",
      "InputError: train: --batch-size must be at most the 1438 training examples, got 5000\n",
    ],
    [
      "--test-fraction 1",
      "InputError: splitDataset: a test fraction between 0 and 1 must leave examples on both sides, got 1 of 1797\n",
    ],
    [
      "--data nowhere",
      'InputError: train: --data must be one of digits, two-moons, circles, spirals, flower, fashion-mnist-small, a folder or a file, got "nowhere"\n',
    ],
  ])("%s", async (args, message) => {
    expect(await run("train", ...args.split(" "))).toEqual({ code: 1, printed: "", errors: message });
  });

  test("a CSV file that is not numbers, and a folder without MNIST files", async () => {
    const csv = join(folder, "bad.csv");
    await writeFile(csv, "1,2,0\n1,oops,1\n");
    const refused = await run("train", "--data", csv);
    expect(refused.errors).toContain('cells must be finite numbers, got "oops" in line 2, column 2');
    expect((await run("train", "--data", folder)).errors).toContain("loadMnist: the folder must hold");
    expect(await readdir(folder)).toContain("bad.csv");
  });
});

test("wengert: help, and an unknown command", async () => {
  expect((await run("train", "--help")).printed).toContain("--learning-rate α");
  expect((await run()).printed).toContain("Usage: wengert train [options]");
  expect((await run()).printed).toContain("wengert compile [options]");
  expect(await run("fly")).toEqual({
    code: 1,
    printed: "",
    errors: "InputError: wengert: the command must be train or compile, got fly\n",
  });
});
