// Groups → kernels: every member becomes a step, every use of another kernel's value a load, every needed value a store.

import {
  elements,
  freeAxes,
  stridesOf,
  type BlockAttributes,
  type DotAttributes,
  type DType,
  type GraphNode,
  type NdArray,
  type NodeId,
} from "@wengert/tensor";
import { stridesAlong, type Grouping, type LoopGroup, type Member } from "./groups.ts";
import type {
  Access,
  Buffer,
  BufferId,
  BufferRole,
  Kernel,
  KernelProgram,
  LoopKernel,
  ReducePrimitive,
  Step,
  StepId,
  Store,
} from "./kernel.ts";
import { wordsOfStep } from "./kernel-words.ts";
import type { ProductType } from "./matrix/product.ts";
import { isFold, sizesOf } from "./sources.ts";
import { isDense, mergedStride, type View } from "./views.ts";

interface State {
  readonly grouping: Grouping;
  readonly buffers: Buffer[];
  readonly kernels: Kernel[];
  /** The buffer of a stored root. */
  readonly bufferOf: Map<NodeId, BufferId>;
  /** Dense copies of nodes that are seen through other views. */
  readonly denseOf: Map<NodeId, BufferId>;
}

/** The kernels of a grouped graph, with copies where an operand must be dense. */
export function buildKernels(grouping: Grouping): KernelProgram {
  const { graph } = grouping.sources;
  const state: State = { grouping, buffers: [], kernels: [], bufferOf: new Map(), denseOf: new Map() };
  const feeds: Record<string, BufferId> = {};
  for (const [id, kind] of grouping.sources.kinds) {
    const node = graph.nodes[id]!;
    if (kind === "feed")
      feeds[node.attributes["name"] as string] = newBuffer(state, id, node.primitive as BufferRole);
    if (kind === "constant") newBuffer(state, id, "constant");
  }
  for (const group of grouping.groups) {
    if (group.kind === "loop") state.kernels.push(loopKernel(state, group));
    else singleKernel(state, group.id);
  }
  const outputs = Object.fromEntries(
    Object.entries(graph.outputs).map(([name, id]) => [
      name,
      resultBuffer(state, id, `output ${name}`, "output"),
    ]),
  );
  const updates = updateBuffers(state, feeds);
  return { buffers: state.buffers, kernels: state.kernels, feeds, outputs, updates };
}

function nodeOf({ grouping }: State, id: NodeId): GraphNode {
  return grouping.sources.graph.nodes[id]!;
}

function newBuffer(state: State, id: NodeId, role: BufferRole): BufferId {
  const node = nodeOf(state, id);
  const buffer: Buffer = { name: id, role, dtype: node.dtype, shape: sizesOf(node) };
  const value = node.attributes["value"];
  state.buffers.push(role === "constant" ? { ...buffer, value: value as NdArray } : buffer);
  state.bufferOf.set(id, state.buffers.length - 1);
  return state.buffers.length - 1;
}

function storedBuffer(state: State, id: NodeId): BufferId {
  return state.bufferOf.get(id) ?? newBuffer(state, id, "temporary");
}

/** Every update in a buffer: its own, or a copy of what is no kernel's result. */
function updateBuffers(state: State, feeds: Readonly<Record<string, BufferId>>): Record<string, BufferId> {
  const taken = new Set<BufferId>(Object.values(feeds));
  return Object.fromEntries(
    Object.entries(state.grouping.sources.graph.updates).map(([name, id]) => {
      let buffer = resultBuffer(state, id, `update ${name}`, "temporary");
      if (taken.has(buffer)) buffer = copyToBuffer(state, id, `update ${name}`, "temporary");
      taken.add(buffer);
      return [name, buffer];
    }),
  );
}

