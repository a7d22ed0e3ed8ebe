// One memory and the programs that run in it: those of one graph for different sizes. Parameters lie at the same place
// for all of them, so the state survives a change of sizes; everything else is written anew when another takes its turn.

import type { CompiledProgram, IndexUse, Slot } from "@wengert/compiler";
import {
  arrayFrom,
  bytesPerElement,
  CompileError,
  copyArray,
  InputError,
  type Arrays,
  type NdArray,
} from "@wengert/tensor";
import { copyOut, createMemory, growMemory, pageBytes, view } from "./memory.ts";
import { checkGuards, fillGuards } from "./guards.ts";
import { instanceOf } from "./instance.ts";
import type { Runner, ThreadPool } from "./pool.ts";

/** A compiled program and its module. */
export interface Loaded {
  readonly program: CompiledProgram;
  readonly module: WebAssembly.Module;
}

/** A memory with the programs that share its parameters. */
export interface Space {
  readonly memory: WebAssembly.Memory;
  /** Makes a program the one that runs. */
  enter(loaded: Loaded): void;
  /** The values as they can be written after another program has entered: those in this memory as copies. */
  kept(loaded: Loaded, values: Arrays): Arrays;
  /** Writes the values of inputs or parameters of the running program; an array that lies there already stays. */
  write(names: readonly string[], values: Arrays): void;
  /** Runs the program once. @throws InputError when an index is out of range; the parameters are then as before. */
  step(): void;
  /** Copies of outputs, or views that are valid until the next run. */
  outputs(asViews: boolean): Arrays;
  /** Copies of parameters of the given names. */
  parameters(names: readonly string[]): Arrays;
  /** The program that runs. */
  program(): CompiledProgram;
  /** The nanoseconds of every kernel of the running program since it first ran, and its runs. */
  times(): { readonly nanoseconds: Float64Array; readonly runs: number };
  /** The place of an input or parameter, to be written directly. */
  place(name: string): NdArray;
}

interface Ports {
  readonly loaded: Loaded;
  readonly runner: Runner;
  /** Views by name, made anew when the memory has grown. */
  readonly views: Map<string, NdArray>;
  buffer: ArrayBufferLike;
  runs: number;
}

interface State {
  readonly memory: WebAssembly.Memory;
  readonly pool: ThreadPool;
  readonly known: Map<Loaded, Ports>;
  current: Ports | undefined;
}

const mostPages = 65_536;
/** Programs that a memory remembers: those that entered last for the first time. */
const mostPrograms = 32;

/** A memory for a first program, and for others of the same graph. */
export function createSpace(first: Loaded, pool: ThreadPool): Space {
  const pages = Math.max(1, Math.ceil(first.program.memoryBytes / pageBytes));
  const shared = first.program.threads > 1;
  const memory = createMemory({ pages, maximumPages: mostPages, shared });
  const state: State = { memory, pool, known: new Map(), current: undefined };
  enter(state, first);
  return {
    memory,
    enter: (loaded) => enter(state, loaded),
    kept: (loaded, values) => keptValues(state, loaded, values),
    write: (names, values) => write(current(state), names, values),
    step: () => step(state),
    outputs: (asViews) => outputs(state, asViews),
    parameters: (names) => parameters(state, names),
    program: () => current(state).loaded.program,
    times: () => timesOf(state),
    place: (name) => portOf(current(state), `feed ${name}`),
  };
}

function current(state: State): Ports {
  if (state.current === undefined) throw new CompileError("bug: no program has entered the memory");
  const { memory } = state;
  if (state.current.buffer !== memory.buffer) {
    state.current.views.clear();
    state.current.buffer = memory.buffer;
    fillViews(state.current, memory);
  }
  return state.current;
}

function enter(state: State, loaded: Loaded): void {
  if (state.current?.loaded === loaded) return;
  let ports = state.known.get(loaded);
  if (ports === undefined) {
    growMemory(state.memory, Math.ceil(loaded.program.memoryBytes / pageBytes));
    const runner = state.pool.runner(instanceOf(loaded.module, state.memory));
    ports = { loaded, runner, views: new Map(), buffer: state.memory.buffer, runs: 0 };
    fillViews(ports, state.memory);
    state.known.set(loaded, ports);
    const oldest = state.known.size > mostPrograms ? state.known.keys().next().value : undefined;
    if (oldest !== undefined) state.known.delete(oldest);
  }
  state.current = ports;
  for (const { address, value } of loaded.program.constants) {
    const { dtype, data } = value;
    view(state.memory, dtype, { address, length: data.length }).set(data);
  }
  if (loaded.program.plan.guard > 0) fillGuards(state.memory, loaded.program);
}

