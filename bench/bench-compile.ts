// How long the training step of every network takes to compile: the first time in a process, in processes of their own,
// one network after the other; and once the platform knows the compiler's code. The packages are built before.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describeMachine } from "./machine.ts";
import { nets, type Net } from "./nets.ts";
import { digits, markdownTable } from "./report.ts";
import { median, quantile, summarize } from "./statistics.ts";
import { calm } from "./strain.mjs";

const rounds = 20;

interface Compilation {
  readonly steps: Readonly<Record<string, number>>;
  readonly total: number;
}

interface Sample {
  readonly nodes: number;
  readonly first: Compilation;
  readonly last: Compilation;
  /** The strain of the core before and after the first, the larger one. */
  readonly strained: number;
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

const isCalm = calm([...samples.values()].flat().map(({ strained }) => strained));
const rows = [...samples].map(([{ name }, list], place) => {
  const first = list.map(({ first: { total } }) => total);
  const inCalm = first.filter((_, round) => isCalm[rounds * place + round]);
  const { low, median: middle, high } = summarize(first);
  const last = median(list.map(({ last: { total } }) => total));
  const times = [quantile(first, 0), low, middle, high, median(inCalm), last].map(digits);
  return [name, String(list[0]?.nodes), ...times.toSpliced(4, 0, String(inCalm.length))];
});
process.stdout.write(
  `${date}: ${processor}, ${cores} cores, Node ${node}, load ${load.toFixed(1)} before; ${rounds} processes a network, ms. ` +
    `Calm are those in which arithmetic before and after took up to 1.1 times the least of the run.\n\n`,
);
process.stdout.write(
  `${markdownTable(
    ["net", "nodes", "first, least", "quartile", "median", "quartile", "calm ones", "median", "twelfth"],
    rows,
  )}\n\n`,
);
const ofL = [...samples].find(([{ name }]) => name === "L")?.[1] ?? [];
const steps = Object.keys(ofL[0]?.first.steps ?? {});
const byStep = steps.map((step) => {
  const timesOf = (which: "first" | "last"): number =>
    median(ofL.map((each) => each[which].steps[step] ?? Number.NaN));
  return [step, digits(timesOf("first")), digits(timesOf("last"))];
});
process.stdout.write(`${markdownTable(["step, net L", "first, median", "twelfth"], byStep)}\n`);