/** The dense buffer of a node's value, which a kernel computes: its own, or a copy. */
function resultBuffer(state: State, id: NodeId, name: string, role: BufferRole): BufferId {
  const { sources } = state.grouping;
  const view = sources.views.get(id)!;
  const own = sources.kinds.get(view.root) === "computed" && isDense(sizesOf(nodeOf(state, id)), view);
  return own && elementsOf(nodeOf(state, view.root)) === elementsOf(nodeOf(state, id))
    ? storedBuffer(state, view.root)
    : copyToBuffer(state, id, name, role);
}

function elementsOf(node: GraphNode): number {
  return elements(sizesOf(node));
}

/** A dense buffer with the value of a node as an operand of a kernel: that of its root where the view is all of it. */
function denseOperand(state: State, id: NodeId): BufferId {
  const { sources } = state.grouping;
  const view = sources.views.get(id)!;
  const kind = sources.kinds.get(view.root)!;
  const known = state.denseOf.get(id);
  if (known !== undefined) return known;
  const node = nodeOf(state, id);
  const whole = isDense(sizesOf(node), view) && elementsOf(nodeOf(state, view.root)) === elementsOf(node);
  const plain = whole && kind !== "uniform" && kind !== "iota";
  const buffer = plain ? storedBuffer(state, view.root) : copyToBuffer(state, id, `dense ${id}`, "temporary");
  state.denseOf.set(id, buffer);
  return buffer;
}

function copyToBuffer(state: State, id: NodeId, name: string, role: BufferRole): BufferId {
  const node = nodeOf(state, id);
  const shape = sizesOf(node);
  state.buffers.push({ name, role, dtype: node.dtype, shape });
  const buffer = state.buffers.length - 1;
  state.kernels.push(copyKernel(state, id, name, { buffer, offset: 0, strides: stridesOf(shape) }));
  return buffer;
}

