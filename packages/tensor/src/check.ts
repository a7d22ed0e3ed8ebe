// The invariants of a well-formed graph document, a row each. Every reader of documents ends here.

import { strayAttribute } from "./check-attributes.ts";
import { dtypes } from "./dtype.ts";
import { GraphError, ShapeError } from "./errors.ts";
import { feedsAmong, nodesOf, primitiveOf, type Graph, type GraphNode, type NodeId } from "./graph.ts";
import { strayValue } from "./plain-values.ts";
import { primitives } from "./primitives/index.ts";
import { sameShape, showShape } from "./shape.ts";
import { isListOf, shownValue } from "./shown-value.ts";
import { apply, isTensor, type Tensor } from "./tensor.ts";

/** What a rule of nodes sees: a node, and the nodes before it as tensors. */
interface Place {
  readonly document: Graph;
  readonly id: NodeId;
  readonly node: GraphNode;
  readonly before: Map<NodeId, Tensor>;
}

/** Says what is wrong with a node, or nothing. */
type NodeRule = (place: Place) => string | undefined;

/** Each invariant of a node, by the words in which its error says it; a rule may rely on those above it. */
const nodeRules: Readonly<Record<string, NodeRule>> = {
  "a node has a primitive, inputs, attributes and a shape": ({ node }) => strayPart(node),
  "an id is % and letters, digits, _ and .": ({ id }) => (/^%[A-Za-z0-9_.]+$/.test(id) ? undefined : id),
  "a name is text": ({ node: { name } }) =>
    name === undefined || typeof name === "string" ? undefined : typeof name,
  "a primitive must be known": ({ document, node: { primitive } }) =>
    Object.hasOwn(primitives, primitive) || Object.hasOwn(document.definitions, primitive)
      ? undefined
      : primitive,
  "a dtype is f32, f64, i32, u32 or bool": ({ node: { dtype } }) =>
    dtypes.includes(dtype) ? undefined : dtype,
  "inputs must exist": ({ document, node }) =>
    node.inputs.find((input) => !Object.hasOwn(document.nodes, input)),
  "every node comes after its inputs, so that there is no cycle": ({ node, before }) =>
    node.inputs.find((input) => !before.has(input)),
  "a primitive has its number of inputs": ({ document, node: { primitive, inputs } }) => {
    const { operands } = primitiveOf(document, primitive);
    if (operands[0]?.startsWith("...") || operands.length === inputs.length) return undefined;
    return `${inputs.length} instead of ${operands.length}`;
  },
  "attributes are plain data": ({ node: { attributes } }) => {
    for (const key of Object.keys(attributes)) {
      const found = strayValue(attributes[key]);
      if (found !== undefined) return `${found} as ${key}`;
    }
    return undefined;
  },
  "an input has a name": ({ node: { primitive, attributes } }) => {
    if (!isFeed(primitive)) return undefined;
    const { name } = attributes;
    return typeof name === "string" && name !== "" ? undefined : (JSON.stringify(name) ?? "nothing");
  },
  "attributes must be what the primitive takes": ({ node, before }) =>
    strayAttribute(
      node,
      node.inputs.map((input) => before.get(input)!),
    ),
  "inputs and attributes must fit the primitive": ({ document, id, node, before }) => {
    const inputs = node.inputs.map((input) => before.get(input)!);
    try {
      before.set(id, apply(primitiveOf(document, node.primitive), inputs, node.attributes));
    } catch (error) {
      if (error instanceof ShapeError) return error.rule;
      return error instanceof Error ? error.message : String(error);
    }
    return undefined;
  },
  "the type must be what the primitive gives": ({ id, node, before }) => {
    const inferred = before.get(id)!;
    if (inferred.dtype === node.dtype && sameShape(inferred.shape, node.shape)) return undefined;
    return `${typeOf(node)} instead of ${typeOf(inferred)}`;
  },
};

type Entries = ReturnType<typeof nodesOf>;

/** Says what is wrong with a whole graph whose nodes are well formed, or nothing. */
type GraphRule = (document: Graph, entries: Entries) => string | undefined;

