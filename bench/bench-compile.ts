// How long the training step of every network takes to compile: the first time in a process, in processes of their own,
// one network after the other; and once the platform knows the compiler's code. The packages are built before.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describeMachine } from "./machine.ts";
import { nets, type Net } from "./nets.ts";
import { digits, markdownTable } from "./report.ts";
import { median, quantile, summarize } from "./statistics.ts";

const rounds = 20;

interface Compilation {
  readonly steps: Readonly<Record<string, number>>;
  readonly total: number;
}

interface Sample {
  readonly nodes: number;
  readonly first: Compilation;
  readonly last: Compilation;
}

/** Runs a program in the folder of the workspace; gives what it prints. */
function run(command: string, args: readonly string[]): string {
  const cwd = join(import.meta.dirname, "..");
  const { status, stdout } = spawnSync(command, [...args], {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) process.exit(status ?? 1);
  return stdout;
}

/** One process. */
function sample(net: Net): Sample {
  return JSON.parse(run(process.execPath, ["bench/compile-once.mjs", JSON.stringify(net)])) as Sample;
}

const { date, processor, cores, node, load } = describeMachine();
run("npx", ["tsc", "-b", "packages/compiler", "packages/models"]);
const samples = new Map(nets.map((net): [Net, Sample[]] => [net, []]));
for (let round = 0; round < rounds; round++) {
  process.stderr.write(`round ${round + 1} of ${rounds}\n`);
  for (const [net, list] of samples) list.push(sample(net));
}

const rows = [...samples].map(([{ name }, list]) => {
  const first = list.map(({ first: { total } }) => total);
  const { low, median: middle, high } = summarize(first);
  const last = median(list.map(({ last: { total } }) => total));
  return [name, String(list[0]?.nodes), ...[quantile(first, 0), low, middle, high, last].map(digits)];
});
process.stdout.write(
  `${date}: ${processor}, ${cores} cores, Node ${node}, load ${load.toFixed(1)} before; ${rounds} processes a network, ms\n\n`,
);
process.stdout.write(
  `${markdownTable(["net", "nodes", "first, least", "quartile", "median", "quartile", "twelfth"], rows)}\n\n`,
);
const ofL = [...samples].find(([{ name }]) => name === "L")?.[1] ?? [];
const steps = Object.keys(ofL[0]?.first.steps ?? {});
const byStep = steps.map((step) => {
  const times = (which: "first" | "last"): number =>
    median(ofL.map((each) => each[which].steps[step] ?? Number.NaN));
  return [step, digits(times("first")), digits(times("last"))];
});
process.stdout.write(`${markdownTable(["step, net L", "first, median", "twelfth"], byStep)}\n`);
