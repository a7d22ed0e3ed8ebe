// A graph and its programs: one is made for sizes that none of them serves, and kept while it is among those that were
// used last. Sizes that a program learns when it runs are served from half of the largest on.

import { compile, loopDimensions, type Features } from "@wengert/compiler";
import { dimensionsOf, feedsOf, type Graph, type GraphNode, type Sizes } from "@wengert/tensor";
import type { WasmEngineOptions } from "./engine-options.ts";
import { compileModule } from "./instance.ts";
import type { Platform } from "./platform.ts";
import type { ThreadPool } from "./pool.ts";
import type { Form, Loaded } from "./space.ts";

/** What all programs of an engine share. */
export interface Context {
  readonly options: WasmEngineOptions;
  readonly platform: Platform;
  readonly threads: number;
  readonly features: Features;
  readonly pool: ThreadPool;
}

/** A graph, ready to be compiled for any sizes. */
export interface Forms {
  readonly inputs: Readonly<Record<string, GraphNode>>;
  readonly parameters: Readonly<Record<string, GraphNode>>;
  /** Names of the dimensions that need a size. */
  readonly dimensions: readonly string[];
  /**
   * The form for the sizes: of the given program where it serves them, so that views of its memory stay what they are.
   * @throws InputError when a size is missing; CompileError when the graph cannot be compiled.
   */
  of(sizes: Sizes, current?: Loaded): Form;
}

/** The forms of a graph; without names of sizes there is one, which is compiled here. */
export function formsOf(context: Context, document: Graph): Forms {
  const dimensions = dimensionsOf(document);
  let programs: readonly Loaded[] = [];
  let loops: readonly string[] | undefined;
  let last: { readonly form: Form; readonly sizes: Sizes } | undefined;
  const of = (sizes: Sizes, current?: Loaded): Form => {
    // Most runs are for the sizes of the one before.
    const isAsBefore = last !== undefined && (current ?? last.form.loaded) === last.form.loaded;
    if (isAsBefore && dimensions.every((name) => sizes[name] === last!.sizes[name])) return last!.form;
    loops ??= loopsOf(context, document, dimensions);
    const serving = (each: Loaded): boolean => serves(each, sizes, dimensions);
    const known = current !== undefined && serving(current) ? current : programs.findLast(serving);
    // A copy: the caller may change what it has handed over.
    const own = { ...sizes };
    const loaded = known ?? compiled(context, document, { sizes: own, bounds: loops });
    // To the end: what is used stays.
    if (loaded !== programs.at(-1))
      programs = [...programs.filter((each) => each !== loaded), loaded].slice(-mostPrograms);
    last = {
      form: { loaded, counts: loaded.program.bounds.map(({ dimension }) => own[dimension]!) },
      sizes: own,
    };
    return last.form;
  };
  if (dimensions.length === 0) of({});
  return {
    inputs: feedsOf(document, "input"),
    parameters: feedsOf(document, "parameter"),
    dimensions,
    of,
  };
}

/** The dimensions whose number programs learn when they run: none where kernels are measured, for all that they do. */
function loopsOf({ options }: Context, document: Graph, dimensions: readonly string[]): readonly string[] {
  return dimensions.length === 0 || options.profile === true ? [] : loopDimensions(document);
}

/** Programs of a graph that are kept. */
const mostPrograms = 32;

/** Whether a program is one for the sizes. */
function serves({ program, sizes: own }: Loaded, sizes: Sizes, dimensions: readonly string[]): boolean {
  return dimensions.every((name) => {
    const bound = program.bounds.find(({ dimension }) => dimension === name);
    const size = sizes[name]!;
    return bound === undefined ? size === own[name] : size >= bound.least && size <= bound.most;
  });
}

const guardBytes = 64;

function compiled(
  { options, features, threads, platform }: Context,
  document: Graph,
  bindings: { readonly sizes: Sizes; readonly bounds: readonly string[] },
): Loaded {
  const program = compile(document, {
    ...bindings,
    features,
    threads,
    blocking: platform.blocking,
    profile: options.profile ?? false,
    guard: options.debug === true ? guardBytes : 0,
  });
  return { program, module: compileModule(program.bytes), sizes: bindings.sizes };
}
