// The WebAssembly engine: graphs compiled for the sizes they meet, run in one memory, parameters resident.

import {
  bindValues,
  feedsOf,
  InputError,
  CompileError,
  copyArray,
  type Arrays,
  type Engine,
  type Graph,
  type GraphNode,
  type NdArray,
  type Program,
  type Resident,
  type RunOptions,
  type RunResult,
  type Sizes,
  type Values,
} from "@wengert/tensor";
import { compile, type CompiledProgram, type Features } from "@wengert/compiler";
import { profileOf, type KernelProfile } from "./profile.ts";
import { measureRoof } from "./roof.ts";
import { createSpace, type Loaded, type Space } from "./space.ts";
import { detectPlatform, type Platform } from "./platform.ts";
import { threadPool, type PoolStatus, type ThreadPool } from "./pool.ts";

/** How the engine runs. */
export interface WasmEngineOptions {
  /** Threads that share the work, the calling one included; default `"auto"`, as many as the machine runs at once. */
  readonly threads?: number | "auto";
  /** Instructions beyond the standard; default `"auto"`, what the platform has. `"standard"` uses none. */
  readonly features?: "auto" | "standard";
  /** V8's experimental 256-bit vectors, for the whole process; default false. Only on Node from 24. */
  readonly turbo?: boolean;
  /** Whether every kernel's time is measured; see `profile` of a program. Default false. */
  readonly profile?: boolean;
  /** Whether every buffer is surrounded by bytes that are checked after each run. Default false. */
  readonly debug?: boolean;
}

/** The WebAssembly engine and what it found. */
export interface WasmEngine extends Engine {
  compile(graph: Graph): Promise<WasmProgram>;
  /** Threads that take part, and what went wrong with others. */
  status(): PoolStatus & { readonly features: Features };
  /** Resolves when all threads have started; nobody needs to wait. */
  ready(): Promise<void>;
  /** Ends the threads; programs go on without them. */
  close(): void;
}

/** A program of the WebAssembly engine. */
export interface WasmProgram extends Program {
  run(values: Values, options?: RunOptions): RunResult;
  bind(state: Values): WasmResident;
  /** The compiled form for sizes of the named dimensions: kernels, plan, bytes. */
  compiled(sizes?: Sizes): CompiledProgram;
}

/** A program with its parameters in memory. */
export interface WasmResident extends Resident {
  /** Outputs as copies, or with `views` in place: valid until the next run. */
  run(inputs: Values, options?: { readonly views?: boolean }): Arrays;
  /**
   * An input's place in memory for the given sizes: write it, hand it to `run` as the value, and nothing is copied.
   * Valid until the program runs for other sizes, or another view is asked for with them.
   */
  inputView(name: string, sizes?: Sizes): NdArray;
  /**
   * How long every kernel takes, against what this machine can do: of the program for the sizes of the last run.
   * @throws InputError when the engine was not told to measure, or nothing has run.
   */
  profile(): readonly KernelProfile[];
}

/**
 * The WebAssembly engine: a graph becomes one module, compiled once for every binding of its named dimensions.
 * @throws CompileError when the platform has no SIMD.
 * @example
 * ```ts
 * import { wasmEngine } from "@wengert/engine";
 * import { graph, input, parameter, matmul } from "@wengert/tensor";
 *
 * const program = await wasmEngine().compile(graph(matmul(parameter("W", [1, 2]), input("X", [2, "m"]))));
 * const resident = program.bind({ W: [[1, 2]] });
 * console.log(resident.run({ X: [[1, 2, 3], [4, 5, 6]] }).output.data.join(" "));
 * ```
 * ```text
 * 9 12 15
 * ```
 */
export function wasmEngine(options: WasmEngineOptions = {}): WasmEngine {
  requireOptions(options);
  const platform = detectPlatform({ turbo: options.turbo ?? false });
  if (!platform.simd) throw new CompileError("wasmEngine: the platform must have WebAssembly SIMD, got none");
  const threads = threadsOf(options, platform);
  let pool: ThreadPool | undefined;
  const context: Context = {
    options,
    platform,
    threads,
    features: options.features === "standard" ? { relaxed: false, wide: false } : platform.features,
    pool: () => (pool ??= threadPool(threads - 1)),
  };
  return {
    name: "wasm",
    compile: (document) => Promise.resolve().then(() => programOf(context, document)),
    status: () => ({ ...context.pool().status(), features: context.features }),
    ready: () => context.pool().ready(),
    close: () => pool?.close(),
  };
}