/** Each invariant of a graph, by the words in which its error says it. */
const graphRules: Readonly<Record<string, GraphRule>> = {
  "a name stands for one input or parameter": (_, entries) => {
    const seen = new Map<unknown, NodeId>();
    for (const [id, { primitive, attributes }] of entries) {
      if (!isFeed(primitive)) continue;
      const { name } = attributes;
      const other = seen.get(name);
      if (other !== undefined) return `${String(name)} for ${other} and ${id}`;
      seen.set(name, id);
    }
    return undefined;
  },
  "an output must exist": ({ nodes, outputs }) => stray(nodes, outputs),
  "an update must exist": ({ nodes, updates }) => stray(nodes, updates),
  "an update is of a parameter": ({ updates }, entries) => {
    const parameters = feedsAmong(entries, "parameter");
    return Object.keys(updates).find((name) => !Object.hasOwn(parameters, name));
  },
  "an update has its parameter's type": ({ nodes, updates }, entries) => {
    const parameters = feedsAmong(entries, "parameter");
    for (const [name, id] of Object.entries(updates)) {
      const [next, current] = [typeOf(nodes[id]), typeOf(parameters[name])];
      if (next !== current) return `${next} for ${name}, ${current}`;
    }
    return undefined;
  },
  "a definition has its own name, and none of the table": ({ definitions }) =>
    Object.keys(definitions).find(
      (name) => definitions[name].name !== name || Object.hasOwn(primitives, name),
    ),
};

/** The words of every invariant, of nodes and then of graphs. */
export const invariants: readonly string[] = Object.freeze([
  ...Object.keys(nodeRules),
  ...Object.keys(graphRules),
]);

const nodeRows = Object.entries(nodeRules);
const graphRows = Object.entries(graphRules);

/**
 * The document itself, if it is well formed.
 * @throws GraphError that names the invariant, and the node where it is one of nodes.
 */
export function check(document: Graph): Graph {
  requireDocument("check", document);
  const entries = nodesOf(document);
  const before = new Map<NodeId, Tensor>();
  for (const [id, node] of entries) {
    const place = { document, id, node, before };
    for (const [invariant, rule] of nodeRows) {
      const got = rule(place);
      if (got === undefined) continue;
      throw new GraphError(`check: ${invariant}, got ${got}`, {
        context: [
          `node   ${id}${strayPart(node) === undefined ? ` = ${node.primitive}(${node.inputs.join(", ")})` : ""}`,
        ],
      });
    }
  }
  for (const [invariant, rule] of graphRows) {
    const got = rule(document, entries);
    if (got !== undefined) throw new GraphError(`check: ${invariant}, got ${got}`);
  }
  return document;
}

/** What a node lacks, or nothing. */
function strayPart(node: unknown): string | undefined {
  if (typeof node !== "object" || node === null) return shownValue(node);
  const { primitive, inputs, attributes, shape } = node as Partial<GraphNode>;
  if (typeof primitive !== "string") return `${shownValue(primitive)} as primitive`;
  if (!isListOf(inputs, (input) => typeof input === "string")) return `${shownValue(inputs)} as inputs`;
  if (typeof attributes !== "object" || (attributes as unknown) === null)
    return `${shownValue(attributes)} as attributes`;
  return Array.isArray(shape) ? undefined : `${shownValue(shape)} as shape`;
}

function isFeed(primitive: string): boolean {
  return primitive === "input" || primitive === "parameter";
}

function stray(nodes: Graph["nodes"], roots: Readonly<Record<string, NodeId>>): string | undefined {
  const found = Object.entries(roots).find(([, id]) => !Object.hasOwn(nodes, id));
  return found === undefined ? undefined : `${found[1]} for ${found[0]}`;
}

function typeOf({ dtype, shape }: Pick<GraphNode, "dtype" | "shape">): string {
  return `${dtype}${showShape(shape)}`;
}

/** @throws GraphError where something else than a document is handed over, as JavaScript may. */
export function requireDocument(call: string, document: unknown): asserts document is Graph {
  const { nodes, outputs, updates, definitions } = (document ?? {}) as Partial<Graph>;
  if ([nodes, outputs, updates, definitions].every((part) => typeof part === "object" && part !== null))
    return;
  let got = shownValue(document);
  if (isTensor(document)) got = "a node";
  else if (typeof document === "object" && document !== null) got = "an object of another kind";
  throw new GraphError(`${call}: a graph document is needed, got ${got}`, {
    help: "graph(x) makes one of a node, or of nodes by name",
  });
}
