// Reads what `print` writes; the grammar stands there. What is read is checked as a whole.

import { check } from "./check.ts";
import { dtypes, type DType } from "./dtype.ts";
import { GraphError } from "./errors.ts";
import { shownValue } from "./shown-value.ts";
import type { Graph, GraphNode, NodeId } from "./graph.ts";
import { expectMark, marks, readList, readValue, takeString } from "./parse-value.ts";
import { impliedName, isFeed } from "./print.ts";
import { scan, type Scanner } from "./scanner.ts";
import type { Dim } from "./shape.ts";
import type { Primitive } from "./tensor.ts";

const headerPattern = /graph[ \t]+1(?!\d)/y;
const rootPattern = /(?:output|update)\b/y;
const idPattern = /%[A-Za-z0-9_.]+/y;
const wordPattern = /[A-Za-z_][A-Za-z0-9_:]*/y;
const sizePattern = /\d+/y;
const unnamedPattern = /_/y;
const dtypePattern = new RegExp(dtypes.join("|"), "y");

/** Primitives that are not of the table, by name. */
export interface DefinitionsOption {
  readonly primitives?: Readonly<Record<string, Primitive>>;
}

/** What has been read so far. */
interface Reading {
  readonly nodes: Map<NodeId, GraphNode>;
  readonly output: Map<string, NodeId>;
  readonly update: Map<string, NodeId>;
}

/**
 * The graph of a text from `print`.
 * @param options `primitives`: those that are not of the table, by name
 * @throws GraphError with line and column where the text is not a graph, or with the node that is not well formed.
 */
export function parse(text: string, { primitives = {} }: DefinitionsOption = {}): Graph {
  if (typeof (text as unknown) !== "string")
    throw new GraphError(`parse: a graph is read from text, got ${shownValue(text)}`);
  const reading: Reading = { nodes: new Map(), output: new Map(), update: new Map() };
  const scanner = scan(text);
  let begun = false;
  while (scanner.nextLine()) {
    if (scanner.atEnd()) continue;
    if (begun) readLine(scanner, reading);
    else scanner.expect(headerPattern, '"graph 1"');
    begun = true;
    if (!scanner.atEnd()) scanner.fail("the end of the line");
  }
  if (!begun) throw new GraphError('parse: a graph begins with "graph 1", got an empty text');
  const nodes = Object.freeze(Object.fromEntries(reading.nodes));
  return check(
    Object.freeze({
      nodes,
      outputs: Object.freeze(Object.fromEntries(reading.output)),
      updates: Object.freeze(Object.fromEntries(reading.update)),
      definitions: definitionsIn(nodes, primitives),
      history: Object.freeze([]),
    }),
  );
}

/** Those of the given primitives that the nodes use. */
export function definitionsIn(
  nodes: Graph["nodes"],
  primitives: Readonly<Record<string, Primitive>>,
): Graph["definitions"] {
  const used = new Set(Object.values(nodes).map(({ primitive }) => primitive));
  return Object.freeze(Object.fromEntries(Object.entries(primitives).filter(([name]) => used.has(name))));
}

function readLine(scanner: Scanner, reading: Reading): void {
  const kind = scanner.take(rootPattern);
  if (kind === undefined) readNode(scanner, reading.nodes);
  else readRoot(scanner, kind === "output" ? reading.output : reading.update);
}

function readRoot(scanner: Scanner, roots: Map<string, NodeId>): void {
  const name = takeString(scanner) ?? scanner.fail("a name in quotes");
  expectMark(scanner, marks.equals);
  if (roots.has(name)) scanner.fail(`another name than ${name}, which is taken`);
  roots.set(name, scanner.expect(idPattern, "the id of a node"));
}

function readNode(scanner: Scanner, nodes: Map<NodeId, GraphNode>): void {
  const id = scanner.expect(idPattern, "a node, an output or an update");
  if (nodes.has(id)) scanner.fail(`another id than ${id}, which is taken`);
  const unnamed = scanner.take(unnamedPattern) !== undefined;
  const written = unnamed ? undefined : takeString(scanner);
  expectMark(scanner, marks.colon);
  const dtype = scanner.expect(dtypePattern, "a dtype") as DType;
  const shape = Object.freeze(readList(scanner, marks.openList, marks.closeList, () => readDim(scanner)));
  expectMark(scanner, marks.equals);
  const primitive = scanner.expect(wordPattern, "a primitive");
  const { inputs, attributes } = readItems(scanner);
  const name = written ?? (unnamed ? undefined : impliedName(id, primitive));
  const all = isFeed(primitive) ? { name: id.slice(1), ...attributes, shape, dtype } : attributes;
  const node = { primitive, inputs, attributes: Object.freeze(all), shape, dtype };
  nodes.set(id, Object.freeze(name === undefined ? node : { ...node, name }));
}

function readItems(scanner: Scanner): Pick<GraphNode, "inputs" | "attributes"> {
  const inputs: NodeId[] = [];
  const attributes = new Map<string, unknown>();
  readList(scanner, marks.openItems, marks.closeItems, () => {
    const input = attributes.size === 0 ? scanner.take(idPattern) : undefined;
    if (input !== undefined) return inputs.push(input);
    const key =
      takeString(scanner) ??
      scanner.expect(wordPattern, attributes.size === 0 ? "an input or an attribute" : "an attribute");
    if (attributes.has(key)) scanner.fail(`another attribute than ${key}, which is taken`);
    expectMark(scanner, marks.equals);
    return attributes.set(key, readValue(scanner));
  });
  return { inputs: Object.freeze(inputs), attributes: Object.fromEntries(attributes) };
}

function readDim(scanner: Scanner): Dim {
  const size = scanner.take(sizePattern);
  return size === undefined ? scanner.expect(wordPattern, "a dimension") : Number(size);
}
