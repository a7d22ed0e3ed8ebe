// Where a further pass over the folded dimensions of a loop needs a value again, it computes it again, which for an
// addition is cheaper than memory. Transcendental functions are stored by the pass that computes them first.

import { elements, stridesOf } from "@wengert/tensor";
import type { Buffer, KernelProgram, LoopKernel, StepId, Store } from "./kernel.ts";
import { costly } from "./loops/chunks.ts";
import { nestOf, readBack, stepsOfPass } from "./loops/nest.ts";

/** Elements of a buffer at most: a program with larger ones needs its 4 GiB for something else. */
const mostElements = 2 ** 26;

/** The program with buffers for costly values that several passes need. */
export function keepCostly(program: KernelProgram): KernelProgram {
  const buffers: Buffer[] = [...program.buffers];
  const kernels = program.kernels.map((kernel) =>
    kernel.kind === "loop" && kernel.reduced.some(Boolean) && elements(kernel.sizes) <= mostElements
      ? withStores(kernel, buffers)
      : kernel,
  );
  return buffers.length === program.buffers.length ? program : { ...program, buffers, kernels };
}

function withStores(kernel: LoopKernel, buffers: Buffer[]): LoopKernel {
  const { name, sizes, steps } = kernel;
  const strides = stridesOf(sizes);
  const stores: readonly Store[] = neededAgain(kernel, buffers).map((step) => {
    const { dtype } = steps[step]!;
    buffers.push({ name: `${name} kept ${step}`, role: "temporary", dtype, shape: sizes });
    return { step, access: { buffer: buffers.length - 1, offset: 0, strides } };
  });
  return stores.length === 0 ? kernel : { ...kernel, stores: [...stores, ...kernel.stores] };
}

/** Costly steps that a later pass than their own would compute again. */
function neededAgain(kernel: LoopKernel, buffers: readonly Buffer[]): readonly StepId[] {
  if (!kernel.steps.some((step) => step.kind === "apply" && costly.has(step.primitive))) return [];
  const nest = nestOf(
    kernel,
    buffers.map(({ dtype }) => dtype),
  );
  const again = new Set<StepId>();
  for (let pass = 1; pass < nest.passes; pass++) {
    for (const id of stepsOfPass(nest, pass)) {
      const step = kernel.steps[id]!;
      const repeats = step.kind === "apply" && costly.has(step.primitive) && nest.times[id]!.pass < pass;
      // A value that varies along some dimensions only is not worth a whole buffer.
      if (repeats && nest.times[id]!.vector && readBack(nest, id, pass) === undefined) again.add(id);
    }
  }
  return [...again];
}
