// Primitives of a user's own: a lowering says what they are in terms of others, and the first step of the compiler
// puts that in their place.

import {
  apply,
  CompileError,
  graph,
  named,
  nodesOf,
  primitiveOf,
  sameShape,
  showShape,
  type Attributes,
  type Graph,
  type GraphNode,
  type NodeId,
  type Primitive,
  type Tensor,
} from "@wengert/tensor";

/** The value of a primitive as a node made of other primitives, of the same type. */
export type Lowering = (inputs: readonly Tensor[], attributes: Attributes) => Tensor;

/** A primitive that carries its lowering. */
export interface LowerablePrimitive extends Primitive {
  readonly lowering: Lowering;
}

/**
 * The primitive with a lowering, which engines that compile put in its place; nothing is registered.
 * @example
 * ```ts
 * import { arrayFrom, definePrimitive, mul } from "@wengert/tensor";
 * import { lowerable } from "@wengert/compiler";
 * const cube = lowerable(
 *   definePrimitive({
 *     name: "cube",
 *     operands: ["x"],
 *     infer: ([x]) => x!,
 *     kernel: ([x]) => arrayFrom(x!.data.map((each) => each ** 3), x!.shape),
 *   }),
 *   ([x]) => mul(x!, mul(x!, x!)),
 * );
 * ```
 */
export function lowerable<P extends Primitive>(primitive: P, lowering: Lowering): P & LowerablePrimitive {
  return Object.freeze({ ...primitive, lowering });
}

/** Lowerings may use primitives of a user's own again, but not without end. */
const deepest = 100;

/**
 * The graph with lowerings in the place of primitives that are not of the table.
 * @throws CompileError when such a primitive has no lowering, or one of another type.
 */
export function expandDefinitions(document: Graph): Graph {
  let current = document;
  for (let depth = 0; Object.keys(current.definitions).length > 0; depth++) {
    if (depth === deepest) {
      const names = Object.keys(current.definitions).join(", ");
      throw new CompileError(`compile: lowerings must come to an end, got ${names} after ${depth} rounds`);
    }
    current = expandOnce(current);
  }
  return current;
}

function expandOnce(document: Graph): Graph {
  const tensors = new Map<NodeId, Tensor>();
  for (const [id, node] of nodesOf(document)) {
    const inputs = node.inputs.map((input) => tensors.get(input)!);
    const own = Object.hasOwn(document.definitions, node.primitive);
    const tensor = own
      ? lowered(document, node, inputs)
      : apply(primitiveOf(document, node.primitive), inputs, node.attributes);
    tensors.set(id, node.name === undefined ? tensor : named(node.name, tensor));
  }
  const pick = (record: Readonly<Record<string, NodeId>>): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(record).map(([name, id]) => [name, tensors.get(id)!]));
  return graph(pick(document.outputs), { updates: pick(document.updates) });
}

function lowered(document: Graph, node: GraphNode, inputs: readonly Tensor[]): Tensor {
  const primitive = primitiveOf(document, node.primitive);
  if (!("lowering" in primitive)) {
    throw new CompileError(`compile: a primitive needs a lowering, got none for ${node.primitive}`, {
      help: `lowerable(${node.primitive}, lowering) attaches one; the reference engine needs none`,
    });
  }
  const result = (primitive as LowerablePrimitive).lowering(inputs, node.attributes);
  if (result.dtype === node.dtype && sameShape(result.shape, node.shape)) return result;
  const [got, wanted] = [result, node].map(({ dtype, shape }) => `${dtype} ${showShape(shape)}`);
  throw new CompileError(`compile: a lowering has its primitive's type, got ${got} for ${wanted}`, {
    context: [`primitive  ${node.primitive}`],
  });
}
