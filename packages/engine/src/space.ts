// One memory and the programs that run in it: those of one graph for different sizes. Parameters lie at the same place
// for all of them, so the state survives a change of sizes; everything else is written anew when another takes its turn.

import { readFailure, type CompiledProgram, type IndexUse } from "@wengert/compiler";
import { CompileError, copyArray, InputError, type Arrays, type NdArray, type Sizes } from "@wengert/tensor";
import { createMemory, growMemory, pageBytes, view } from "./memory.ts";
import { fillGuards, findStrayWrite } from "./guards.ts";
import { instanceOf } from "./instance.ts";
import type { Runner, ThreadPool } from "./pool.ts";
import {
  portsOf,
  readOutputs,
  readParameters,
  refreshPorts,
  savedParameters,
  setCounts,
  writeFeeds,
  type Ports,
} from "./ports.ts";

/** A compiled program and its module, and the sizes that it was compiled for. */
export interface Loaded {
  readonly sizes: Sizes;
  readonly program: CompiledProgram;
  readonly module: WebAssembly.Module;
}

/** A program as it is to run: with the sizes of the dimensions that it learns when it runs, in the order of its bounds. */
export interface Form {
  readonly loaded: Loaded;
  readonly counts: readonly number[];
}

/** A memory with the programs that share its parameters. Everything but `enter` and `kept` is of the one that runs. */
export interface Space {
  /** Makes a program the one that runs. @throws CompileError when there is no memory for it; nothing has changed then. */
  enter(form: Form): void;
  /** The values as they can be written after another program has entered: those in this memory as copies. */
  kept(loaded: Loaded, values: Arrays): Arrays;
  /** Writes the values of inputs or parameters; an array that lies there already stays. */
  write(names: readonly string[], values: Arrays): void;
  /**
   * Runs the program once.
   * @throws InputError when an index is out of range, CompileError when a kernel wrote outside of its buffers: the
   * parameters are then as before. CompileError when a thread failed: the space is broken then.
   */
  step(): void;
  /** Whether a step has ended in its middle: the memory is of no use, and everything else here throws that step's error. */
  isBroken(): boolean;
  /** Copies of outputs, or views that are valid until the next run, or another program has its turn. */
  outputs(asViews: boolean): Arrays;
  /** Copies of parameters of the given names. */
  parameters(names: readonly string[]): Arrays;
  /** The program that runs. */
  loaded(): Loaded;
  /** The nanoseconds of every kernel since the program first ran, and its runs. */
  times(): { readonly nanoseconds: Float64Array; readonly runs: number };
  /** The place of an input or parameter, to be written directly. */
  place(name: string): NdArray;
}

/** A program that has entered. */
interface Entered {
  readonly loaded: Loaded;
  readonly ports: Ports;
  readonly runner: Runner;
  /** What its updated parameters were before a run that may be undone; made at the first one, and used again. */
  before: Arrays | undefined;
  /** Of its kernels while another program runs, since all keep their times in one place. */
  nanoseconds: Float64Array;
  runs: number;
}

interface State {
  readonly memory: WebAssembly.Memory;
  /** What `memory.buffer` has been: threads' memory can still be seen through all of them. */
  readonly buffers: WeakSet<ArrayBufferLike>;
  readonly pool: ThreadPool;
  readonly known: Map<Loaded, Entered>;
  current: Entered | undefined;
  failure: CompileError | undefined;
}

const mostPages = 65_536;
/** Programs that a memory remembers: those that entered last for the first time. */
const mostPrograms = 32;

/**
 * A memory for a first program, and for others of the same graph.
 * @throws CompileError when there is no memory for it.
 */
export function createSpace(first: Form, pool: ThreadPool): Space {
  const memory = createMemory({
    pages: Math.max(1, pagesOf(first.loaded)),
    maximumPages: mostPages,
    shared: first.loaded.program.threads > 1,
  });
  const buffers = new WeakSet([memory.buffer]);
  const state: State = { memory, buffers, pool, known: new Map(), current: undefined, failure: undefined };
  enter(state, first);
  return {
    enter: (form) => enter(state, form),
    kept: (loaded, values) => keptValues(state, loaded, values),
    write: (names, values) => write(state, names, values),
    step: () => step(state),
    isBroken: () => state.failure !== undefined,
    outputs: (asViews) => readOutputs(current(state).ports, asViews),
    parameters: (names) => readParameters(current(state).ports, names),
    loaded: () => current(state).loaded,
    times: () => ({ nanoseconds: timesIn(current(state)).slice(), runs: current(state).runs }),
    place: (name) => current(state).ports.feeds.get(name)!,
  };
}

function pagesOf({ program }: Loaded): number {
  return Math.ceil(program.memoryBytes / pageBytes);
}

