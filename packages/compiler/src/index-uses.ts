// Which values a program uses as indices, and how large the axes are that they point into: what can be out of range.

import type { BufferId, KernelProgram, SpecialKernel } from "./kernel.ts";

/** One use of values as indices. */
export interface IndexUse {
  /** The number of the kernel. */
  readonly kernel: number;
  readonly primitive: string;
  /** The kernel's name: the id of its node. */
  readonly node: string;
  /** The names of its inputs' buffers: the ids of nodes. */
  readonly inputs: readonly string[];
  /** Indices are from 0 to `size - 1`. */
  readonly size: number;
  /** The input or parameter that holds the indices, where they are not computed. */
  readonly feed: string | undefined;
  readonly unsigned: boolean;
}

/** The uses of indices in the order of the kernels. */
export function indexUses({ kernels, buffers, feeds, updates }: KernelProgram): readonly IndexUse[] {
  const names = new Map<BufferId, string>(Object.entries(feeds).map(([name, buffer]) => [buffer, name]));
  return kernels.flatMap((kernel, number): readonly IndexUse[] => {
    if (kernel.kind !== "special" || !(kernel.primitive === "gather" || kernel.primitive === "scatterAdd"))
      return [];
    const indices = kernel.inputs[1]!;
    const name = names.get(indices);
    return [
      {
        kernel: number,
        primitive: kernel.primitive,
        node: kernel.name,
        inputs: kernel.inputs.map((input) => buffers[input]!.name),
        size: axisSize(kernel, buffers[kernel.output]!.shape),
        // A parameter with a next value may have it already.
        feed: name === undefined || Object.hasOwn(updates, name) ? undefined : name,
        unsigned: buffers[indices]!.dtype === "u32",
      },
    ];
  });
}

function axisSize({ primitive, attributes, shapes }: SpecialKernel, output: readonly number[]): number {
  const axis = attributes["axis"] as number;
  return (primitive === "gather" ? shapes[0]! : output)[axis]!;
}
