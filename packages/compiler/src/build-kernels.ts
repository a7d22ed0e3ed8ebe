// Groups → kernels: loops, products and what is a kernel by itself, with copies where an operand must be dense.

import {
  elements,
  freeAxes,
  stridesOf,
  type BlockAttributes,
  type DotAttributes,
  type GraphNode,
  type NodeId,
} from "@wengert/tensor";
import type { Grouping } from "./groups.ts";
import { newBuffer, nodeOf, storedBuffer, type Building } from "./kernel-buffers.ts";
import type { Access, BufferId, BufferRole, KernelProgram } from "./kernel.ts";
import { copyKernel, copyToBuffer, loopKernel } from "./loop-kernels.ts";
import type { ProductType } from "./matrix/product.ts";
import { sizesOf } from "./sources.ts";
import { isDense, mergedStride } from "./views.ts";

/** The kernels of a grouped graph, with copies where an operand must be dense. */
export function buildKernels(grouping: Grouping): KernelProgram {
  const { graph } = grouping.sources;
  const state: Building = { grouping, buffers: [], kernels: [], bufferOf: new Map(), denseOf: new Map() };
  // Without a prototype, so that an input may be called `__proto__`.
  const feeds = Object.create(null) as Record<string, BufferId>;
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

/** Every update in a buffer: its own, or a copy of what is no kernel's result. */
function updateBuffers(state: Building, feeds: Readonly<Record<string, BufferId>>): Record<string, BufferId> {
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
function resultBuffer(state: Building, id: NodeId, name: string, role: BufferRole): BufferId {
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
function denseOperand(state: Building, id: NodeId): BufferId {
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

function singleKernel(state: Building, id: NodeId): void {
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
function blockKernels(state: Building, id: NodeId, node: GraphNode): void {
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
  node.inputs.forEach((part, i) => {
    state.kernels.push(copyKernel(state, part, `${id} part ${i}`, { buffer, offset, strides }));
    offset += sizesOf(nodeOf(state, part))[axis]! * strides[axis]!;
  });
}

function productKernel(state: Building, id: NodeId, node: GraphNode): void {
  const { contract, batch } = node.attributes as unknown as DotAttributes;
  const left = node.inputs[0]!;
  const right = node.inputs[1]!;
  const leftShape = sizesOf(nodeOf(state, left));
  const rightShape = sizesOf(nodeOf(state, right));
  const count = (shape: readonly number[], axes: readonly number[]): number =>
    axes.reduce((product, axis) => product * shape[axis]!, 1);
  const rows = freeAxes(leftShape.length, contract[0], batch[0]);
  const columns = freeAxes(rightShape.length, contract[1], batch[1]);
  const a = matrixOperand(state, left, [batch[0], rows, contract[0]]);
  const b = matrixOperand(state, right, [batch[1], contract[1], columns]);
  state.kernels.push({
    kind: "product",
    name: id,
    product: {
      dtype: node.dtype as ProductType,
      batch: count(leftShape, batch[0]),
      rows: count(leftShape, rows),
      columns: count(rightShape, columns),
      depth: count(leftShape, contract[0]),
      left: { batch: a.strides[0]!, row: a.strides[1]!, depth: a.strides[2]! },
      right: { batch: b.strides[0]!, depth: b.strides[1]!, column: b.strides[2]! },
    },
    left: { buffer: a.buffer, offset: a.offset },
    right: { buffer: b.buffer, offset: b.offset },
    output: storedBuffer(state, id),
  });
}

/** An operand as batches of matrices: in place where its axes allow it, else a dense copy. */
function matrixOperand(state: Building, id: NodeId, axes: readonly (readonly number[])[]): Access {
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
function orderedOperand(state: Building, id: NodeId, axes: readonly (readonly number[])[]): Access {
  const node = nodeOf(state, id);
  const sizes = sizesOf(node);
  const order = axes.flat();
  const shape = order.map((axis) => sizes[axis]!);
  const dense = stridesOf(shape);
  const strides = new Array<number>(sizes.length).fill(0);
  order.forEach((axis, i) => (strides[axis] = dense[i]!));
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