interface Context {
  readonly options: WasmEngineOptions;
  readonly platform: Platform;
  readonly threads: number;
  readonly features: Features;
  readonly pool: () => ThreadPool;
}

/** What each option may be. */
const choices: Readonly<Record<keyof WasmEngineOptions, readonly unknown[] | "number">> = {
  threads: "number",
  features: ["auto", "standard"],
  turbo: [true, false],
  profile: [true, false],
  debug: [true, false],
};

function requireOptions(options: WasmEngineOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const allowed = Object.hasOwn(choices, name) ? choices[name as keyof WasmEngineOptions] : undefined;
    if (allowed === undefined) {
      throw new InputError(`wasmEngine: options are ${Object.keys(choices).join(", ")}, got ${name}`);
    }
    if (allowed !== "number" && value !== undefined && !allowed.includes(value))
      throw new InputError(`wasmEngine: ${name} must be ${allowed.join(" or ")}, got ${String(value)}`);
  }
}

function threadsOf({ threads = "auto" }: WasmEngineOptions, platform: Platform): number {
  if (threads !== "auto" && !(Number.isInteger(threads) && threads >= 1 && threads <= 64))
    throw new InputError(
      `wasmEngine: threads must be a whole number from 1 to 64 or "auto", got ${String(threads)}`,
    );
  if (!platform.threads) return 1;
  return threads === "auto" ? Math.min(platform.parallelism, 16) : threads;
}

interface Compiling {
  readonly context: Context;
  readonly document: Graph;
  readonly feeds: Readonly<Record<string, GraphNode>>;
  readonly parameters: readonly string[];
  readonly inputs: readonly string[];
  readonly dimensions: readonly string[];
  readonly loaded: Map<string, Loaded>;
}

function programOf(context: Context, document: Graph): WasmProgram {
  const [inputs, parameters] = [feedsOf(document, "input"), feedsOf(document, "parameter")];
  const feeds = { ...inputs, ...parameters };
  const compiling: Compiling = {
    context,
    document,
    feeds,
    parameters: Object.keys(parameters),
    inputs: Object.keys(inputs),
    dimensions: namedDimensions(document),
    loaded: new Map(),
  };
  // Without names there is one form, and its errors come at once.
  if (compiling.dimensions.length === 0) load(compiling, {});
  let space: Space | undefined;
  const runOnce = (form: Loaded, arrays: Arrays): RunResult => {
    space ??= createSpace(form, context.pool());
    space.enter(form);
    space.write(Object.keys(feeds), arrays);
    space.step();
    return { outputs: space.outputs(false), updates: space.parameters(form.program.updates) };
  };
  const run = (values: Values, options: RunOptions = {}): RunResult => {
    const { arrays, sizes } = bindValues(feeds, values, options.sizes);
    const form = load(compiling, sizes);
    const { threads } = context.pool().status();
    try {
      return runOnce(form, arrays);
    } catch (error) {
      // Nothing is kept between runs: where threads were lost, those that are left begin again in a new memory.
      if (context.pool().status().threads === threads) throw error;
      space = undefined;
      return runOnce(form, arrays);
    }
  };
  return {
    run,
    bind: (state) => residentOf(compiling, inputs, bindValues(parameters, state)),
    compiled: (sizes = {}) => load(compiling, sizes).program,
  };
}

function namedDimensions({ nodes }: Graph): readonly string[] {
  const names = new Set<string>();
  for (const id of Object.keys(nodes)) {
    const { shape, primitive, attributes } = nodes[id]!;
    for (const dim of shape) if (typeof dim === "string") names.add(dim);
    const dimension = primitive === "size" ? attributes["dimension"] : undefined;
    if (typeof dimension === "string") names.add(dimension);
  }
  return [...names].toSorted();
}

