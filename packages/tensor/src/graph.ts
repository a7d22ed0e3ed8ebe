// The graph document: nodes by id in topological order, ids and never references, outputs, and updates.
// A plain immutable value: it can be written down, compared, and rewritten by passes.

import { GraphError } from "./errors.ts";
import type { DType } from "./dtype.ts";
import { requireKnownFields } from "./known-fields.ts";
import { primitives } from "./primitives/index.ts";
import { sameShape, showShape, type Shape } from "./shape.ts";
import { isRecord, shownValue } from "./shown-value.ts";
import { structuralKeys } from "./structural-key.ts";
import { isTensor, type Attributes, type Primitive, type Tensor } from "./tensor.ts";
import type { PassRecord } from "./passes/pass.ts";

/** `%` and the node's name or a number. */
export type NodeId = string;

/** One step of a graph: a primitive by name, applied to nodes by id. */
export interface GraphNode {
  readonly primitive: string;
  readonly inputs: readonly NodeId[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
  /** What the author called it. */
  readonly name?: string;
}

/** A whole computation as one value. */
export interface Graph {
  /** Every node after its inputs: the order of the keys is topological. */
  readonly nodes: Readonly<Record<NodeId, GraphNode>>;
  readonly outputs: Readonly<Record<string, NodeId>>;
  /** What a parameter becomes after a run, by the parameter's name. */
  readonly updates: Readonly<Record<string, NodeId>>;
  /** Primitives that are not of the table, by name. */
  readonly definitions: Readonly<Record<string, Primitive>>;
  /** What passes did to it, oldest first. */
  readonly history: readonly PassRecord[];
}

/** One tensor, a list or a record of them. */
export type Structure = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** What a graph has besides outputs. */
export interface GraphOptions {
  /** The next value of parameters, by name. */
  readonly updates?: Readonly<Record<string, Tensor>>;
}

/**
 * The graph document of the given outputs. Structurally equal nodes become one.
 * A single output is called `output`; the outputs of a list are called by their positions.
 * @throws GraphError when one name stands for two different inputs, or an update does not fit its parameter.
 */
export function graph(outputs: Structure, options: GraphOptions = {}): Graph {
  requireKnownFields("graph", options, ["updates"]);
  const roots = outputRecord(outputs);
  const updates = options.updates ?? {};
  for (const [name, tensor] of [...Object.entries(roots), ...Object.entries(updates)]) {
    if (!isTensor(tensor))
      throw new GraphError(`graph: outputs and updates are tensors, got ${typeof tensor} for ${name}`);
  }
  const linear = linearise([...Object.values(roots), ...Object.values(updates)]);
  const idsOf = (record: Readonly<Record<string, Tensor>>): Record<string, NodeId> =>
    Object.fromEntries(Object.entries(record).map(([name, tensor]) => [name, linear.ids.get(tensor)!]));
  const result: Graph = {
    nodes: Object.freeze(linear.nodes),
    outputs: Object.freeze(idsOf(roots)),
    updates: Object.freeze(idsOf(updates)),
    definitions: Object.freeze(linear.definitions),
    history: Object.freeze([]),
  };
  checkUpdates(result);
  return Object.freeze(result);
}

/** The tensors of a structure by name. */
function outputRecord(outputs: Structure): Readonly<Record<string, Tensor>> {
  if (isTensor(outputs)) return { output: outputs };
  // With what a list lacks as `undefined`, which is then refused.
  if (Array.isArray(outputs)) return Object.fromEntries(Array.from(outputs as readonly Tensor[]).entries());
  if (!isRecord(outputs))
    throw new GraphError(`graph: takes a tensor, a list or a record of tensors, got ${shownValue(outputs)}`);
  return { ...(outputs as Readonly<Record<string, Tensor>>) };
}

interface Linear {
  readonly ids: ReadonlyMap<Tensor, NodeId>;
  readonly nodes: Record<NodeId, GraphNode>;
  readonly definitions: Record<string, Primitive>;
}

function linearise(roots: readonly Tensor[]): Linear {
  const ids = new Map<Tensor, NodeId>();
  const byKey = new Map<string, NodeId>();
  const feeds = new Map<string, Tensor>();
  const nodes: Record<NodeId, GraphNode> = {};
  const definitions: Record<string, Primitive> = {};
  const keyOf = structuralKeys();
  let count = 0;
  for (const tensor of topological(roots)) {
    const inputs = tensor.inputs.map((input) => ids.get(input)!);
    const { attributes, shape, dtype } = tensor;
    const key = keyOf({ primitive: tensor.primitive.name, inputs, attributes, shape, dtype });
    requireOnePrimitive(tensor.primitive, definitions);
    const same = byKey.get(key);
    if (same !== undefined) {
      ids.set(tensor, same);
      continue;
    }
    requireOneFeed(tensor, feeds);
    const id = freshId(tensor, count++, nodes);
    byKey.set(key, id);
    ids.set(tensor, id);
    nodes[id] = documentNode(tensor, inputs);
  }
  return { ids, nodes, definitions };
}

function documentNode(tensor: Tensor, inputs: readonly NodeId[]): GraphNode {
  const { attributes, shape, dtype, name } = tensor;
  const node = { primitive: tensor.primitive.name, inputs: Object.freeze(inputs), attributes, shape, dtype };
  return Object.freeze(name === undefined ? node : { ...node, name });
}

/** An id that no node has: `%` and the name, with the count where that is taken, or is no word, or is a number. */
function freshId(tensor: Tensor, count: number, nodes: Readonly<Record<NodeId, GraphNode>>): NodeId {
  const name = tensor.name ?? (tensor.attributes["name"] as string | undefined) ?? "";
  if (name === "") return `%${count}`;
  const id = `%${name.replace(/[^A-Za-z0-9_.]+/g, "_")}`;
  if (!Object.hasOwn(nodes, id) && !/^%\d+$/.test(id)) return id;
  let other = `${id}.${count}`;
  // Somebody may have called a node just so.
  while (Object.hasOwn(nodes, other)) other += "_";
  return other;
}

function requireOneFeed(tensor: Tensor, feeds: Map<string, Tensor>): void {
  const { name } = tensor.primitive;
  if (name !== "input" && name !== "parameter") return;
  const other = feeds.get(labelOfFeed(tensor));
  if (other !== undefined) {
    const show = (t: Tensor): string => `${t.primitive.name} ${t.dtype} ${showShape(t.shape)}`;
    throw new GraphError(
      `graph: a name stands for one input or parameter, got ${labelOfFeed(tensor)} as ${show(other)} and as ${show(tensor)}`,
    );
  }
  feeds.set(labelOfFeed(tensor), tensor);
}

/** Takes down a primitive that is not of the table. Facets of other packages may be on some of its copies only. */
function requireOnePrimitive(primitive: Primitive, definitions: Record<string, Primitive>): void {
  const { name } = primitive;
  const known = primitiveCalled(name, definitions);
  if (known === primitive) return;
  if (known === undefined) {
    definitions[name] = primitive;
    return;
  }
  if (known.kernel !== primitive.kernel || known.infer !== primitive.infer)
    refuseSecond(name, "kernel or shape rule");
  if (Object.hasOwn(primitives, name)) return;
  const facets: Readonly<Record<string, unknown>> = { ...known };
  let hasMore = false;
  for (const [facet, value] of Object.entries(primitive)) {
    if (!Object.hasOwn(facets, facet)) hasMore = true;
    else if (facet !== "operands" && facets[facet] !== value) refuseSecond(name, facet);
  }
  if (hasMore) definitions[name] = Object.freeze({ ...known, ...primitive });
}

function refuseSecond(name: string, what: string): never {
  throw new GraphError(`graph: a name stands for one primitive, got two different ones called ${name}`, {
    help: `they differ in ${what}; make it once and pass what varies as an attribute, or give each its name`,
  });
}

function labelOfFeed(tensor: Tensor): string {
  return tensor.attributes["name"] as string;
}

/** Every tensor that the roots depend on, each after its inputs; iterative, so that no chain is too long. */
export function topological(roots: readonly Tensor[]): readonly Tensor[] {
  const order: Tensor[] = [];
  const seen = new Set<Tensor>();
  const path: Tensor[] = [];
  const next: number[] = [];
  for (const root of roots) {
    if (seen.has(root)) continue;
    seen.add(root);
    path.push(root);
    next.push(0);
    while (path.length > 0) {
      const tensor = path.at(-1)!;
      const child = tensor.inputs[next[next.length - 1]++];
      if (child === undefined) {
        order.push(tensor);
        path.pop();
        next.pop();
      } else if (!seen.has(child)) {
        seen.add(child);
        path.push(child);
        next.push(0);
      }
    }
  }
  return order;
}

function checkUpdates(document: Graph): void {
  if (Object.keys(document.updates).length === 0) return;
  const parameters = feedsOf(document, "parameter");
  for (const [name, id] of Object.entries(document.updates)) {
    const [next, current] = [document.nodes[id], parameters[name]];
    if (current === undefined) {
      throw new GraphError(`graph: an update is of a parameter of the graph, got ${name}`, {
        help: `parameters: ${Object.keys(parameters).join(", ") || "none"}`,
      });
    }
    if (current.dtype !== next.dtype || !sameShape(current.shape, next.shape)) {
      const show = (node: GraphNode): string => `${node.dtype} ${showShape(node.shape)}`;
      throw new GraphError(
        `graph: an update has its parameter's type, got ${show(next)} for ${name} of ${show(current)}`,
      );
    }
  }
}

/** Every node with its id, in topological order. For large graphs several times as fast as `Object.entries`. */
export function nodesOf({
  nodes,
}: Pick<Graph, "nodes">): readonly (readonly [id: NodeId, node: GraphNode])[] {
  return Object.keys(nodes).map((id) => [id, nodes[id]] as const);
}

/** The names of a graph's dimensions, in alphabetical order: those that need a size before it can run. */
export function dimensionsOf(document: Graph): readonly string[] {
  const all = nodesOf(document).flatMap(([, { primitive, attributes, shape }]): readonly unknown[] =>
    primitive === "size" ? [attributes["dimension"]] : shape,
  );
  return [...new Set(all.filter((dim) => typeof dim === "string"))].toSorted();
}

/** The inputs or the parameters of a graph by name. */
export function feedsOf(document: Graph, kind: "input" | "parameter"): Readonly<Record<string, GraphNode>> {
  return feedsAmong(nodesOf(document), kind);
}

/** The inputs or the parameters among nodes by name. */
export function feedsAmong(
  entries: ReturnType<typeof nodesOf>,
  kind: "input" | "parameter",
): Readonly<Record<string, GraphNode>> {
  const feeds: [string, GraphNode][] = [];
  for (const [, node] of entries)
    if (node.primitive === kind) feeds.push([node.attributes["name"] as string, node]);
  return Object.fromEntries(feeds);
}

/** The primitive that a node of the graph names. */
export function primitiveOf(document: Graph, name: string): Primitive {
  const found = primitiveCalled(name, document.definitions);
  if (found === undefined) throw new GraphError(`graph: unknown primitive, got ${name}`);
  return found;
}

function primitiveCalled(name: string, definitions: Graph["definitions"]): Primitive | undefined {
  if (Object.hasOwn(primitives, name)) return primitives[name as keyof typeof primitives];
  return Object.hasOwn(definitions, name) ? definitions[name] : undefined;
}
