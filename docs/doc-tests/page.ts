// What a generated documentation test calls: runs a program and compares what it prints with what its page says.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { format } from "node:util";
import { expect, test, vi } from "vitest";

const root = join(import.meta.dirname, "../..");

/** What a program may assert at the place of a block. */
export interface Page {
  /** The lines printed since the last call are `output`; without an output they may be any. */
  readonly prints: (place: string, output?: string) => void;
  /** The block throws, and the error reads `output`. */
  readonly throws: (place: string, output: string | undefined, block: () => Promise<void>) => Promise<void>;
}

/** Registers a program as a test whose title is the place of its first block. */
export function page(title: string, program: (page: Page) => Promise<void>): void {
  test(title, async () => {
    let printed = "";
    const log = vi.spyOn(console, "log").mockImplementation((...values: unknown[]) => {
      printed += `${format(...values)}\n`;
    });
    const prints: Page["prints"] = (place, output) => {
      if (output !== undefined) expect(trimLines(printed), place).toBe(trimLines(output));
      printed = "";
    };
    const throws: Page["throws"] = async (place, output, block) => {
      const error: unknown = await block().then(
        () => "no error",
        (reason: unknown) => reason,
      );
      expect(trimLines(`${String(error)}\n`), place).toBe(trimLines(output ?? ""));
    };
    await program({ prints, throws }).finally(() => log.mockRestore());
  });
}

/** Registers a test for each block that the type checker must refuse: where it is, its file, and the message. */
export function refused(blocks: readonly (readonly [place: string, file: string, output: string])[]): void {
  const config = "docs/doc-tests/tsconfig.errors.json";
  const tsc = join(root, "node_modules/.bin/tsc");
  let report: string | undefined;
  test.each(blocks)("%s is refused", (_place, file, output) => {
    report ??= spawnSync(tsc, ["-p", config, "--pretty", "false"], { cwd: root, encoding: "utf8" }).stdout;
    const errors = report.split(/\n(?=\S)/).filter((error) => error.startsWith(file));
    const lines = trimLines(output)
      .split("\n")
      .map((line) => line.trim());
    for (const line of lines) expect(errors.join("\n")).toContain(line);
    expect(errors.filter((error) => !lines.some((line) => error.includes(line)))).toEqual([]);
  });
}

const trimLines = (text: string): string => text.replaceAll(/[ \t]+$/gm, "").trimEnd();
