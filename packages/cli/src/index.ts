/**
 * The command `wengert` as a function of its arguments.
 *
 * @packageDocumentation
 */

import { compileCommand } from "./compile-command.ts";
import { trainHelp } from "./options.ts";
import type { Output } from "./progress.ts";
import { trainCommand } from "./train-command.ts";

export type { Output } from "./progress.ts";

const usage = `Commands:
  wengert train [options]     trains an L-layer network
  wengert compile [options]   compiles its training step; wengert compile --help lists the options`;

/** Where the command writes, and what stops it. */
export interface MainOptions {
  /** Default standard output. */
  readonly output?: Output;
  /** Default standard error. */
  readonly errors?: Output;
  /** Stops training after the batch that is under way. */
  readonly signal?: AbortSignal;
}

/** The exit code of `wengert` run with these arguments: 0, or 1 after an error, whose text goes to `errors`. */
export async function main(args: readonly string[], options: MainOptions = {}): Promise<number> {
  const { output = process.stdout, errors = process.stderr, signal } = options;
  const [command, ...rest] = args;
  if (command === undefined || command === "--help" || command === "help") {
    output.write(`${usage}\n\n${trainHelp()}\n`);
    return 0;
  }
  if (command !== "train" && command !== "compile") {
    errors.write(`InputError: wengert: the command must be train or compile, got ${command}\n`);
    return 1;
  }
  try {
    if (command === "compile") await compileCommand(rest, output);
    else await trainCommand(rest, output, signal);
    return 0;
  } catch (error) {
    // An error of ours says what to do; anything else is a defect, and its stack helps.
    const ours = error instanceof Error && "rule" in error;
    errors.write(`${ours ? String(error) : error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}
