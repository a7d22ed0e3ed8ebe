// `wengert compile`: what the compiler makes of a training step, with the time of each of its steps.

import { trainingStepOf } from "@wengert/models";
import { compile, stepNames, type StepReport } from "@wengert/compiler";
import { InputError } from "@wengert/tensor";
import { loadData } from "./load-data.ts";
import { engineOf, numberOf, parseTrainArguments, trainHelp } from "./options.ts";
import type { Output } from "./progress.ts";
import { chooseHyperparameters } from "./train-command.ts";

const help = `Usage: wengert compile [--dump after:STEP] [options of train]

Compiles the training step, for one thread, and shows how long each step of the compiler takes. Options of the training
itself, such as --epochs or --engine, change nothing.

  --dump after:STEP         print what the step gives: ${stepNames.join(", ")}

${trainHelp()}`;

/**
 * Runs `wengert compile`.
 * @throws InputError when options or data do not fit, or there is no such step.
 */
export async function compileCommand(args: readonly string[], output: Output): Promise<void> {
  const { dump, rest } = takeDump(args);
  const options = parseTrainArguments(rest, "compile");
  if (options.help) return void output.write(`${help}\n`);
  // It changes nothing here, but a command that is written wrong is not run.
  engineOf(options);
  const seed = numberOf(options, "seed");
  const data = await loadData(options, {
    testFraction: numberOf(options, "test-fraction"),
    seed,
    standardized: false,
  });
  const chosen = chooseHyperparameters(options, data.train);
  const { graph } = trainingStepOf(chosen);
  const reports: StepReport[] = [];
  const program = compile(graph, {
    sizes: { m: chosen.batchSize ?? data.train.labels.data.length },
    now: () => performance.now(),
    onStep: (report) => {
      reports.push(report);
      if (report.name === dump) output.write(`${report.text()}\n`);
    },
  });
  if (dump !== undefined) return;
  for (const { name, milliseconds } of reports)
    output.write(`${name.padEnd(14)}${milliseconds.toFixed(2).padStart(8)} ms\n`);
  const { kernels, plan, bytes } = program;
  output.write(
    `\n${Object.keys(graph.nodes).length} nodes, ${kernels.kernels.length} kernels, ${bytes.length} bytes of code\n`,
  );
  output.write(
    `temporaries ${plan.peak} bytes, at least ${plan.lowerBound}; memory ${program.memoryBytes} bytes\n`,
  );
}

/** The step after which to dump, and the other arguments. */
function takeDump(args: readonly string[]): { dump: string | undefined; rest: readonly string[] } {
  const at = args.findIndex((arg) => arg === "--dump" || arg.startsWith("--dump="));
  if (at < 0) return { dump: undefined, rest: args };
  const again = args.slice(at + 1).find((arg) => arg === "--dump" || arg.startsWith("--dump="));
  if (again !== undefined) throw new InputError("compile: one step is dumped, got --dump twice");
  const joined = args[at]!.startsWith("--dump=");
  const value = joined ? args[at]!.slice("--dump=".length) : (args[at + 1] ?? "");
  const [, step = value] = /^after:(.*)$/.exec(value) ?? [];
  if (!(stepNames as readonly string[]).includes(step)) {
    throw new InputError(`compile: --dump must be after:STEP, got ${JSON.stringify(value)}`, {
      help: `steps: ${stepNames.join(", ")}`,
    });
  }
  return { dump: step, rest: args.toSpliced(at, joined ? 1 : 2) };
}
