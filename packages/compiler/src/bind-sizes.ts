// Step one: every named dimension becomes its number, so that all later steps see numbers alone.

import {
  GraphError,
  InputError,
  type Attributes,
  type Graph,
  type GraphNode,
  type NodeId,
  type Shape,
  type Sizes,
} from "@wengert/tensor";

/**
 * The graph with numbers for names; nodes that tell a size become constants.
 * @throws InputError when a name has no size, or a block does not lie within its array for these sizes.
 */
export function bindSizes(document: Graph, sizes: Sizes): Graph {
  const nodes: Record<NodeId, GraphNode> = {};
  for (const id of Object.keys(document.nodes)) {
    const node = document.nodes[id]!;
    // Kernels are in the order of nodes: what is computed later could be read before.
    if (!node.inputs.every((input) => nodes[input] !== undefined))
      throw new GraphError(`compile: nodes come after their inputs, got ${id} before one of its own`);
    const bound = boundNode(node, sizes);
    nodes[id] = bound;
    if (node.primitive === "slice" || node.primitive === "pad") requireWithin(id, bound, nodes);
  }
  return Object.freeze({ ...document, nodes: Object.freeze(nodes) });
}

function boundNode(node: GraphNode, sizes: Sizes): GraphNode {
  const shape = boundShape(node.shape, sizes);
  if (node.primitive === "size") {
    const value = { shape: [], dtype: node.dtype, data: sizeData(node, sizes) };
    return { ...node, primitive: "constant", attributes: { value }, shape };
  }
  const attributes = boundAttributes(node.attributes, sizes);
  if (shape === node.shape && attributes === node.attributes) return node;
  // Frozen like all nodes, so that passes need not look into it.
  return Object.freeze({ ...node, shape: Object.freeze(shape), attributes: Object.freeze(attributes) });
}

function sizeData(node: GraphNode, sizes: Sizes): Float32Array | Float64Array | Int32Array | Uint32Array {
  const [value] = boundShape([node.attributes["dimension"] as string | number], sizes) as readonly number[];
  switch (node.dtype) {
    case "f32":
      return Float32Array.of(value!);
    case "f64":
      return Float64Array.of(value!);
    case "u32":
      return Uint32Array.of(value!);
    default:
      return Int32Array.of(value!);
  }
}

function boundAttributes(attributes: Attributes, sizes: Sizes): Attributes {
  const { shape, size } = attributes;
  let result = attributes;
  if (Array.isArray(shape) && shape.some((dim) => typeof dim === "string"))
    result = { ...result, shape: boundShape(shape as Shape, sizes) };
  if (typeof size === "string") result = { ...result, size: boundShape([size], sizes)[0] };
  return result;
}

function boundShape(shape: Shape, sizes: Sizes): Shape {
  if (shape.every((dim) => typeof dim === "number")) return shape;
  return shape.map((dim) => {
    if (typeof dim === "number") return dim;
    const size = Object.hasOwn(sizes, dim) ? sizes[dim] : undefined;
    if (size !== undefined) return size;
    throw new InputError(`compile: dimension ${dim} has no size, got no value that has it`, {
      help: `the option sizes: { ${dim}: … } gives it one`,
    });
  });
}

function requireWithin(id: NodeId, node: GraphNode, nodes: Readonly<Record<NodeId, GraphNode>>): void {
  const inner = nodes[node.inputs[0]!]!.shape;
  const [small, large] = node.primitive === "slice" ? [node.shape, inner] : [inner, node.shape];
  const { start, step } = node.attributes as { start: readonly number[]; step: readonly number[] };
  for (const [axis, dim] of (small as readonly number[]).entries()) {
    const end = start[axis]! + (dim - 1) * step[axis]!;
    if (dim > 0 && end >= (large[axis] as number)) {
      const got = `element ${end} of ${large[axis]} on axis ${axis}`;
      throw new InputError(`${node.primitive}: the block must lie within the shape, got ${got}`, {
        context: [`node   ${id} = ${node.primitive}(${node.inputs.join(", ")})`],
      });
    }
  }
}
