// Every file of examples/ runs and prints what its end says: `// Output:`, then the lines as `// …`.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { filesIn, read, root } from "./sources.ts";

const examples = filesIn("examples", ".ts");
const tsx = join(root, "node_modules/.bin/tsx");

test("examples are numbered without gaps", () => {
  const numbers = examples.map((path) => Number(/^examples\/(\d\d)-[a-z0-9-]+\.ts$/.exec(path)?.[1]));
  expect(numbers).toEqual(examples.map((_, index) => index + 1));
});

describe.each(examples)("%s", (path) => {
  const source = read(path);
  const [, expected] = /\n\/\/ Output:\n((?:\/\/.*\n)+)$/.exec(source) ?? [];

  test("has at most 80 lines, of which the first says what one learns", () => {
    expect(source).toMatch(/^\/\/ \S/);
    expect(source.split("\n").length - 1).toBeLessThanOrEqual(80);
    expect(expected, "the file ends with // Output: and the printed lines as comments").toBeDefined();
  });

  test("prints its output", { timeout: 60_000 }, () => {
    const run = spawnSync(tsx, ["--conditions=@wengert/source", path], { cwd: root, encoding: "utf8" });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    const wanted = (expected ?? "").replaceAll(/^\/\/ ?/gm, "");
    expect(trimLines(run.stdout)).toBe(trimLines(wanted));
  });
});

const trimLines = (text: string): string => text.replaceAll(/[ \t]+$/gm, "").trimEnd();
