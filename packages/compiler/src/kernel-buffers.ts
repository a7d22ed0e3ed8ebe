// A kernel program while it is built: its kernels so far, and the buffers of the nodes that they read and write.

import type { GraphNode, NdArray, NodeId } from "@wengert/tensor";
import type { Grouping } from "./groups.ts";
import type { Buffer, BufferId, BufferRole, Kernel } from "./kernel.ts";
import { sizesOf } from "./sources.ts";

/** What has been built. */
export interface Building {
  readonly grouping: Grouping;
  readonly buffers: Buffer[];
  readonly kernels: Kernel[];
  /** The buffer of a stored root. */
  readonly bufferOf: Map<NodeId, BufferId>;
  /** Dense copies of nodes that are seen through other views. */
  readonly denseOf: Map<NodeId, BufferId>;
}

/** A node of the graph. */
export function nodeOf({ grouping }: Building, id: NodeId): GraphNode {
  return grouping.sources.graph.nodes[id]!;
}

/** A new buffer for the value of a node. */
export function newBuffer(state: Building, id: NodeId, role: BufferRole): BufferId {
  const node = nodeOf(state, id);
  const buffer: Buffer = { name: id, role, dtype: node.dtype, shape: sizesOf(node) };
  const value = node.attributes["value"];
  state.buffers.push(role === "constant" ? { ...buffer, value: value as NdArray } : buffer);
  state.bufferOf.set(id, state.buffers.length - 1);
  return state.buffers.length - 1;
}

/** The buffer of a root that is stored. */
export function storedBuffer(state: Building, id: NodeId): BufferId {
  return state.bufferOf.get(id) ?? newBuffer(state, id, "temporary");
}
