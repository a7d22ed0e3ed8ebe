// The peers in the order of the tables, and how the process of each is started.

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Options } from "./options.ts";

/** A library in one configuration. */
export interface PeerRow {
  /** As `--peers` takes it. */
  readonly id: string;
  readonly title: string;
  /** Its process. */
  readonly command: readonly string[];
  /** Whether this is ours, whose first one is what the others are compared with. */
  readonly ours: boolean;
  /** What must be there beside Node. */
  readonly module?: "torch" | "jax";
  /** Measured only where it is asked for by name. */
  readonly onDemand?: boolean;
}

const serve = join(import.meta.dirname, "serve.ts");
const pythonFile = join(import.meta.dirname, "peers/python.py");

/** A process of the Node that runs this, with the loader of TypeScript that this one has. */
const node = (flags: readonly string[], ...rest: readonly string[]): readonly string[] => [
  process.execPath,
  ...process.execArgv,
  ...flags,
  serve,
  ...rest,
];

/** All peers; those in Python run by the given interpreter. */
export function peerRows(python: string): readonly PeerRow[] {
  const inPython = (
    module: "torch" | "jax",
    threads: number,
  ): Pick<PeerRow, "command" | "ours" | "module"> => ({
    command: [python, pythonFile, module, String(threads)],
    ours: false,
    module,
  });
  const script = (id: string, title: string, ...rest: readonly string[]): PeerRow => ({
    id,
    title,
    command: node([], ...rest),
    ours: rest[0] === "wengert",
  });
  return [
    script("wengert", "Wengert, 1 thread", "wengert", "1"),
    script("wengert-2", "Wengert, 2 threads", "wengert", "2"),
    { ...script("wengert-turbo", "Wengert, 1 thread, turbo", "wengert", "1", "turbo"), onDemand: true },
    { ...script("wengert-2-turbo", "Wengert, 2 threads, turbo", "wengert", "2", "turbo"), onDemand: true },
    { ...script("reference", "Wengert, reference engine", "wengert", "0"), onDemand: true },
    script("jax-js", "jax-js, wasm", "jax-js", "rows"),
    script("jax-js-columns", "jax-js, wasm, columns", "jax-js", "columns"),
    script("tfjs", "TensorFlow.js, wasm", "tfjs", "wasm"),
    script("tfjs-cpu", "TensorFlow.js, cpu", "tfjs", "cpu"),
    { id: "pytorch", title: "PyTorch, 1 thread", ...inPython("torch", 1) },
    { id: "pytorch-2", title: "PyTorch, 2 threads", ...inPython("torch", 2) },
    { id: "jax", title: "JAX, 1 thread", ...inPython("jax", 1) },
    { id: "jax-2", title: "JAX, all cores", ...inPython("jax", 0) },
  ];
}

/** Whether the interpreter has a module. */
function pythonHas(python: string, module: string): boolean {
  try {
    execFileSync(python, ["-c", `import ${module}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Refuses a name that no peer has. */
export function requirePeers({ python, peers }: Options): void {
  const names = peerRows(python).map(({ id }) => id);
  const stray = peers.find((name) => !names.includes(name));
  if (stray !== undefined) throw new Error(`--peers: must be of ${names.join(", ")}, got ${stray}`);
}

/**
 * The peers to measure: those named, or all that are here and not on demand. Ours comes first in any case, as the
 * others are compared with it.
 */
export function chosenPeers(
  python: string,
  named: readonly string[],
  note: (line: string) => void,
): PeerRow[] {
  const rows = peerRows(python);
  const here = new Map<string, boolean>();
  return rows.filter(({ id, module, onDemand = false }, place) => {
    if (place === 0) return true;
    if (named.length > 0 ? !named.includes(id) : onDemand) return false;
    if (module === undefined) return true;
    if (!here.has(module)) here.set(module, pythonHas(python, module));
    const found = here.get(module) === true;
    if (!found && named.length > 0)
      throw new Error(`--peers: ${python} has no ${module}; see bench/README.md`);
    if (!found) note(`${id} is left out: ${python} has no ${module}`);
    return found;
  });
}
