// Updates are written where their parameters lie, when nothing reads the old value afterwards; else they are copied
// there at the end.

import { GraphError, stridesOf } from "@wengert/tensor";
import {
  readsOf,
  writesOf,
  type Access,
  type BufferId,
  type Kernel,
  type KernelProgram,
  type LoopKernel,
} from "./kernel.ts";

/** The program with every update in its parameter's buffer. */
export function updateInPlace(program: KernelProgram): KernelProgram {
  const lastRead = new Map<BufferId, number>();
  // The first: parts of one value may be written by several kernels, and none of them may find a part overwritten.
  const writer = new Map<BufferId, number>();
  program.kernels.forEach((kernel, place) => {
    for (const buffer of readsOf(kernel)) lastRead.set(buffer, place);
    for (const buffer of writesOf(kernel)) if (!writer.has(buffer)) writer.set(buffer, place);
  });
  const renamed = new Map<BufferId, BufferId>();
  const commits: LoopKernel[] = [];
  for (const [name, update] of Object.entries(program.updates)) {
    const parameter = program.feeds[name];
    if (parameter === undefined)
      throw new GraphError(`compile: an update is of a parameter of the graph, got ${name}`);
    const place = writer.get(update)!;
    const free = (lastRead.get(parameter) ?? -1) <= place;
    if (free && mayReplace(program.kernels[place]!, parameter, update)) renamed.set(update, parameter);
    else commits.push(commit(program, { name, from: update, to: parameter }));
  }
  const to = (buffer: BufferId): BufferId => renamed.get(buffer) ?? buffer;
  return {
    ...program,
    kernels: [...program.kernels, ...commits].map((kernel) => withBuffers(kernel, to)),
    outputs: Object.fromEntries(Object.entries(program.outputs).map(([name, id]) => [name, to(id)])),
    updates: Object.fromEntries(Object.keys(program.updates).map((name) => [name, program.feeds[name]!])),
  };
}

/**
 * Whether a kernel may write `next` over `old`: it reads each element of the old value at the point where it writes
 * that element, and never after. In a nest with reduced loops only values outside of them are safe.
 */
export function mayReplace(kernel: Kernel, old: BufferId, next: BufferId): boolean {
  if (!readsOf(kernel).includes(old)) return true;
  if (kernel.kind !== "loop") return false;
  const stores = kernel.stores.filter(({ access }) => access.buffer === next);
  if (stores.length !== 1) return false;
  const place = stores[0]!.access;
  if (place.offset !== 0) return false;
  const outside = place.strides.every((stride, dimension) => !kernel.reduced[dimension] || stride === 0);
  if (!outside) return false;
  return kernel.steps.every(
    (step) => step.kind !== "load" || step.access.buffer !== old || sameAccess(step.access, place),
  );
}

function sameAccess(a: Access, b: Access): boolean {
  return a.offset === b.offset && a.strides.every((stride, dimension) => stride === b.strides[dimension]);
}

function commit(
  { buffers }: KernelProgram,
  { name, from, to }: { readonly name: string; readonly from: BufferId; readonly to: BufferId },
): LoopKernel {
  const { dtype, shape } = buffers[from]!;
  const access = (buffer: BufferId): Access => ({ buffer, offset: 0, strides: stridesOf(shape) });
  return {
    kind: "loop",
    name: `commit ${name}`,
    sizes: shape,
    reduced: shape.map(() => false),
    steps: [{ kind: "load", dtype, access: access(from) }],
    stores: [{ step: 0, access: access(to) }],
  };
}

/** A kernel with other buffers. */
export function withBuffers(kernel: Kernel, to: (buffer: BufferId) => BufferId): Kernel {
  const moved = (access: Access): Access => ({ ...access, buffer: to(access.buffer) });
  switch (kernel.kind) {
    case "loop":
      return {
        ...kernel,
        steps: kernel.steps.map((step) =>
          step.kind === "load" ? { ...step, access: moved(step.access) } : step,
        ),
        stores: kernel.stores.map((store) => ({ ...store, access: moved(store.access) })),
      };
    case "product":
      return {
        ...kernel,
        left: { ...kernel.left, buffer: to(kernel.left.buffer) },
        right: { ...kernel.right, buffer: to(kernel.right.buffer) },
        output: to(kernel.output),
      };
    case "special":
      return { ...kernel, inputs: kernel.inputs.map(to), output: to(kernel.output) };
    case "fill":
      return { ...kernel, output: to(kernel.output) };
  }
}
