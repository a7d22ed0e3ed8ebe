// How a graph is compiled, and the refusal of everything else.

import {
  dimensionsOf,
  InputError,
  requireKnownFields,
  requireSizes,
  shownValue,
  type Graph,
  type Sizes,
} from "@wengert/tensor";
import { mostThreads } from "./limits.ts";
import { requireLoopDimensions } from "./loop-dimensions.ts";
import type { Features } from "./wasm/code.ts";

/** How a graph is compiled. */
export interface CompileOptions {
  /** The number of every named dimension. */
  readonly sizes?: Sizes;
  /**
   * Dimensions of `loopDimensions` whose number the program is to learn when it runs, instead of here: it has room for
   * the one of `sizes` at least, unless that is small. Default none.
   */
  readonly bounds?: readonly string[];
  /** What the platform can do; default nothing beyond the standard. */
  readonly features?: Features;
  /** Threads that share the work; above 1 the memory is shared. Default 1. */
  readonly threads?: number;
  /** Whether the thread that runs the program may sleep; the main thread of a page may not. Default false. */
  readonly blocking?: boolean;
  /** Whether every kernel's time is added up. Default false. */
  readonly profile?: boolean;
  /** Bytes kept free around every buffer. Default 0. */
  readonly guard?: number;
  /** Told what each step gave, with its time in milliseconds. */
  readonly onStep?: (step: StepReport) => void;
  /** The clock for the reports, in milliseconds; default none, and times are 0. */
  readonly now?: () => number;
}

/** The name of a step of the compiler. */
export type StepName =
  | "expand"
  | "bindSizes"
  | "optimise"
  | "fuse"
  | "keepCostly"
  | "splitFolds"
  | "updateInPlace"
  | "plan"
  | "lower"
  | "assemble";

/** What one step did. */
export interface StepReport {
  readonly name: StepName;
  readonly milliseconds: number;
  /** The result as text, written when it is asked for. */
  readonly text: () => string;
}

const optionNames = [
  "sizes",
  "bounds",
  "features",
  "threads",
  "blocking",
  "profile",
  "guard",
  "onStep",
  "now",
] as const satisfies readonly (keyof CompileOptions)[];

/** @throws InputError when an option is unknown, or not what it may be. */
export function requireOptions(document: Graph, options: CompileOptions): void {
  requireKnownFields("compile", options, optionNames);
  const {
    sizes = {},
    threads = 1,
    bounds = [],
    guard = 0,
    features,
    blocking,
    profile,
    onStep,
    now,
  } = options;
  requireKnownFields("compile: features", features, ["relaxed", "wide"]);
  requireKinds("boolean", { relaxed: features?.relaxed, wide: features?.wide, blocking, profile });
  requireKinds("function", { onStep, now });
  // Less than nothing between buffers would lay one over the other.
  if (!Number.isInteger(guard) || guard < 0)
    throw new InputError(`compile: guard must be a whole number from 0, got ${shownValue(guard)}`);
  requireSizes("compile", sizes, dimensionsOf(document));
  if (!Number.isInteger(threads) || threads < 1 || threads > mostThreads)
    throw new InputError(
      `compile: threads is a whole number from 1 to ${mostThreads}, got ${shownValue(threads)}`,
    );
  requireLoopDimensions(document, bounds);
}

function requireKinds(kind: "boolean" | "function", given: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(given))
    if (value !== undefined && typeof value !== kind)
      throw new InputError(`compile: ${name} must be a ${kind}, got ${shownValue(value)}`);
}
