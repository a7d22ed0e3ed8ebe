// A graph and its programs, one for each binding of its named dimensions but those whose number it learns when it runs:
// made when sizes are first met, and kept while they are among those that were used last.

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
  const programs = new Map<string, Loaded>();
  let loops: readonly string[] | undefined;
  const of = (sizes: Sizes): Form => {
    loops ??= loopsOf(context, document, dimensions);
    const bound = loops;
    const key = dimensions.map((name) => (bound.includes(name) ? "" : sizes[name])).join(",");
    const known = programs.get(key);
    const loaded =
      known !== undefined && fits(known, sizes)
        ? known
        : compiled(context, document, { sizes: roomFor(sizes, known), bounds: bound });
    // To the end: what is used stays.
    programs.delete(key);
    programs.set(key, loaded);
    forgetOldest(programs);
    return { loaded, counts: loaded.program.bounds.map(({ dimension }) => sizes[dimension]!) };
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

function fits({ program }: Loaded, sizes: Sizes): boolean {
  return program.bounds.every(({ dimension, most }) => sizes[dimension]! <= most);
}

/** Rows by which a program has more room than its predecessor, at most: memory is not wasted on what may never come. */
const mostGrowth = 65_536;

/** The sizes, and where a program had too little room, about twice as much. */
function roomFor(sizes: Sizes, known: Loaded | undefined): Sizes {
  const rooms = known?.program.bounds.map(({ dimension, most }): [string, number] => {
    const size = sizes[dimension]!;
    return [dimension, size <= most ? most : Math.max(size, Math.min(2 * most, most + mostGrowth))];
  });
  return { ...sizes, ...Object.fromEntries(rooms ?? []) };
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

/** Programs of a graph that are kept, each for other sizes. */
const mostForms = 32;

function forgetOldest(loaded: Map<string, Loaded>): void {
  const oldest = loaded.size > mostForms ? loaded.keys().next().value : undefined;
  if (oldest !== undefined) loaded.delete(oldest);
}
