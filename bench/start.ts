// `npm run bench`: installs the peers on the first run, then starts what the first argument names.
// They are installed here and not with the workspace, so that nobody else downloads them.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { help } from "./options.ts";

const folder = import.meta.dirname;
/** The programs, and the only arguments of those that have no options of their own. */
const programs: Readonly<Record<string, readonly string[] | undefined>> = {
  nets: undefined,
  compile: [],
  elementwise: undefined,
  gemm: ["--turbo"],
  growth: [],
  gradient: [],
};

const [first = "", ...rest] = process.argv.slice(2);
const named = Object.hasOwn(programs, first);
const args = named ? rest : process.argv.slice(2);
const stray = args.find((arg) => programs[first]?.includes(arg) === false);
if (args.includes("--help") || args.includes("-h")) process.stdout.write(help);
else if (stray !== undefined || (!named && first !== "" && !first.startsWith("-"))) {
  const rule =
    stray === undefined
      ? `the program must be of ${Object.keys(programs).join(", ")}, got ${first}`
      : `${first} takes ${programs[first]?.join(", ") || "no options"}, got ${stray}`;
  process.stderr.write(`bench: ${rule}\n`);
  process.exitCode = 1;
} else {
  if (!existsSync(join(folder, "node_modules/@jax-js/jax"))) {
    run("npx", ["--yes", "pnpm@12.21.0", "install", "--dir", folder, "--frozen-lockfile"]);
  }
  const program = join(folder, `bench-${named ? first : "nets"}.ts`);
  run(process.execPath, [...process.execArgv, program, ...args]);
}

/** Runs a command; ends with its code when it fails. */
function run(command: string, list: readonly string[]): void {
  const { status } = spawnSync(command, [...list], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
