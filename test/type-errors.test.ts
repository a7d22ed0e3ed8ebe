// What the compiler says about the most common mistakes: snapshots of its messages, which hold the first line of the
// error at run time. Each file of type-errors/ is one mistake.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ShapeError } from "@wengert/tensor";
import { beforeAll, describe, expect, test } from "vitest";

const folder = join(import.meta.dirname, "type-errors");
const root = join(import.meta.dirname, "..");
const mistakes = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -3));

/** Mistakes that the compiler describes in its own words. */
const ownWords = new Set(["wrong-dtype", "missing-parameter"]);

const messages = new Map<string, string>();

beforeAll(() => {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const { stdout } = spawnSync(process.execPath, [compiler, "-p", folder, "--pretty", "false"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const message of stdout.split(/^(?=\S)/m)) {
    const [, name = "?", rest = message] = /^test\/type-errors\/([\w-]+)\.ts\(([\s\S]*)$/.exec(message) ?? [];
    messages.set(name, `${messages.get(name) ?? ""}(${rest}`);
  }
});

test("the compiler has something to say about every mistake, and about nothing else", () => {
  expect([...messages.keys()].toSorted()).toEqual(mistakes.toSorted());
});

describe.each(mistakes)("%s", (name) => {
  test("the compiler's message is the snapshot", async () => {
    await expect(messages.get(name)).toMatchFileSnapshot(join(folder, `${name}.txt`));
  });

  test.skipIf(ownWords.has(name))("the message holds the first line of the error at run time", async () => {
    const error: unknown = await import(join(folder, `${name}.ts`)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ShapeError);
    expect(messages.get(name)).toContain(`"${(error as ShapeError).rule}"`);
  });
});
