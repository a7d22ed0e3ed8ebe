// Tries the laws of graphs on the engine with ever new random graphs, and prints the smallest one that breaks a law:
// `pnpm run fuzz --minutes 10 --seed 1`. A seed tries the same graphs again.

import { parseArgs } from "node:util";
import fc from "fast-check";
import { graphLaws, graphsOf, type GraphLaw } from "../test/engine/graph-laws.ts";
import { describeGraph } from "../test/engine/report.ts";

const help = `pnpm run fuzz [options]

  --minutes M   how long (10)
  --seed N      where to begin (another one each time)
  --law TEXT    only laws with this in their titles: ${graphLaws.map(({ title }) => title).join("; ")}
`;

/** Graphs for one law before the next takes its turn. */
const batch = 100;

interface Broken {
  readonly law: GraphLaw;
  readonly text: string;
}

/** What is wrong; an error is as wrong as a number. */
async function problemsOf(
  law: GraphLaw,
  each: Parameters<GraphLaw["problems"]>[0],
): Promise<readonly string[]> {
  try {
    return await law.problems(each);
  } catch (error) {
    return [error instanceof Error ? `${error.name}: ${error.message}` : String(error)];
  }
}

async function tryLaw(law: GraphLaw, seed: number, until: number): Promise<Broken | number> {
  let tried = 0;
  const result = await fc.check(
    fc.asyncProperty(graphsOf(law), async (each) => {
      if (Date.now() > until) return true;
      tried++;
      return (await problemsOf(law, each)).length === 0;
    }),
    { seed, numRuns: law.graphs.maxElements === undefined ? batch : batch / 2 },
  );
  if (!result.failed || result.counterexample === null) return tried;
  const [smallest] = result.counterexample;
  const problems = await problemsOf(law, smallest);
  return { law, text: [...problems, describeGraph(smallest)].join("\n") };
}

/** The laws with the text in their titles; a whole title means one law, though another's may begin with it. */
function lawsWith(text: string): readonly GraphLaw[] {
  const named = graphLaws.filter(({ title }) => title === text);
  const laws = named.length > 0 ? named : graphLaws.filter(({ title }) => title.includes(text));
  if (laws.length === 0) throw new Error(`--law must be part of a law's title, got ${JSON.stringify(text)}`);
  return laws;
}

let shown = 0;

/** A line that a terminal writes over itself; elsewhere one a minute, and the last. */
function show(line: string, isLast: boolean): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${line}   `);
  else if (isLast || Date.now() - shown >= 60_000) {
    shown = Date.now();
    process.stdout.write(`${line}\n`);
  }
}

async function fuzz(laws: readonly GraphLaw[], minutes: number, first: number): Promise<Broken | undefined> {
  const until = Date.now() + minutes * 60_000;
  let graphs = 0;
  for (let round = 0; Date.now() < until; round++) {
    const law = laws[round % laws.length]!;
    const result = await tryLaw(law, first + round, until);
    if (typeof result !== "number") {
      const again = `again: pnpm run fuzz --seed ${first + round} --law "${law.title}"`;
      return { law, text: `${result.text}\n${again}` };
    }
    graphs += result;
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    show(`${graphs} graphs, ${round + 1} rounds from seed ${first}, ${left} s left`, left === 0);
  }
  return undefined;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "10" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      law: { type: "string", default: "" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return void process.stdout.write(help);
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  if (!(minutes > 0)) throw new Error(`--minutes must be above 0, got ${values.minutes}`);
  if (!Number.isInteger(seed)) throw new Error(`--seed must be a whole number, got ${values.seed}`);
  const broken = await fuzz(lawsWith(values.law), minutes, seed);
  process.stdout.write("\n");
  if (broken !== undefined) throw new Error(`broken: ${broken.law.title}\n${broken.text}`);
}

try {
  await main();
} catch (error) {
  console.error(`fuzz: ${(error as Error).message}`);
  process.exitCode = 1;
}