/** The compiled form for the sizes, made when they are first met. */
function load({ context, document, dimensions, loaded }: Compiling, sizes: Sizes): Loaded {
  const key = dimensions.map((name) => sizes[name]).join(",");
  const known = loaded.get(key);
  if (known !== undefined) {
    // To the end: what is used stays.
    loaded.delete(key);
    loaded.set(key, known);
    return known;
  }
  const program = compile(document, {
    sizes,
    features: context.features,
    threads: context.threads,
    blocking: context.platform.blocking,
    profile: context.options.profile ?? false,
    guard: context.options.debug === true ? guardBytes : 0,
  });
  const fresh = { program, module: new WebAssembly.Module(program.bytes) };
  loaded.set(key, fresh);
  forgetOldest(loaded);
  return fresh;
}

const guardBytes = 64;

/** Forms of a program that are kept, each for other sizes: those that were used last. */
const mostForms = 32;

function forgetOldest(loaded: Map<string, Loaded>): void {
  const oldest = loaded.size > mostForms ? loaded.keys().next().value : undefined;
  if (oldest !== undefined) loaded.delete(oldest);
}

function residentOf(
  compiling: Compiling,
  inputFeeds: Readonly<Record<string, GraphNode>>,
  state: ReturnType<typeof bindValues>,
): WasmResident {
  const { context, parameters, inputs } = compiling;
  let space: Space | undefined;
  // Copies, for the caller may write into the arrays; let go of when they are in memory.
  let begun = copies(parameters, state.arrays);
  const formFor = (sizes: Sizes): Loaded => load(compiling, { ...state.sizes, ...sizes });
  const enter = (form: Loaded): Space => {
    if (space === undefined) {
      space = createSpace(form, context.pool());
      space.write(parameters, begun);
      begun = {};
    } else space.enter(form);
    return space;
  };
  return {
    run(values, options = {}) {
      const stray = parameters.find((name) => Object.hasOwn(values, name));
      if (stray !== undefined)
        throw new InputError(`run: a resident keeps its parameters, got a value for ${stray}`);
      const { arrays, sizes } = bindValues(inputFeeds, values, state.sizes);
      const form = formFor(sizes);
      const kept = space === undefined ? arrays : space.kept(form, arrays);
      const entered = enter(form);
      entered.write(inputs, kept);
      entered.step();
      return entered.outputs(options.views ?? false);
    },
    state: () => (space === undefined ? copies(parameters, begun) : space.parameters(parameters)),
    profile: () => profiled(context, space),
    inputView(name, sizes = {}) {
      requirePlace(inputs, name, { sizes, bound: state.sizes, dimensions: compiling.dimensions });
      return enter(formFor(sizes)).place(name);
    },
  };
}

interface Asked {
  readonly sizes: Sizes;
  readonly bound: Sizes;
  readonly dimensions: readonly string[];
}

function requirePlace(inputs: readonly string[], name: string, { sizes, bound, dimensions }: Asked): void {
  if (!inputs.includes(name)) {
    throw new InputError(`inputView: an input of the graph has a place, got ${name}`, {
      help: `the graph has: ${inputs.join(", ") || "none"}`,
    });
  }
  for (const [dim, size] of Object.entries(sizes)) {
    if (!Number.isSafeInteger(size) || size < 0)
      throw new InputError(`inputView: sizes are whole numbers from 0, got ${size} for ${dim}`);
    if (!dimensions.includes(dim))
      throw new InputError(
        `inputView: the graph has the dimensions ${dimensions.join(", ") || "none"}, got ${dim}`,
      );
    if ((bound[dim] ?? size) !== size)
      throw new InputError(`inputView: ${dim} is ${bound[dim]} in the parameters, got ${size}`);
  }
}

function profiled({ options, features }: Context, space: Space | undefined): readonly KernelProfile[] {
  if (options.profile !== true) {
    throw new InputError("profile: the engine must measure, got one that does not", {
      help: "wasmEngine({ profile: true })",
    });
  }
  if (space === undefined || space.times().runs === 0)
    throw new InputError("profile: the program must have run, got no run yet");
  return profileOf(space.program(), { ...space.times(), roof: measureRoof(features) });
}

function copies(names: readonly string[], arrays: Arrays): Arrays {
  return Object.fromEntries(names.map((name) => [name, copyArray(arrays[name]!)]));
}
