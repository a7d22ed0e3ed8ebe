// `npm run bench`: installs the peers on the first run, then starts what the first argument names.
// They are installed here and not with the workspace, so that nobody else downloads them.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;
const programs = ["nets", "compile", "elementwise", "gemm", "growth", "gradient"];

const [first = "", ...rest] = process.argv.slice(2);
const named = programs.includes(first);
if (!existsSync(join(folder, "node_modules/@jax-js/jax"))) {
  run("npx", ["--yes", "pnpm@12.21.0", "install", "--dir", folder, "--frozen-lockfile"]);
}
const program = join(folder, `bench-${named ? first : "nets"}.ts`);
run(process.execPath, [...process.execArgv, program, ...(named ? rest : process.argv.slice(2))]);

/** Runs a command; ends with its code when it fails. */
function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, [...args], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