function fillViews({ loaded, views }: Ports, memory: WebAssembly.Memory): void {
  const add = (kind: string, slots: Readonly<Record<string, Slot>>): void => {
    for (const [name, { address, bytes, dtype, shape }] of Object.entries(slots)) {
      const data = view(memory, dtype, { address, length: bytes / bytesPerElement(dtype) });
      views.set(`${kind} ${name}`, arrayFrom(data, shape));
    }
  };
  add("feed", loaded.program.feeds);
  add("output", loaded.program.outputs);
}

function portOf({ views }: Ports, name: string): NdArray {
  return views.get(name)!;
}

function write(ports: Ports, names: readonly string[], values: Arrays): void {
  const moving = names.flatMap((name) => {
    const { data } = values[name]!;
    const port = portOf(ports, `feed ${name}`).data;
    if (data.buffer !== port.buffer) return [{ port, data }];
    // Of what lies elsewhere in this memory a copy, since it may be where another value is written first.
    return data.byteOffset === port.byteOffset ? [] : [{ port, data: data.slice() }];
  });
  for (const { port, data } of moving) port.set(data);
}

/** Values that stay when another program takes its turn: copies of those that lie in this memory. */
function keptValues({ memory, current: entered }: State, loaded: Loaded, values: Arrays): Arrays {
  if (entered?.loaded === loaded) return values;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value.data.buffer === memory.buffer ? { ...value, data: value.data.slice() } : value,
    ]),
  );
}

function outputs(state: State, asViews: boolean): Arrays {
  const ports = current(state);
  const result: Record<string, NdArray> = {};
  for (const name in ports.loaded.program.outputs) {
    const port = portOf(ports, `output ${name}`);
    result[name] = asViews ? port : copyArray(port);
  }
  return result;
}

function parameters(state: State, names: readonly string[]): Arrays {
  const { feeds } = current(state).loaded.program;
  return Object.fromEntries(
    names.map((name) => {
      const { address, bytes, dtype, shape } = feeds[name]!;
      const place = { address, length: bytes / bytesPerElement(dtype) };
      return [name, arrayFrom(copyOut(state.memory, dtype, place), shape)];
    }),
  );
}

/** Indices that are given are looked at before anything changes; where a computed one is wrong, updates are undone. */
function step(state: State): void {
  const ports = current(state);
  const { loaded, runner } = ports;
  ports.runs++;
  const { program } = loaded;
  const check = program.plan.guard > 0 ? () => checkGuards(state.memory, program) : () => {};
  for (const use of program.indexUses)
    if (use.feed !== undefined) requireInRange(portOf(ports, `feed ${use.feed}`), use);
  const isComputed = program.indexUses.some(({ feed }) => feed === undefined);
  const before = isComputed ? parameters(state, program.updates) : {};
  runner.step();
  check();
  if (!isComputed) return;
  const failure = new Int32Array(state.memory.buffer, program.failureAddress, 4);
  const [status, kernel, position, index] = failure;
  if (status === 0) return;
  failure.fill(0);
  write(ports, program.updates, before);
  const use = program.indexUses.find((each) => each.kernel === kernel)!;
  throw outOfRange(use, position!, use.unsigned ? index! >>> 0 : index!);
}

function requireInRange({ data }: NdArray, use: IndexUse): void {
  for (let i = 0; i < data.length; i++) {
    const index = data[i]!;
    if (index < 0 || index >= use.size) throw outOfRange(use, i, index);
  }
}

function timesOf(state: State): { nanoseconds: Float64Array; runs: number } {
  const { loaded, runs } = current(state);
  const { profileAddress, kernels } = loaded.program;
  const length = profileAddress === undefined ? 0 : kernels.kernels.length;
  return { nanoseconds: new Float64Array(state.memory.buffer, profileAddress ?? 0, length).slice(), runs };
}

function outOfRange({ primitive, node, size }: IndexUse, position: number, index: number): InputError {
  const range = size === 0 ? "there are none to pick from" : `indices must be from 0 to ${size - 1}`;
  return new InputError(`${primitive}: ${range}, got ${index} at position ${position}`, {
    context: [`node   ${node} = ${primitive}(…)`],
  });
}