/** Writes the value of a node to where an access over its shape says. */
function copyKernel(state: State, id: NodeId, name: string, to: Access): LoopKernel {
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
function sourceStep(state: State, view: View, strides: readonly number[]): Step {
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
  readonly state: State;
  readonly group: LoopGroup;
  readonly steps: Step[];
  readonly known: Map<string, StepId>;
  readonly stepOf: Map<NodeId, StepId>;
}

function loopKernel(state: State, group: LoopGroup): LoopKernel {
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
  const full = loop.group.sizes.map((_, dimension) => dimension);
  const fold = isFold(loop.state.grouping.sources.graph, node);
  const operands = node.inputs.map((input) => operandStep(loop, input, fold ? full : member.dimensions));
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
  const proper = sizes.flatMap((size, axis) => (size === 1 ? [] : [axis]));
  return addStep(loop, sourceStep(state, view, stridesAlong(view, proper, dimensions, group.sizes.length)));
}

/** The position of an equal step, or of the step after adding it. */
function addStep({ steps, known }: Loop, step: Step): StepId {
  const key = wordsOfStep(step, (buffer) => buffer);
  const same = known.get(key);
  if (same !== undefined) return same;
  known.set(key, steps.push(step) - 1);
  return steps.length - 1;
}

function singleKernel(state: State, id: NodeId): void {
  const node = nodeOf(state, id);
  if (node.primitive === "dot") productKernel(state, id, node);
  else if (node.primitive === "pad" || node.primitive === "concat") blockKernels(state, id, node);
  else {
    const inputs = node.inputs.map((input) => denseOperand(state, input));
    const { primitive, attributes } = node;
    state.kernels.push({
      kind: "special",
      name: id,
      primitive,
      attributes,
      inputs,
      shapes: node.inputs.map((input) => sizesOf(nodeOf(state, input))),
      output: storedBuffer(state, id),
    });
  }
}

/** Parts are written into their places; around a padded one there are zeros. */
function blockKernels(state: State, id: NodeId, node: GraphNode): void {
  const buffer = storedBuffer(state, id);
  const strides = stridesOf(sizesOf(node));
  if (node.primitive === "pad") {
    const { start, step } = node.attributes as unknown as BlockAttributes;
    const offset = strides.reduce((sum, stride, axis) => sum + stride * start[axis]!, 0);
    const steps = strides.map((stride, axis) => stride * step[axis]!);
    state.kernels.push({ kind: "fill", name: `${id} zeros`, output: buffer });
    state.kernels.push(copyKernel(state, node.inputs[0]!, id, { buffer, offset, strides: steps }));
    return;
  }
  const axis = node.attributes["axis"] as number;
  let offset = 0;
  for (const [i, part] of node.inputs.entries()) {
    state.kernels.push(copyKernel(state, part, `${id} part ${i}`, { buffer, offset, strides }));
    offset += sizesOf(nodeOf(state, part))[axis]! * strides[axis]!;
  }
}

function productKernel(state: State, id: NodeId, node: GraphNode): void {
  const { contract, batch } = node.attributes as unknown as DotAttributes;
  const [left, right] = node.inputs as [NodeId, NodeId];
  const [leftShape, rightShape] = [left, right].map((input) => sizesOf(nodeOf(state, input)));
  const count = (shape: readonly number[], axes: readonly number[]): number =>
    axes.reduce((product, axis) => product * shape[axis]!, 1);
  const rows = freeAxes(leftShape!.length, contract[0], batch[0]);
  const columns = freeAxes(rightShape!.length, contract[1], batch[1]);
  const a = matrixOperand(state, left, [batch[0], rows, contract[0]]);
  const b = matrixOperand(state, right, [batch[1], contract[1], columns]);
  state.kernels.push({
    kind: "product",
    name: id,
    product: {
      dtype: node.dtype as ProductType,
      batch: count(leftShape!, batch[0]),
      rows: count(leftShape!, rows),
      columns: count(rightShape!, columns),
      depth: count(leftShape!, contract[0]),
      left: { batch: a.strides[0]!, row: a.strides[1]!, depth: a.strides[2]! },
      right: { batch: b.strides[0]!, depth: b.strides[1]!, column: b.strides[2]! },
    },
    left: { buffer: a.buffer, offset: a.offset },
    right: { buffer: b.buffer, offset: b.offset },
    output: storedBuffer(state, id),
  });
}

/** An operand as batches of matrices: in place where its axes allow it, else a dense copy. */
function matrixOperand(state: State, id: NodeId, axes: readonly (readonly number[])[]): Access {
  const { sources } = state.grouping;
  const view = sources.views.get(id)!;
  const shape = sizesOf(nodeOf(state, id));
  const kind = sources.kinds.get(view.root)!;
  if (kind !== "uniform" && kind !== "iota") {
    const strides = axes.map((group) => mergedStride(group, view.strides, shape));
    if (strides.every((stride) => stride !== undefined))
      return { buffer: storedBuffer(state, view.root), offset: view.offset, strides };
  }
  return orderedOperand(state, id, axes);
}

/** A copy of an operand with its axes in the order of batch, matrix rows and matrix columns. */
function orderedOperand(state: State, id: NodeId, axes: readonly (readonly number[])[]): Access {
  const node = nodeOf(state, id);
  const sizes = sizesOf(node);
  const order = axes.flat();
  const shape = order.map((axis) => sizes[axis]!);
  const dense = stridesOf(shape);
  const strides = new Array<number>(sizes.length).fill(0);
  for (const [i, axis] of order.entries()) strides[axis] = dense[i]!;
  const name = `ordered ${id}`;
  state.buffers.push({ name, role: "temporary", dtype: node.dtype, shape });
  const buffer = state.buffers.length - 1;
  state.kernels.push(copyKernel(state, id, name, { buffer, offset: 0, strides }));
  const all = sizes.map((_, axis) => axis);
  const merged = axes.map(
    (group) =>
      mergedStride(
        group.map((axis) => all[axis]!),
        strides,
        sizes,
      ) ?? 0,
  );
  return { buffer, offset: 0, strides: merged };
}
