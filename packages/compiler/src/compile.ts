// The compiler, as the list of its steps: Graph → Kernel → WebAssembly.

import { check, optimise, print, requireDocument, type Graph } from "@wengert/tensor";
import { bindSizes } from "./bind-sizes.ts";
import { buildKernels } from "./build-kernels.ts";
import { requireOptions, type CompileOptions, type StepName } from "./compile-options.ts";
import { describeProgram, type CompiledProgram } from "./compiled-program.ts";
import type { ConductorOptions, KernelCall } from "./conductor.ts";
import { patienceOf } from "./cost.ts";
import { groupNodes } from "./groups.ts";
import { joinModule } from "./join-module.ts";
import { keepCostly } from "./keep-costly.ts";
import type { KernelProgram } from "./kernel.ts";
import { requireMemory, requireTurns } from "./limits.ts";
import { loopBounds, withLoopBounds, type LoopBound } from "./loop-dimensions.ts";
import { expandDefinitions } from "./lowerable.ts";
import { lower } from "./lower.ts";
import { planMemory, type Plan } from "./plan.ts";
import { printPlan } from "./print-plan.ts";
import { printKernels } from "./print-kernels.ts";
import { findSources } from "./sources.ts";
import { splitFolds } from "./split-folds.ts";
import { controlBytes } from "./thread-protocol.ts";
import { updateInPlace } from "./update-in-place.ts";
import { assemble } from "./wasm/assemble.ts";
import type { Features } from "./wasm/code.ts";
import type { WasmModule } from "./wasm/module.ts";
import { printModule } from "./wasm/print.ts";

/** Everything that is known while compiling; steps fill it from top to bottom. */
interface Compilation {
  readonly options: CompileOptions;
  readonly features: Features;
  readonly document: Graph;
  graph: Graph;
  bounds: readonly LoopBound[];
  kernels?: KernelProgram;
  plan?: Plan;
  calls?: readonly KernelCall[];
  module?: WasmModule;
  bytes?: Uint8Array<ArrayBuffer>;
}

interface CompilerStep {
  readonly run: (state: Compilation) => void;
  readonly text: (state: Compilation) => string;
}

/** Where the failure block lies, the bounds of loops, and then the table of times. */
const failureAddress = controlBytes;
const boundsAddress = controlBytes + 16;
const profileAddress = controlBytes + 64;

const graphText = ({ graph }: Compilation): string => print(graph);
const kernelText = ({ kernels }: Compilation): string => printKernels(kernels!);
const moduleText = ({ module }: Compilation): string => printModule(module!);

/** The steps in the order in which they run. */
const steps: Readonly<Record<StepName, CompilerStep>> = {
  expand: {
    run(state) {
      state.graph = expandDefinitions(state.graph);
    },
    text: graphText,
  },
  bindSizes: {
    run(state) {
      const { sizes = {}, bounds = [] } = state.options;
      state.bounds = loopBounds(state.graph, sizes, bounds);
      const rooms = state.bounds.map(({ dimension, most }): [string, number] => [dimension, most]);
      state.graph = bindSizes(state.graph, { ...sizes, ...Object.fromEntries(rooms) });
    },
    text: graphText,
  },
  optimise: {
    run(state) {
      state.graph = optimise(state.graph);
    },
    text: graphText,
  },
  fuse: {
    run(state) {
      const kernels = buildKernels(groupNodes(findSources(state.graph)));
      requireTurns(kernels);
      state.kernels = withLoopBounds(kernels, state.bounds);
    },
    text: kernelText,
  },
  keepCostly: {
    run(state) {
      state.kernels = keepCostly(state.kernels!);
    },
    text: kernelText,
  },
  splitFolds: {
    run(state) {
      state.kernels = splitFolds(state.kernels!);
    },
    text: kernelText,
  },
  updateInPlace: {
    run(state) {
      state.kernels = updateInPlace(state.kernels!);
    },
    text: kernelText,
  },
  plan: {
    run(state) {
      const table = state.options.profile === true ? 8 * mostKernels(state.document) : 0;
      state.plan = planMemory(state.kernels!, {
        base: profileAddress + table,
        guard: state.options.guard ?? 0,
      });
    },
    text: ({ kernels, plan }) => printPlan(kernels!, plan!),
  },
  lower: {
    run(state) {
      const { features, kernels, plan } = state;
      const { threads = 1 } = state.options;
      state.calls = lower(kernels!, plan!, { features, threads, failureAddress, boundsAddress });
      requireMemory(kernels!, plan!, memoryBytesOf(state));
      state.module = joinModule(state.calls, {
        ...conductorOptions(state),
        memoryBytes: memoryBytesOf(state),
      });
    },
    text: moduleText,
  },
  assemble: {
    run(state) {
      state.bytes = assemble(state.module!);
    },
    text: ({ bytes }) => `${bytes!.length} bytes`,
  },
};