function current({ current: entered, failure }: State): Entered {
  if (failure !== undefined) throw failure;
  if (entered === undefined) throw new CompileError("bug: no program has entered the memory");
  refreshPorts(entered.ports);
  return entered;
}

function enter(state: State, { loaded, counts }: Form): void {
  if (state.current?.loaded !== loaded) exchange(state, loaded);
  else if (counts === state.current.ports.counts) return;
  setCounts(state.current!.ports, counts);
}

/** Gives a program its turn. */
function exchange(state: State, loaded: Loaded): void {
  const { memory } = state;
  const entering = state.known.get(loaded) ?? firstEntry(state, loaded);
  if (state.current !== undefined) state.current.nanoseconds = timesIn(state.current).slice();
  state.current = entering;
  for (const { address, value } of loaded.program.constants) {
    const { dtype, data } = value;
    view(memory, dtype, { address, length: data.length }).set(data);
  }
  if (loaded.program.plan.guard > 0) fillGuards(memory, loaded.program);
  timesIn(entering).set(entering.nanoseconds);
}

function firstEntry({ memory, buffers, pool, known }: State, loaded: Loaded): Entered {
  growMemory(memory, pagesOf(loaded));
  buffers.add(memory.buffer);
  const runner = pool.runner(instanceOf(loaded.module, memory));
  const nanoseconds = new Float64Array(timesLength(loaded));
  const ports = portsOf(loaded, memory);
  const entered = { loaded, ports, runner, before: undefined, nanoseconds, runs: 0 };
  known.set(loaded, entered);
  const oldest = known.size > mostPrograms ? known.keys().next().value : undefined;
  if (oldest !== undefined) known.delete(oldest);
  return entered;
}

function timesLength({ program }: Loaded): number {
  return program.profileAddress === undefined ? 0 : program.kernels.kernels.length;
}

/** Where the running program adds up its times. */
function timesIn({ loaded, ports }: Entered): Float64Array {
  const address = loaded.program.profileAddress ?? 0;
  return new Float64Array(ports.memory.buffer, address, timesLength(loaded));
}

function write(state: State, names: readonly string[], values: Arrays): void {
  writeFeeds(current(state).ports, names, { values, inside: state.buffers });
}

/** Values that stay when another program takes its turn: copies of those that lie in this memory. */
function keptValues({ buffers, current: entered }: State, loaded: Loaded, values: Arrays): Arrays {
  if (entered?.loaded === loaded) return values;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      buffers.has(value.data.buffer) ? copyArray(value) : value,
    ]),
  );
}

/** Indices that are given are looked at before anything changes; what else is wrong is known afterwards, and undone. */
function step(state: State): void {
  const entered = current(state);
  const { loaded, ports, runner } = entered;
  const { indexUses, plan, updates } = loaded.program;
  for (const use of indexUses) if (use.feed !== undefined) requireInRange(ports.feeds.get(use.feed)!, use);
  const isComputed = indexUses.some(({ feed }) => feed === undefined);
  const isGuarded = plan.guard > 0;
  if (isComputed || isGuarded) entered.before = savedParameters(ports, updates, entered.before);
  entered.runs++;
  try {
    runner.step();
  } finally {
    state.failure = runner.failure();
  }
  const wrongIndex = isComputed ? takeWrongIndex(state.memory, loaded.program) : undefined;
  const wrong = (isGuarded ? findStrayWrite(state.memory, loaded.program) : undefined) ?? wrongIndex;
  if (wrong === undefined) return;
  write(state, updates, entered.before!);
  throw wrong;
}

function requireInRange({ data }: NdArray, use: IndexUse): void {
  for (let i = 0; i < data.length; i++) {
    const index = data[i]!;
    if (index < 0 || index >= use.size) throw outOfRange(use, i, index);
  }
}

/** The error of an index that was computed out of range, where there is one; it is forgotten in memory. */
function takeWrongIndex(
  memory: WebAssembly.Memory,
  { failureAddress, indexUses }: CompiledProgram,
): InputError | undefined {
  const block = new Int32Array(memory.buffer, failureAddress, 4);
  const failure = readFailure(block);
  if (failure === undefined) return undefined;
  block.fill(0);
  const { kernel, position, index } = failure;
  const use = indexUses.find((each) => each.kernel === kernel)!;
  return outOfRange(use, position, use.unsigned ? index >>> 0 : index);
}

function outOfRange(
  { primitive, node, inputs, size }: IndexUse,
  position: number,
  index: number,
): InputError {
  const range = size === 0 ? "there are none to pick from" : `indices must be from 0 to ${size - 1}`;
  return new InputError(`${primitive}: ${range}, got ${index} at position ${position}`, {
    context: [`node   ${node} = ${primitive}(${inputs.join(", ")})`],
  });
}
