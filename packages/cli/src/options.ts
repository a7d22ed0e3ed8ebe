// The options of `wengert train`: a table from which the help, the parsing and the errors are made.

import { parseArgs } from "node:util";
import { wasmEngine } from "@wengert/engine";
import { InputError, referenceEngine, type Engine } from "@wengert/tensor";
import { activationNames, initializers, optimizerNames } from "@wengert/models";

/** One option: what stands for its value in the help, its default, and what it is. */
interface Option {
  readonly value?: string;
  readonly default?: string;
  readonly help: string;
}

/** The name of an option that has a value and a default. */
type ValueOption =
  | "data"
  | "units"
  | "hidden"
  | "optimizer"
  | "learning-rate"
  | "epochs"
  | "batch-size"
  | "l2"
  | "dropout"
  | "initializer"
  | "test-fraction"
  | "engine"
  | "threads"
  | "seed";

type OptionName = ValueOption | "batch-normalization" | "standardize" | "save" | "help";

const hidden = activationNames.filter((name) => name !== "softmax");

/** Every option of `train` by name. */
const trainOptions: Readonly<Record<OptionName, Option>> = {
  data: {
    value: "NAME|PATH",
    default: "digits",
    help: "digits, fashion-mnist-small, two-moons, circles, spirals, flower; a folder of the four MNIST files, or a CSV file",
  },
  units: { value: "N,N,…", default: "64,32", help: "units of the hidden layers; none for no hidden layer" },
  hidden: { value: "NAME", default: "relu", help: `activation of the hidden layers: ${hidden.join(", ")}` },
  optimizer: { value: "NAME", default: "adam", help: optimizerNames.join(", ") },
  "learning-rate": { value: "α", default: "0.003", help: "the step size" },
  epochs: { value: "N", default: "30", help: "passes over the training examples" },
  "batch-size": { value: "N", default: "64", help: "examples a step" },
  l2: { value: "λ", default: "0.1", help: "L2 regularization of the weights" },
  dropout: { value: "P", default: "0", help: "share of hidden units silenced while training" },
  "batch-normalization": { help: "normalize hidden layers over the batch" },
  initializer: { value: "NAME", default: "he", help: Object.keys(initializers).join(", ") },
  standardize: { help: "bring features to mean 0 and deviation 1, as measured on the training examples" },
  "test-fraction": {
    value: "P",
    default: "0.2",
    help: "share of the examples kept for the test, where the data has no test set",
  },
  seed: { value: "N", default: "1", help: "fixes the split, the first parameters, the order and dropout" },
  engine: {
    value: "NAME",
    default: "wasm",
    help: "wasm, or reference: slow and plain, the oracle of the other",
  },
  threads: {
    value: "N",
    default: "auto",
    help: "threads of the wasm engine; auto for as many as the machine runs, up to 16",
  },
  save: { value: "FILE", help: "write the learned parameters to a file" },
  help: { help: "show this" },
};

/** The values of all options as text, defaults included; switches are true or false. */
export type TrainArguments = Readonly<Record<ValueOption, string>> & {
  /** The command that takes them: errors begin with it. */
  readonly command: string;
  readonly help: boolean;
  readonly "batch-normalization": boolean;
  readonly standardize: boolean;
  readonly save: string | undefined;
};

/**
 * The arguments of `train` as values of its options; `command` is another that takes them.
 * @throws InputError for an unknown option, a missing value or a stray word.
 */
export function parseTrainArguments(args: readonly string[], command = "train"): TrainArguments {
  const known = Object.entries(trainOptions);
  const options = Object.fromEntries(
    known.map(([name, { value, default: fallback }]) => [
      name,
      value === undefined
        ? ({ type: "boolean", default: false } as const)
        : { type: "string" as const, ...(fallback === undefined ? {} : { default: fallback }) },
    ]),
  );
  try {
    const { values } = parseArgs({ args: joined(args), options, strict: true, allowPositionals: false });
    return { save: undefined, ...values, command } as unknown as TrainArguments;
  } catch (cause) {
    throw new InputError(`${command}: ${reason(cause, args)}`, {
      help: `npm ${command === "train" ? "start --" : `run wengert -- ${command}`} --help lists the options`,
      cause,
    });
  }
}

/** The arguments with `--name -1` as `--name=-1`: a number below 0 is a value and no option. */
function joined(args: readonly string[]): string[] {
  const list: string[] = [];
  for (const arg of args) {
    const before = list.at(-1);
    if (/^-[\d.]/.test(arg) && before?.startsWith("--") === true && !before.includes("=")) {
      list[list.length - 1] = `${before}=${arg}`;
    } else list.push(arg);
  }
  return list;
}

function reason(cause: unknown, args: readonly string[]): string {
  const code = (cause as { readonly code?: string }).code;
  const text = cause instanceof Error ? cause.message : String(cause);
  const quoted = /'([^']+)'/.exec(text)?.[1] ?? args.join(" ");
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const near = nearest(quoted.replace(/^-+/, ""));
    return `options are those of the help, got ${quoted}${near === undefined ? "" : ` (did you mean --${near}?)`}`;
  }
  if (code === "ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL") return `options begin with --, got ${quoted}`;
  return `an option has just the value that the help shows, got ${args.join(" ")}`;
}

/** The option that differs least from a word, if it differs little. */
function nearest(word: string): string | undefined {
  const [best] = Object.keys(trainOptions)
    .map((name) => ({ name, distance: editDistance(name, word) }))
    .toSorted((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= Math.min(3, word.length / 2) ? best.name : undefined;
}

/** Insertions, deletions and replacements between two words (Levenshtein 1965). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (letter === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The number that an option's text is, or a part of it. @throws InputError when it is none. */
export function numberOf(args: TrainArguments, option: ValueOption, text: string = args[option]): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) {
    throw new InputError(`${args.command}: --${option} must be a number, got ${JSON.stringify(text)}`);
  }
  return value;
}

/** The engine that the options choose. @throws InputError when there is no such engine or number of threads. */
export function engineOf(args: TrainArguments): Engine {
  const { command, engine, threads } = args;
  if (engine === "reference" && threads === "auto") return referenceEngine;
  if (engine === "reference")
    throw new InputError(`${command}: the reference engine has one thread, got --threads ${threads}`);
  if (engine === "wasm")
    return wasmEngine({ threads: threads === "auto" ? threads : numberOf(args, "threads") });
  throw new InputError(`${command}: --engine must be wasm or reference, got ${engine}`);
}

/** The help of `train`. */
export function trainHelp(): string {
  const lines = Object.entries(trainOptions).map(([name, option]) => {
    const left = `  --${name}${option.value === undefined ? "" : ` ${option.value}`}`;
    return `${left.padEnd(26)}${option.help}${option.default === undefined ? "" : ` (${option.default})`}`;
  });
  return [
    "Usage: wengert train [options]",
    "",
    "Trains an L-layer network and shows what it learned.",
    "",
    ...lines,
  ].join("\n");
}
