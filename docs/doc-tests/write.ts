// Writes the ```ts blocks of README files, guides and doc comments as tests, which tsc checks and vitest runs.
// Tags: none (run; a ```text block that follows is its exact output), `no-run`, `throws` (the text is the error),
// `expect-error` (the lines of the text are in the messages of tsc), `separate` (leaves the program of its page).

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Block, type Program, programsOf } from "./blocks.ts";

const root = join(import.meta.dirname, "../..");
const folder = join(import.meta.dirname, "generated");

/** `import x from`, `import * as x from` and `import { x } from`. */
const importStatement = /^import (?:type )?(?:[\w*]|\{[^}]*\})[^;{}]*;\n?/gm;

const files = new Map<string, string>();
const refused: string[] = [];
for (const path of pages()) {
  const programs = programsOf(path, readFileSync(join(root, path), "utf8"));
  const name = path.replaceAll(/[/.]/g, "-");
  for (const program of programs) refuse(name, program);
  if (programs.length > 0) files.set(`${name}.test.ts`, moduleOf(programs));
}
if (refused.length > 0) {
  files.set(
    "refused.test.ts",
    `import { refused } from "../page.ts";\n\nrefused([\n${refused.join("")}]);\n`,
  );
}
update(files);

/** Every file whose blocks are tests. */
function pages(): string[] {
  const list = (within: string, end: RegExp, recursive = false): string[] =>
    readdirSync(join(root, within), { recursive, encoding: "utf8" })
      .filter((file) => end.test(file))
      .map((file) => `${within}/${file}`);
  const guides = list("docs", /\.md$/);
  const packages = readdirSync(join(root, "packages")).flatMap((name) => [
    `packages/${name}/README.md`,
    ...list(`packages/${name}/src`, /(?<!\.test|\.test-d)\.ts$/, true),
  ]);
  return ["README.md", ...guides, ...packages].filter((path) => existsSync(join(root, path))).toSorted();
}

/** The test module of one file; the imports of its programs are merged and stand first. */
function moduleOf(programs: readonly Program[]): string {
  const bodies = programs.map((program) => {
    const kept = program.filter((block) => block.mode !== "expect-error");
    const title = JSON.stringify(program[0]?.place);
    // A program of `no-run` blocks alone asserts nothing.
    return `page(${title}, async ($) => {\nvoid $;\n${kept.map((block) => statement(block)).join("\n")}});\n`;
  });
  const code = programs
    .flat()
    .filter((block) => block.mode !== "expect-error")
    .map((block) => block.code);
  return [...importsOf(code), 'import { page } from "../page.ts";', "", ...bodies].join("\n");
}

function statement({ mode, code, output, place }: Block): string {
  const [at, text] = [JSON.stringify(place), JSON.stringify(output)];
  const body = `// ${place}\n${code.replaceAll(importStatement, "")}`;
  if (mode === "no-run") return `void (async () => {\n${body}});\n`;
  if (mode === "throws") return `await $.throws(${at}, ${text}, async () => {\n${body}});\n`;
  return `${body}$.prints(${at}${text === undefined ? "" : `, ${text}`});\n`;
}

/** A block to be refused becomes a file of its own, after the blocks before it. */
function refuse(name: string, program: Program): void {
  for (const [index, block] of program.entries()) {
    if (block.mode !== "expect-error") continue;
    if (block.output === undefined)
      throw new Error(`${block.place}: expect-error needs a text block with the message`);
    const before = program.slice(0, index).filter((earlier) => earlier.mode === "run");
    const code = [...before, block].map((each) => each.code);
    const file = `refused/${name}-${block.place.split(":").at(-1)}.ts`;
    const body = code.map((each) => each.replaceAll(importStatement, "")).join("\n");
    files.set(file, `${[...importsOf(code), ""].join("\n")}\n${body}\nexport {};\n`);
    refused.push(`  ${JSON.stringify([block.place, `docs/doc-tests/generated/${file}`, block.output])},\n`);
  }
}

/** The imports of several blocks without repetition. */
function importsOf(code: readonly string[]): string[] {
  const named = new Map<string, Set<string>>();
  const whole = new Set<string>();
  for (const [statementText] of code.flatMap((each) => [...each.matchAll(importStatement)])) {
    const [, type, names, from] = /^import (type )?\{([^}]*)\} from "([^"]+)"/.exec(statementText) ?? [];
    if (names === undefined || from === undefined) whole.add(statementText.trim());
    for (const each of (names ?? "")
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== "")) {
      named.set(
        from ?? "",
        (named.get(from ?? "") ?? new Set()).add(type === undefined ? each : `type ${each}`),
      );
    }
  }
  const merged = [...named].map(([from, names]) => `import { ${[...names].join(", ")} } from "${from}";`);
  return [...whole, ...merged];
}

/** Makes the folder hold exactly these files, touching only what changed. */
function update(wanted: ReadonlyMap<string, string>): void {
  mkdirSync(join(folder, "refused"), { recursive: true });
  const present = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  for (const file of present) if (!wanted.has(file)) rmSync(join(folder, file));
  for (const [file, content] of wanted) {
    if (!present.includes(file) || readFileSync(join(folder, file), "utf8") !== content) {
      writeFileSync(join(folder, file), content);
    }
  }
}
