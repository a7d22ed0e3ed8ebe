// Reads what `print` writes; the grammar stands there. What is read is checked as a whole.

import { allocate, dtypes, type DType } from "./dtype.ts";
import { check } from "./check.ts";
import { GraphError } from "./errors.ts";
import type { Graph, GraphNode, NodeId } from "./graph.ts";
import { elements, makeArray, type NdArray } from "./ndarray.ts";
import { impliedName, isFeed } from "./print.ts";
import { scanLine, type Scanner } from "./scanner.ts";
import type { Dim } from "./shape.ts";
import type { Attributes, Primitive } from "./tensor.ts";
import { readNumber } from "./text-values.ts";

const idPattern = /%[A-Za-z0-9_.]+/;
const wordPattern = /[A-Za-z_][A-Za-z0-9_:]*/;
const numberPattern = /-?(?:inf|nan|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)/;
const stringPattern = /"(?:[^"\\]|\\.)*"/;
const dtypePattern = new RegExp(dtypes.join("|"));

/** Primitives that are not of the table, by name. */
export interface DefinitionsOption {
  readonly primitives?: Readonly<Record<string, Primitive>>;
}

/**
 * The graph of a text from `print`.
 * @throws GraphError with line and column where the text is not a graph, or with the node that is not well formed.
 */
export function parse(text: string, { primitives = {} }: DefinitionsOption = {}): Graph {
  const nodes: Record<NodeId, GraphNode> = {};
  const outputs: Record<string, NodeId> = {};
  const updates: Record<string, NodeId> = {};
  let begun = false;
  for (const [index, line] of text.split("\n").entries()) {
    const scanner = scanLine(line.replace(/\r$/, ""), index + 1);
    if (scanner.atEnd) continue;
    if (!begun) {
      scanner.expect(/graph\s+1(?!\d)/, '"graph 1"');
      begun = true;
    } else if (scanner.take(/output\b/) !== undefined) readRoot(scanner, outputs);
    else if (scanner.take(/update\b/) !== undefined) readRoot(scanner, updates);
    else readNode(scanner, nodes);
    if (!scanner.atEnd) scanner.fail("the end of the line");
  }
  if (!begun) throw new GraphError('parse: a graph begins with "graph 1", got an empty text');
  const definitions = Object.fromEntries(
    Object.values(nodes).flatMap(({ primitive }) => {
      const defined = primitives[primitive];
      return defined === undefined ? [] : [[primitive, defined]];
    }),
  );
  return check(Object.freeze({ nodes, outputs, updates, definitions, history: Object.freeze([]) }));
}

function readRoot(scanner: Scanner, roots: Record<string, NodeId>): void {
  const name = JSON.parse(scanner.expect(stringPattern, "a name in quotes")) as string;
  scanner.expect(/=/, "=");
  if (Object.hasOwn(roots, name)) scanner.fail(`another name than ${name}, which is taken`);
  roots[name] = scanner.expect(idPattern, "the id of a node");
}

function readNode(scanner: Scanner, nodes: Record<NodeId, GraphNode>): void {
  const id = scanner.expect(idPattern, "a node, an output or an update");
  if (Object.hasOwn(nodes, id)) scanner.fail(`another id than ${id}, which is taken`);
  const unnamed = scanner.take(/_/) !== undefined;
  const written = unnamed ? undefined : scanner.take(stringPattern);
  scanner.expect(/:/, ":");
  const dtype = scanner.expect(dtypePattern, "a dtype") as DType;
  const shape = readList(scanner, /\[/, /\]/, () => readDim(scanner));
  scanner.expect(/=/, "=");
  const primitive = scanner.expect(wordPattern, "a primitive");
  const inputs: NodeId[] = [];
  const attributes: Record<string, unknown> = {};
  readList(scanner, /\(/, /\)/, () => {
    const input = scanner.take(idPattern);
    if (input !== undefined) return void inputs.push(input);
    const key = scanner.expect(wordPattern, "an input or an attribute");
    scanner.expect(/=/, "=");
    attributes[key] = readValue(scanner);
  });
  const name =
    written === undefined
      ? unnamed
        ? undefined
        : impliedName(id, primitive)
      : (JSON.parse(written) as string);
  const all: Attributes = isFeed(primitive) ? { name: id.slice(1), ...attributes, shape, dtype } : attributes;
  const node = { primitive, inputs, attributes: Object.freeze(all), shape, dtype };
  nodes[id] = Object.freeze(name === undefined ? node : { ...node, name });
}

function readList<T>(scanner: Scanner, open: RegExp, close: RegExp, read: () => T): T[] {
  const items: T[] = [];
  scanner.expect(open, open.source.replace("\\", ""));
  if (scanner.take(close) !== undefined) return items;
  do items.push(read());
  while (scanner.take(/,/) !== undefined);
  scanner.expect(close, `, or ${close.source.replace("\\", "")}`);
  return items;
}

function readDim(scanner: Scanner): Dim {
  const size = scanner.take(/\d+/);
  return size === undefined ? scanner.expect(wordPattern, "a dimension") : Number(size);
}

function readValue(scanner: Scanner): unknown {
  const dtype = scanner.take(new RegExp(`(?:${dtypes.join("|")})(?=\\[)`));
  if (dtype !== undefined) return readArray(scanner, dtype as DType);
  if (scanner.take(/\[/) !== undefined) return readItems(scanner);
  const text = scanner.take(stringPattern);
  if (text !== undefined) return JSON.parse(text) as unknown;
  const word = scanner.take(/true|false|null/);
  if (word !== undefined) return JSON.parse(word) as unknown;
  if (scanner.take(/\{/) !== undefined) return readRecord(scanner);
  return readNumber(scanner.expect(numberPattern, "a value"));
}

/** The rest of a list whose bracket is taken. */
function readItems(scanner: Scanner): unknown[] {
  const items: unknown[] = [];
  if (scanner.take(/\]/) !== undefined) return items;
  do items.push(readValue(scanner));
  while (scanner.take(/,/) !== undefined);
  scanner.expect(/\]/, ", or ]");
  return items;
}

function readRecord(scanner: Scanner): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  if (scanner.take(/\}/) !== undefined) return record;
  do {
    const key = JSON.parse(scanner.expect(stringPattern, "a key in quotes")) as string;
    scanner.expect(/:/, ":");
    record[key] = readValue(scanner);
  } while (scanner.take(/,/) !== undefined);
  scanner.expect(/\}/, ", or }");
  return record;
}

function readArray(scanner: Scanner, dtype: DType): NdArray {
  const shape = readList(scanner, /\[/, /\]/, () => Number(scanner.expect(/\d+/, "a size")));
  const numbers = readList(
    scanner,
    /\(/,
    /\)/,
    () => readNumber(scanner.expect(numberPattern, "a number")) as number,
  );
  if (numbers.length !== elements(shape)) {
    scanner.fail(`${elements(shape)} numbers for shape [${shape.join(", ")}] instead of ${numbers.length}`);
  }
  const data = allocate(dtype, numbers.length);
  data.set(numbers);
  return makeArray(data, dtype, shape);
}
