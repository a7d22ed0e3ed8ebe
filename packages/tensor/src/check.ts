// The invariants of a well-formed graph document, a row each. Every reader of documents ends here.

import { strayAttribute } from "./check-attributes.ts";
import { dtypes } from "./dtype.ts";
import { GraphError, ShapeError } from "./errors.ts";
import { primitiveOf, type Graph, type GraphNode, type NodeId } from "./graph.ts";
import { sameShape, showShape } from "./shape.ts";
import { apply, type Tensor } from "./tensor.ts";
import { strayValue } from "./plain-values.ts";

/** What a rule sees: a node, and the nodes before it as tensors. */
interface Place {
  readonly document: Graph;
  readonly id: NodeId;
  readonly node: GraphNode;
  readonly before: ReadonlyMap<NodeId, Tensor>;
}

/** Says what is wrong, or nothing. */
type Rule = (place: Place) => string | undefined;

/** Each invariant of a node, by the words that its error says it in. */
const rules: Readonly<Record<string, Rule>> = {
  "ids begin with % and are letters, digits, _ and .": ({ id }) =>
    /^%[A-Za-z0-9_.]+$/.test(id) ? undefined : id,
  "a primitive must be known": ({ document, node }) => {
    try {
      primitiveOf(document, node.primitive);
    } catch {
      return node.primitive;
    }
    return undefined;
  },
  "dtypes are f32, f64, i32, u32 and bool": ({ node }) =>
    dtypes.includes(node.dtype) ? undefined : node.dtype,
  "inputs must exist": ({ document, node }) =>
    node.inputs.find((input) => !Object.hasOwn(document.nodes, input)),
  "every node comes after its inputs, so that there is no cycle": ({ node, before }) =>
    node.inputs.find((input) => !before.has(input)),
  "attributes are plain data": ({ node }) => {
    for (const [key, value] of Object.entries(node.attributes)) {
      const stray = strayValue(value);
      if (stray !== undefined) return `${stray} as ${key}`;
    }
    return undefined;
  },
};

/**
 * The document itself, if it is well formed.
 * @throws GraphError that names the node and the invariant.
 */
export function check(document: Graph): Graph {
  const before = new Map<NodeId, Tensor>();
  for (const [id, node] of Object.entries(document.nodes)) {
    const place = { document, id, node, before };
    for (const [invariant, rule] of Object.entries(rules)) {
      const got = rule(place);
      if (got !== undefined) refuse(invariant, got, id, node);
    }
    before.set(id, inferred(place));
  }
  checkFeeds(document);
  checkRoots(document);
  return document;
}

function refuse(invariant: string, got: string, id: NodeId, node: GraphNode): never {
  throw new GraphError(`check: ${invariant}, got ${got}`, {
    context: [`node   ${id} = ${node.primitive}(${node.inputs.join(", ")})`],
  });
}

/** The node as a tensor, whose type the shape rule gives anew. */
function inferred({ document, id, node, before }: Place): Tensor {
  let tensor: Tensor;
  try {
    const inputs = node.inputs.map((input) => before.get(input) as Tensor);
    tensor = apply(primitiveOf(document, node.primitive), inputs, node.attributes);
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof GraphError || error instanceof TypeError))
      throw error;
    const got = (error instanceof ShapeError ? error.rule : error.message.split("\n")[0]) ?? "";
    return refuse("inputs and attributes must fit the primitive", got, id, node);
  }
  const stray = strayAttribute(node, tensor.inputs);
  if (stray !== undefined) refuse("inputs and attributes must fit the primitive", stray, id, node);
  const type = (t: Pick<Tensor, "dtype" | "shape">): string => `${t.dtype}${showShape(t.shape)}`;
  if (tensor.dtype !== node.dtype || !sameShape(tensor.shape, node.shape)) {
    refuse("the type must be what the primitive gives", `${type(node)} instead of ${type(tensor)}`, id, node);
  }
  return tensor;
}

function checkFeeds({ nodes }: Graph): void {
  const seen = new Map<unknown, NodeId>();
  for (const [id, node] of Object.entries(nodes)) {
    if (node.primitive !== "input" && node.primitive !== "parameter") continue;
    const name = node.attributes["name"];
    if (typeof name !== "string") refuse("an input has a name", typeof name, id, node);
    if (seen.has(name))
      refuse("a name stands for one input or parameter", `${name} for ${seen.get(name)} too`, id, node);
    seen.set(name, id);
  }
}

function checkRoots({ nodes, outputs, updates }: Graph): void {
  for (const [kind, roots] of [
    ["output", outputs],
    ["update", updates],
  ] as const) {
    for (const [name, id] of Object.entries(roots)) {
      if (!Object.hasOwn(nodes, id))
        throw new GraphError(`check: an ${kind} must exist, got ${id} for ${name}`);
    }
  }
  for (const [name, id] of Object.entries(updates)) {
    const next = nodes[id];
    const current = Object.values(nodes).find(
      (node) => node.primitive === "parameter" && node.attributes["name"] === name,
    );
    if (current?.dtype === next.dtype && sameShape(current.shape, next.shape)) continue;
    const type = current === undefined ? "no parameter" : `${current.dtype}${showShape(current.shape)}`;
    throw new GraphError(
      `check: an update has its parameter's type, got ${next.dtype}${showShape(next.shape)} for ${name}, ${type}`,
    );
  }
}
