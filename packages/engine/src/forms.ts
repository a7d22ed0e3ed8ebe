// A graph and its programs: one is made for sizes that none of them serves, and kept while it is among those that were
// used last. Sizes that a program learns when it runs are served from half of the largest on.

import { compile, loopDimensions, type Features } from "@wengert/compiler";
import { feedsOf, type Graph, type GraphNode, type Sizes } from "@wengert/tensor";
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
   * The form for the sizes.
   * @throws InputError when a size is missing; CompileError when the graph cannot be compiled.
   */
  of(sizes: Sizes): Form;
}

/** The forms of a graph; without names of sizes there is one, which is compiled here. */
export function formsOf(context: Context, document: Graph): Forms {
  const dimensions = namedDimensions(document);
  let programs: readonly Served[] = [];
  let loops: readonly string[] | undefined;
  const of = (sizes: Sizes): Form => {
    loops ??= loopsOf(context, document, dimensions);
    const known = programs.findLast((each) => serves(each, sizes, dimensions));
    // Along a dimension of size 1 there is no loop.
    const bounds = loops.filter((name) => sizes[name]! > 1);
    const used = known ?? { sizes, ...compiled(context, document, { sizes, bounds }) };
    // To the end: what is used stays.
    if (used !== programs.at(-1))
      programs = [...programs.filter((each) => each !== used), used].slice(-mostPrograms);
    return { loaded: used, counts: used.program.bounds.map(({ dimension }) => sizes[dimension]!) };
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

/** A program, and the sizes that it was made for. */
interface Served extends Loaded {
  readonly sizes: Sizes;
}

/** Programs of a graph that are kept. */
const mostPrograms = 32;

/**
 * Whether a program is one for the sizes. Those that it learns when it runs are at least half of the largest, so that it has
 * no more than twice the memory that they need, and chunks for all threads.
 */
function serves({ program, sizes: own }: Served, sizes: Sizes, dimensions: readonly string[]): boolean {
  return dimensions.every((name) => {
    const bound = program.bounds.find(({ dimension }) => dimension === name);
    const size = sizes[name]!;
    return bound === undefined
      ? size === own[name]
      : size > 1 && size <= bound.most && 2 * size >= own[name]!;
  });
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
  return { program, module: compileModule(program.bytes) };
}
