// Primitives of a user's own: a lowering says what they are in terms of others, and the first step of the compiler
// puts that in their place.

import {
  apply,
  CompileError,
  feedsOf,
  graph,
  isTensor,
  named,
  nodesOf,
  primitiveOf,
  sameShape,
  shownValue,
  showShape,
  type Attributes,
  type Graph,
  type GraphNode,
  type NodeId,
  type Primitive,
  type Tensor,
} from "@wengert/tensor";

/** The value of a primitive as a node made of its operands, which may but need not be used, and of the same type. */
export type Lowering<A extends Attributes = Attributes> = (
  inputs: readonly Tensor[],
  attributes: A,
) => Tensor;

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
export function lowerable<P extends Primitive, A extends Attributes = Attributes>(
  primitive: P,
  lowering: Lowering<A>,
): P & LowerablePrimitive {
  if (typeof lowering !== "function")
    throw new CompileError(
      `lowerable: the lowering of ${primitive.name} must be a function, got ${shownValue(lowering)}`,
    );
  // Its nodes have the attributes that the primitive declares.
  return Object.freeze({ ...primitive, lowering: lowering as Lowering });
}

/** Lowerings may use primitives of a user's own again, but not without end. */
const deepest = 100;

/**
 * The graph with lowerings in the place of primitives that are not of the table.
 * @throws CompileError when such a primitive has no lowering, one of another type, or one with feeds of its own.
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

/** Inputs and parameters stay, also where a lowering does without them, so that a program takes the same values. */
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
  const feeds = nodesOf(document).flatMap(([id, { primitive }]) =>
    primitive === "input" || primitive === "parameter" ? [tensors.get(id)!] : [],
  );
  const outputs = Object.entries(document.outputs).map(([name, id]) => ({ name, tensor: tensors.get(id)! }));
  const whole = graph([...feeds, ...outputs.map(({ tensor }) => tensor)], {
    updates: pick(document.updates),
  });
  requireKnownFeeds(whole, document);
  const entries = outputs.map(({ name }, i) => [name, whole.outputs[feeds.length + i]!] as const);
  return Object.freeze({ ...whole, outputs: Object.freeze(Object.fromEntries(entries)) });
}

function requireKnownFeeds(expanded: Graph, document: Graph): void {
  for (const kind of ["input", "parameter"] as const) {
    const known = feedsOf(document, kind);
    const stranger = Object.keys(feedsOf(expanded, kind)).find((name) => !Object.hasOwn(known, name));
    if (stranger !== undefined)
      throw new CompileError(`compile: a lowering is made of its operands, got the ${kind} ${stranger}`, {
        help: `make ${stranger} an operand of the primitive`,
      });
  }
}

function lowered(document: Graph, node: GraphNode, inputs: readonly Tensor[]): Tensor {
  const primitive = primitiveOf(document, node.primitive);
  if (!("lowering" in primitive)) {
    throw new CompileError(`compile: a primitive needs a lowering, got none for ${node.primitive}`, {
      help: `lowerable(${node.primitive}, lowering) attaches one; the reference engine needs none`,
    });
  }
  const result = (primitive as LowerablePrimitive).lowering(inputs, node.attributes);
  if (!isTensor(result))
    throw new CompileError(
      `compile: the lowering of ${node.primitive} must give a tensor, got ${shownValue(result)}`,
    );
  if (result.dtype === node.dtype && sameShape(result.shape, node.shape)) return result;
  const [got, wanted] = [result, node].map(({ dtype, shape }) => `${dtype} ${showShape(shape)}`);
  throw new CompileError(`compile: a lowering has its primitive's type, got ${got} for ${wanted}`, {
    context: [`primitive  ${node.primitive}`],
  });
}
