// A compiled graph as engines see it: bytes, and where in memory everything lies.

import { type DType, type Graph, type NdArray } from "@wengert/tensor";
import { indexUses, type IndexUse } from "./index-uses.ts";
import type { BufferId, KernelProgram } from "./kernel.ts";
import type { LoopBound } from "./loop-dimensions.ts";
import { bytesOf, type Plan } from "./plan.ts";

/** A compiled graph: bytes, and where everything lies in memory. */
export interface CompiledProgram {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly memoryBytes: number;
  readonly threads: number;
  /** Where inputs and parameters are written before a run; a parameter's next value is in the same place after it. */
  readonly feeds: Readonly<Record<string, Slot>>;
  readonly outputs: Readonly<Record<string, Slot>>;
  /** Names of parameters that have a next value. */
  readonly updates: readonly string[];
  readonly constants: readonly { readonly address: number; readonly value: NdArray }[];
  /** The end of control words and parameters: programs of one graph for different sizes agree up to here. */
  readonly residentEnd: number;
  /** What can be out of range: values of inputs and parameters before a run, computed ones in it. */
  readonly indexUses: readonly IndexUse[];
  /** Where kernels report an index out of range: 16 bytes, which `readFailure` reads. */
  readonly failureAddress: number;
  /** Dimensions whose number is written before a run, at their addresses as u32; arrays that have one have it first. */
  readonly bounds: readonly (LoopBound & { readonly address: number })[];
  /** Where the nanoseconds of every kernel add up, as f64. */
  readonly profileAddress: number | undefined;
  readonly kernels: KernelProgram;
  readonly plan: Plan;
}

/** An array in a program's memory. */
export interface Slot {
  readonly address: number;
  readonly bytes: number;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** What is known of a program besides its bytes, and said of it as it is. */
type Known = Pick<
  CompiledProgram,
  "kernels" | "plan" | "memoryBytes" | "threads" | "failureAddress" | "bounds" | "profileAddress"
>;

/** What an engine must know of a program: where everything that goes in and comes out lies. */
export function describeProgram(
  graph: Graph,
  bytes: CompiledProgram["bytes"],
  known: Known,
): CompiledProgram {
  const { kernels, plan } = known;
  const slot = (buffer: BufferId): Slot => {
    const { dtype, shape } = kernels.buffers[buffer]!;
    return { address: plan.placements[buffer]!.address, bytes: bytesOf(kernels, buffer), dtype, shape };
  };
  const slots = (record: Readonly<Record<string, BufferId>>): Record<string, Slot> =>
    Object.fromEntries(Object.entries(record).map(([name, buffer]) => [name, slot(buffer)]));
  return {
    ...known,
    bytes,
    feeds: slots(kernels.feeds),
    outputs: outputSlots(graph, slots(kernels.outputs)),
    updates: Object.keys(kernels.updates),
    constants: kernels.buffers.flatMap(({ role, value }, buffer) =>
      role === "constant" ? [{ address: plan.placements[buffer]!.address, value: value! }] : [],
    ),
    residentEnd: plan.residentEnd,
    indexUses: indexUses(kernels),
  };
}

/** Outputs with the shapes of their nodes: a buffer may be that of another node, of which they are a view. */
function outputSlots(graph: Graph, slots: Readonly<Record<string, Slot>>): Record<string, Slot> {
  return Object.fromEntries(
    Object.entries(slots).map(([name, slot]) => {
      const { shape } = graph.nodes[graph.outputs[name]!]!;
      return [name, { ...slot, shape: shape as readonly number[] }];
    }),
  );
}
