// A fold of everything to one value has no dimension to share among threads: large ones are split into parts of fixed
// number, each folded by itself, and a second kernel folds the parts. So the order of a sum depends on sizes alone.

import { elements } from "@wengert/tensor";
import type { Buffer, BufferId, Kernel, KernelProgram, LoopKernel, Step, StepId, Store } from "./kernel.ts";

/** Elements from which on a fold is split. */
const leastElements = 65_536;
const mostParts = 64;

/** The program with large folds of everything in two kernels. */
export function splitFolds(program: KernelProgram): KernelProgram {
  const buffers: Buffer[] = [...program.buffers];
  const kernels = program.kernels.flatMap((kernel): readonly Kernel[] => {
    const parts = kernel.kind === "loop" ? partsOf(kernel) : 1;
    return kernel.kind === "loop" && parts > 1 ? splitKernel(kernel, parts, buffers) : [kernel];
  });
  return buffers.length === program.buffers.length ? program : { ...program, buffers, kernels };
}

/** Into how many parts the outermost dimension of a kernel is cut; 1 where it cannot be. */
function partsOf(kernel: LoopKernel): number {
  const { sizes, reduced, steps, stores } = kernel;
  if (reduced.length === 0 || !reduced.every(Boolean)) return 1;
  if (elements(sizes) < leastElements) return 1;
  const { varies, waits } = naturesOf(steps);
  const again = steps.some((_, id) => varies[id] && waits[id]);
  if (
    again ||
    stores.some(({ step, access }) => waits[step] && access.strides.some((stride) => stride !== 0))
  )
    return 1;
  const outermost = sizes[0]!;
  for (let parts = Math.min(mostParts, outermost); parts > 1; parts--)
    if (outermost % parts === 0) return parts;
  return 1;
}

interface Natures {
  /** Whether a step's value differs from point to point. */
  readonly varies: readonly boolean[];
  /** Whether it is known only after a fold. */
  readonly waits: readonly boolean[];
}

function naturesOf(steps: readonly Step[]): Natures {
  const varies: boolean[] = [];
  const waits: boolean[] = [];
  for (const step of steps) {
    const operands = step.kind === "apply" ? step.operands : [];
    const strides = step.kind === "load" ? step.access.strides : step.kind === "index" ? step.strides : [];
    varies.push(strides.some((stride) => stride !== 0) || operands.some((id) => varies[id]));
    waits.push(step.kind === "reduce" || operands.some((id) => waits[id]));
  }
  return { varies, waits };
}

function splitKernel(kernel: LoopKernel, parts: number, buffers: Buffer[]): readonly LoopKernel[] {
  const { name, sizes, steps } = kernel;
  const rest = sizes[0]! / parts;
  const cut = (strides: readonly number[]): readonly number[] => [strides[0]! * rest, ...strides];
  const natures = naturesOf(steps);
  const folds = steps.flatMap((step, id) => (step.kind === "reduce" ? [{ step, id }] : []));
  const partial = new Map<StepId, BufferId>();
  for (const { step, id } of folds) {
    buffers.push({ name: `${name} parts ${id}`, role: "temporary", dtype: step.dtype, shape: [parts] });
    partial.set(id, buffers.length - 1);
  }
  const known = keepSteps(steps, (id) => steps[id]!.kind === "reduce" || !natures.waits[id]);
  const whole = kernel.stores.filter(({ access }) => access.strides.some((stride) => stride !== 0));
  const first: LoopKernel = {
    kind: "loop",
    name: `${name} parts`,
    sizes: [parts, rest, ...sizes.slice(1)],
    reduced: [false, ...sizes.map(() => true)],
    steps: known.steps.map((step) => withStrides(step, cut)),
    stores: [
      ...whole.map(({ step, access }) => ({
        step: known.places.get(step)!,
        access: { ...access, strides: cut(access.strides) },
      })),
      ...folds.map(({ id }) => ({
        step: known.places.get(id)!,
        access: { buffer: partial.get(id)!, offset: 0, strides: [1, 0, ...sizes.slice(1).map(() => 0)] },
      })),
    ],
  };
  return [first, secondKernel(kernel, { parts, partial, natures })];
}

/** Folds the parts, and computes what follows. */
function secondKernel(
  { name, steps, stores }: LoopKernel,
  { parts, partial, natures }: { parts: number; partial: ReadonlyMap<StepId, BufferId>; natures: Natures },
): LoopKernel {
  const written: Step[] = [];
  const places = new Map<StepId, StepId>();
  for (const [id, step] of steps.entries()) {
    if (step.kind === "reduce") {
      const access = { buffer: partial.get(id)!, offset: 0, strides: [1] };
      written.push({ kind: "load", dtype: step.dtype, access });
      places.set(id, written.push({ ...step, operand: written.length - 1 }) - 1);
    } else if (!natures.varies[id]) {
      const moved = withStrides(step, () => [0]);
      places.set(id, written.push(withOperands(moved, places)) - 1);
    }
  }
  const kept = stores.filter(({ access }) => access.strides.every((stride) => stride === 0));
  return {
    kind: "loop",
    name,
    sizes: [parts],
    reduced: [true],
    steps: written,
    stores: kept.map((store): Store => ({
      step: places.get(store.step)!,
      access: { ...store.access, strides: [0] },
    })),
  };
}

/** Some of the steps, and where they have gone. */
function keepSteps(
  steps: readonly Step[],
  keeps: (id: StepId) => boolean,
): { readonly steps: readonly Step[]; readonly places: ReadonlyMap<StepId, StepId> } {
  const places = new Map<StepId, StepId>();
  const kept: Step[] = [];
  for (const [id, step] of steps.entries())
    if (keeps(id)) places.set(id, kept.push(withOperands(step, places)) - 1);
  return { steps: kept, places };
}

function withOperands(step: Step, places: ReadonlyMap<StepId, StepId>): Step {
  if (step.kind === "apply") return { ...step, operands: step.operands.map((id) => places.get(id)!) };
  return step.kind === "reduce" ? { ...step, operand: places.get(step.operand)! } : step;
}

function withStrides(step: Step, change: (strides: readonly number[]) => readonly number[]): Step {
  if (step.kind === "load")
    return { ...step, access: { ...step.access, strides: change(step.access.strides) } };
  return step.kind === "index" ? { ...step, strides: change(step.strides) } : step;
}
