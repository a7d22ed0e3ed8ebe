// Loop kernels: every member of a group becomes a step, every use of another kernel's value a load, every needed value
// a store; and copies, which are loops of one step.

import { stridesOf, type DType, type NodeId } from "@wengert/tensor";
import { nodeOf, storedBuffer, type Building } from "./kernel-buffers.ts";
import { wordsOfStep } from "./kernel-words.ts";
import type {
  Access,
  BufferId,
  BufferRole,
  LoopKernel,
  ReducePrimitive,
  Step,
  StepId,
  Store,
} from "./kernel.ts";
import { stridesAlong, type LoopGroup, type Member } from "./places.ts";
import { isFold, sizesOf } from "./sources.ts";
import type { View } from "./views.ts";

/** A new buffer with the value of a node, which a copy writes. */
export function copyToBuffer(state: Building, id: NodeId, name: string, role: BufferRole): BufferId {
  const node = nodeOf(state, id);
  const shape = sizesOf(node);
  state.buffers.push({ name, role, dtype: node.dtype, shape });
  const buffer = state.buffers.length - 1;
  state.kernels.push(copyKernel(state, id, name, { buffer, offset: 0, strides: stridesOf(shape) }));
  return buffer;
}

/** Writes the value of a node to where an access over its shape says. */
export function copyKernel(state: Building, id: NodeId, name: string, to: Access): LoopKernel {
  const node = nodeOf(state, id);
  const sizes = sizesOf(node);
  const view = state.grouping.sources.views.get(id)!;
  const step = sourceStep(state, view, view.strides);
  return {
    kind: "loop",
    name,
    sizes,
    reduced: sizes.map(() => false),
    steps: [step],
    stores: [{ step: 0, access: to }],
  };
}

/** The step for a value that no step of the same kernel computes. */
function sourceStep(state: Building, view: View, strides: readonly number[]): Step {
  const { sources } = state.grouping;
  const root = nodeOf(state, view.root);
  const { dtype } = root;
  const kind = sources.kinds.get(view.root)!;
  if (kind === "uniform") return { kind: "constant", dtype, value: sources.uniforms.get(view.root)! };
  if (kind === "iota") return { kind: "index", dtype, offset: view.offset, strides };
  return {
    kind: "load",
    dtype,
    access: { buffer: storedBuffer(state, view.root), offset: view.offset, strides },
  };
}

/** A loop kernel while its steps are written. */
interface Loop {
  readonly state: Building;
  readonly group: LoopGroup;
  readonly steps: Step[];
  readonly known: Map<string, StepId>;
  readonly stepOf: Map<NodeId, StepId>;
}

/** The loop of a group. */
export function loopKernel(state: Building, group: LoopGroup): LoopKernel {
  const loop: Loop = { state, group, steps: [], known: new Map(), stepOf: new Map() };
  const stores: Store[] = [];
  for (const [id, member] of group.members) {
    const step = memberStep(loop, id, member);
    loop.stepOf.set(id, step);
    if (!state.grouping.stored.has(id)) continue;
    stores.push({ step, access: { buffer: storedBuffer(state, id), offset: 0, strides: member.strides } });
  }
  const last = [...group.members.keys()].at(-1)!;
  const reduced = group.reduced ?? group.sizes.map(() => false);
  return { kind: "loop", name: last, sizes: group.sizes, reduced, steps: loop.steps, stores };
}

function memberStep(loop: Loop, id: NodeId, member: Member): StepId {
  const node = nodeOf(loop.state, id);
  const { dtype, primitive } = node;
  const fold = isFold(loop.state.grouping.sources.graph, node);
  const { dimensions } = fold ? loop.group.whole : member;
  const operands = node.inputs.map((input) => operandStep(loop, input, dimensions));
  if (primitive === "reshape") return operands[0]!;
  if (fold) {
    const kind = {
      kind: "reduce",
      dtype,
      primitive: primitive as ReducePrimitive,
      operand: operands[0]!,
    } as const;
    return addStep(loop, kind);
  }
  // A sum along axes of size 1.
  if (primitive === "sum") return addZero(loop, dtype, operands[0]!);
  return addStep(loop, { kind: "apply", dtype, primitive, operands });
}

function addZero(loop: Loop, dtype: DType, operand: StepId): StepId {
  const zero = addStep(loop, { kind: "constant", dtype, value: 0 });
  return addStep(loop, { kind: "apply", dtype, primitive: "add", operands: [operand, zero] });
}

function operandStep(loop: Loop, input: NodeId, dimensions: readonly number[]): StepId {
  const { state, group } = loop;
  const view = state.grouping.sources.views.get(input)!;
  const inside = loop.stepOf.get(view.root);
  if (inside !== undefined) return inside;
  const sizes = sizesOf(nodeOf(state, input));
  return addStep(loop, sourceStep(state, view, stridesAlong(view, sizes, dimensions, group.sizes.length)));
}

/** The position of an equal step, or of the step after adding it. */
function addStep({ steps, known }: Loop, step: Step): StepId {
  const key = wordsOfStep(step, (buffer) => buffer);
  const same = known.get(key);
  if (same !== undefined) return same;
  known.set(key, steps.push(step) - 1);
  return steps.length - 1;
}
