// The options of the command line.

import { parseArgs } from "node:util";
import { nets, type Net } from "./nets.ts";
import { type Effort } from "./alternate.ts";

/** What to measure, how long, and where the results go. */
export interface Options {
  readonly nets: readonly Net[];
  /** Names of peers; all that are here when empty. */
  readonly peers: readonly string[];
  readonly python: string;
  readonly effort: Effort;
  /** Seconds that a peer may take for the steps that are compared. */
  readonly checkSeconds: number;
  /** A file for everything that was measured. */
  readonly json: string | undefined;
  /** Whether docs/performance.md and its picture are rewritten. */
  readonly write: boolean;
  /** Whether that is done on a busy machine, too. */
  readonly anyway: boolean;
}

/** What `--help` prints. */
export const help: string = `npm run bench -- [options]             training steps of several networks against other libraries
npm run bench -- compile               the first compilation in a process, and later ones
npm run bench -- elementwise [options] nanoseconds an element of exp, sigmoid, tanh, relu
npm run bench -- gemm [--turbo]        matrix products by size against the peak of 128-bit vectors
npm run bench -- growth                cost by layers, batch and width
npm run bench -- gradient              cost of a gradient relative to its function

  --nets S,M      networks, of ${nets.map(({ name }) => name).join(", ")} (default: all)
  --peers A,B     peers by name (default: all that are installed); the first one of ours always runs
  --python PATH   the interpreter that has PyTorch or JAX (default: python3)
  --quick         a rough result in a fraction of the time
  --json FILE     writes everything that was measured
  --write         rewrites docs/performance.md and docs/performance.svg; refuses while the machine is busy
  --anyway        does it on a busy machine, and says so on the page
`;

const thorough: Effort = { rounds: 10, blockSeconds: 0.4, warmSeconds: 1.5 };
const quick: Effort = { rounds: 4, blockSeconds: 0.1, warmSeconds: 0.3 };

const listOf = (text: string | undefined): readonly string[] =>
  text === undefined ? [] : text.split(",").filter((part) => part !== "");

/** The options, or undefined where help was asked for. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      nets: { type: "string" },
      peers: { type: "string" },
      python: { type: "string", default: "python3" },
      quick: { type: "boolean", default: false },
      json: { type: "string" },
      write: { type: "boolean", default: false },
      anyway: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const names = listOf(values.nets);
  const chosen = names.map((name) => {
    const net = nets.find((each) => each.name === name);
    if (net === undefined)
      throw new Error(`--nets: must be of ${nets.map((each) => each.name).join(", ")}, got ${name}`);
    return net;
  });
  return {
    nets: chosen.length > 0 ? chosen : nets,
    peers: listOf(values.peers),
    python: values.python,
    effort: values.quick ? quick : thorough,
    checkSeconds: values.quick ? 20 : 60,
    json: values.json,
    write: values.write,
    anyway: values.anyway,
  };
}
