// A graph and its compiled forms, one for each binding of its named dimensions: made when sizes are first met, and
// kept while they are among those that were used last.

import { compile, type Features } from "@wengert/compiler";
import { feedsOf, type Graph, type GraphNode, type Sizes } from "@wengert/tensor";
import type { WasmEngineOptions } from "./engine-options.ts";
import { compileModule } from "./instance.ts";
import type { Platform } from "./platform.ts";
import type { ThreadPool } from "./pool.ts";
import type { Loaded } from "./space.ts";

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
  of(sizes: Sizes): Loaded;
}

/** The forms of a graph; without names of sizes there is one, which is compiled here. */
export function formsOf(context: Context, document: Graph): Forms {
  const dimensions = namedDimensions(document);
  const loaded = new Map<string, Loaded>();
  const of = (sizes: Sizes): Loaded => {
    const key = dimensions.map((name) => sizes[name]).join(",");
    const form = loaded.get(key) ?? compiled(context, document, sizes);
    // To the end: what is used stays.
    loaded.delete(key);
    loaded.set(key, form);
    forgetOldest(loaded);
    return form;
  };
  if (dimensions.length === 0) of({});
  return {
    inputs: feedsOf(document, "input"),
    parameters: feedsOf(document, "parameter"),
    dimensions,
    of,
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

const guardBytes = 64;

function compiled({ options, features, threads, platform }: Context, document: Graph, sizes: Sizes): Loaded {
  const program = compile(document, {
    sizes,
    features,
    threads,
    blocking: platform.blocking,
    profile: options.profile ?? false,
    guard: options.debug === true ? guardBytes : 0,
  });
  return { program, module: compileModule(program.bytes) };
}

/** Forms of a program that are kept, each for other sizes. */
const mostForms = 32;

function forgetOldest(loaded: Map<string, Loaded>): void {
  const oldest = loaded.size > mostForms ? loaded.keys().next().value : undefined;
  if (oldest !== undefined) loaded.delete(oldest);
}
