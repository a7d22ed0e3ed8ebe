// `npm run bench`: starts what the first argument names, and installs the peers first where it needs them.
// They are installed here and not with the workspace, so that nobody else downloads them.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { help, parseOptions } from "./options.ts";
import { requirePeers } from "./peers.ts";

/** What a program takes: the options of the help, or just these arguments; and whether it runs the peers. */
interface Program {
  readonly takes: "options" | readonly string[];
  readonly peers: boolean;
}

const folder = import.meta.dirname;
const programs: Readonly<Record<string, Program>> = {
  nets: { takes: "options", peers: true },
  compile: { takes: [], peers: false },
  elementwise: { takes: "options", peers: true },
  gemm: { takes: ["--turbo"], peers: false },
  growth: { takes: [], peers: false },
  gradient: { takes: [], peers: false },
};

const [first = "", ...rest] = process.argv.slice(2);
const named = Object.hasOwn(programs, first);
const args = named ? rest : process.argv.slice(2);
if (args.includes("--help") || args.includes("-h")) process.stdout.write(help);
else {
  try {
    if (!named && first !== "" && !first.startsWith("-"))
      throw new Error(`the program must be of ${Object.keys(programs).join(", ")}, got ${first}`);
    start(named ? first : "nets");
  } catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}

/** Looks at the arguments, installs what is needed and runs the program. */
function start(name: string): void {
  const { takes, peers } = programs[name]!;
  if (takes === "options") requirePeers(parseOptions(args)!);
  else {
    const stray = args.find((arg) => !takes.includes(arg));
    if (stray !== undefined)
      throw new Error(`${name} takes ${takes.join(", ") || "no options"}, got ${stray}`);
  }
  if (peers && !existsSync(join(folder, "node_modules/@jax-js/jax"))) {
    run("npx", ["--yes", "pnpm@12.21.0", "install", "--dir", folder, "--frozen-lockfile"]);
  }
  run(process.execPath, [...process.execArgv, join(folder, `bench-${name}.ts`), ...args]);
}

/** Runs a command; ends with its code when it fails. */
function run(command: string, list: readonly string[]): void {
  const { status } = spawnSync(command, [...list], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}