/** The names of the compiler's steps, in order. */
export const stepNames: readonly StepName[] = Object.freeze(Object.keys(steps) as StepName[]);

/**
 * More kernels than the document can need, for any sizes: how many they are depends on these, and what lies behind the
 * table of times must not. A node is at most zeros and a copy of each operand, dense or into its place.
 */
function mostKernels({ nodes, outputs, updates }: Graph): number {
  const ofNodes = Object.keys(nodes).reduce((sum, id) => sum + 2 + 2 * nodes[id]!.inputs.length, 0);
  return ofNodes + Object.keys(outputs).length + 2 * Object.keys(updates).length;
}

/**
 * Bytes between the scratches of two threads. Processors read on beyond what a thread reads, ahead of need: at the end of its
 * scratch they would take from another thread what that writes all the time.
 */
const scratchGap = 8192;

function scratchBytesOf({ calls, options }: Compilation): number {
  const most = calls!.reduce((bytes, { code }) => Math.max(bytes, code.scratchBytes), 0);
  const gap = most > 0 && (options.threads ?? 1) > 1 ? scratchGap : 0;
  return Math.ceil(most / 64) * 64 + gap;
}

function memoryBytesOf(state: Compilation): number {
  return state.plan!.end + scratchBytesOf(state) * (state.options.threads ?? 1);
}

function conductorOptions(state: Compilation): ConductorOptions {
  const { options, features, kernels, plan } = state;
  return {
    features,
    workers: (options.threads ?? 1) > 1,
    blocking: options.blocking ?? false,
    patience: patienceOf(kernels!),
    scratchBase: plan!.end,
    scratchBytes: scratchBytesOf(state),
    ...(options.profile === true ? { profile: { address: profileAddress } } : {}),
  };
}

/**
 * Compiles a graph to a WebAssembly module that runs it whole.
 * @param document a well-formed graph, as `check` finds it
 * @throws InputError when a named dimension has no size; CompileError when the graph cannot be compiled; GraphError when it
 * is not well formed, as far as that is noticed.
 */
export function compile(document: Graph, options: CompileOptions = {}): CompiledProgram {
  requireDocument("compile", document);
  orCheck(document, () => requireOptions(document, options));
  const features = options.features ?? { relaxed: false, wide: false };
  const state: Compilation = { options, features, document, graph: document, bounds: [] };
  const { now = (): number => 0, onStep } = options;
  for (const name of stepNames) {
    const began = now();
    orCheck(document, () => steps[name].run(state));
    onStep?.({ name, milliseconds: now() - began, text: () => steps[name].text(state) });
  }
  const { graph, bounds, kernels, plan, bytes } = state;
  return describeProgram(graph, bytes!, {
    kernels: kernels!,
    plan: plan!,
    memoryBytes: memoryBytesOf(state),
    threads: options.threads ?? 1,
    failureAddress,
    bounds: bounds.map((bound, number) => ({ ...bound, address: boundsAddress + 4 * number })),
    profileAddress: options.profile === true ? profileAddress : undefined,
  });
}

/** What is wrong with a document is looked for only where it could not be compiled. */
function orCheck(document: Graph, run: () => void): void {
  try {
    run();
  } catch (error) {
    check(document);
    throw error;
  }
}
