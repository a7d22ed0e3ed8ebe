// A graph document as JSON: versioned, with constants as base64 of their little-endian bytes, and checked when read.

import { allocate, bytesPerElement, dtypes, type DType, type TypedArray } from "./dtype.ts";
import { check, requireDocument } from "./check.ts";
import { GraphError } from "./errors.ts";
import { nodesOf, type Graph, type GraphNode, type NodeId } from "./graph.ts";
import { deepest, isNdArray, makeArray, type NdArray } from "./ndarray.ts";
import { elements, isSize, type Dim } from "./shape.ts";
import { definitionsIn, type DefinitionsOption } from "./parse.ts";
import { isListOf } from "./shown-value.ts";

// Both are in every browser and in Node, and in no library of the compiler's but the browser's.
declare function btoa(binary: string): string;
declare function atob(base64: string): string;

const format = "wengert/graph@1";

/** A graph as JSON can hold it. */
export interface GraphJSON {
  readonly format: typeof format;
  readonly nodes: readonly unknown[];
  readonly outputs: Readonly<Record<string, string>>;
  readonly updates: Readonly<Record<string, string>>;
}

/** The graph as a value that `JSON.stringify` keeps whole. Its history and its primitives' code are not part of it. */
export function toJSON(document: Graph): GraphJSON {
  requireDocument("toJSON", document);
  const nodes = nodesOf(document).map(([id, node]) => ({
    id,
    ...node,
    attributes: encode(node.attributes),
  }));
  return { format, nodes, outputs: document.outputs, updates: document.updates };
}

/** Numbers that JSON lacks, and arrays, become records of one key with `$`; other keys with `$` get another one. */
function encode(value: unknown): unknown {
  if (isNdArray(value))
    return { $array: { dtype: value.dtype, shape: value.shape, base64: toBase64(value.data) } };
  if (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { $number: Object.is(value, -0) ? "-0" : String(value) };
  }
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).map(([key, item]) => [escapeKey(key), encode(item)]);
    return Object.fromEntries(entries);
  }
  return value;
}

function escapeKey(key: string): string {
  return key.startsWith("$") ? `$${key}` : key;
}

const specialNumbers: ReadonlySet<unknown> = new Set(["NaN", "Infinity", "-Infinity", "-0"]);

/**
 * The graph of a value from `toJSON`.
 * @param options `primitives`: those that are not of the table, by name
 * @throws GraphError that says which part of the document is not well formed.
 */
export function fromJSON(value: unknown, { primitives = {} }: DefinitionsOption = {}): Graph {
  if (!isRecord(value) || value["format"] !== format) {
    throw new GraphError(
      `fromJSON: the format must be ${format}, got ${isRecord(value) ? JSON.stringify(value["format"]) : kindOf(value)}`,
    );
  }
  if (!Array.isArray(value["nodes"]))
    throw new GraphError(`fromJSON: nodes must be a list, got ${typeof value["nodes"]}`);
  const nodes = new Map<NodeId, GraphNode>();
  for (const [index, entry] of value["nodes"].entries()) {
    const { id, node } = readNode(entry, index);
    if (nodes.has(id)) throw new GraphError(`fromJSON: an id stands for one node, got ${id} twice`);
    nodes.set(id, node);
  }
  const record = Object.freeze(Object.fromEntries(nodes));
  return check(
    Object.freeze({
      nodes: record,
      outputs: readRoots(value["outputs"], "outputs"),
      updates: readRoots(value["updates"], "updates"),
      definitions: definitionsIn(record, primitives),
      history: Object.freeze([]),
    }),
  );
}

function readNode(entry: unknown, index: number): { readonly id: string; readonly node: GraphNode } {
  const place = `node ${index}`;
  if (!isRecord(entry)) throw new GraphError(`fromJSON: ${place} must be a record, got ${kindOf(entry)}`);
  const { id, primitive, inputs, attributes, shape, dtype, name } = entry;
  const refuse = (field: string, rule: string, got: unknown): never => {
    throw new GraphError(
      `fromJSON: ${field} of ${place} must be ${rule}, got ${JSON.stringify(got) ?? "nothing"}`,
    );
  };
  if (typeof id !== "string") return refuse("id", "text", id);
  if (typeof primitive !== "string") return refuse("primitive", "text", primitive);
  if (!isListOf(inputs, isText)) return refuse("inputs", "a list of ids", inputs);
  if (!isRecord(attributes)) return refuse("attributes", "a record", attributes);
  if (!isListOf(shape, isDim)) return refuse("shape", "a list of numbers and names", shape);
  if (!dtypes.includes(dtype as DType)) return refuse("dtype", `one of ${dtypes.join(", ")}`, dtype);
  if (name !== undefined && typeof name !== "string") return refuse("name", "text", name);
  const decoded = decode(attributes, place) as Record<string, unknown>;
  const node = {
    primitive,
    inputs: Object.freeze([...inputs]),
    attributes: Object.freeze(decoded),
    shape: Object.freeze(shape),
    dtype: dtype as DType,
  };
  return { id, node: Object.freeze(name === undefined ? node : { ...node, name }) };
}

function readRoots(value: unknown, kind: string): Readonly<Record<string, string>> {
  if (!isRecord(value) || !Object.values(value).every((id) => typeof id === "string")) {
    throw new GraphError(
      `fromJSON: ${kind} must be a record of ids, got ${JSON.stringify(value) ?? "nothing"}`,
    );
  }
  return Object.freeze({ ...(value as Record<string, string>) });
}

function decode(value: unknown, place: string, depth = 0): unknown {
  if (depth > deepest) {
    throw new GraphError(`fromJSON: attributes of ${place} nest at most ${deepest} deep, got more`);
  }
  if (Array.isArray(value)) return Object.freeze(value.map((item) => decode(item, place, depth + 1)));
  if (!isRecord(value)) return value;
  const special = Object.keys(value).find((key) => key.startsWith("$") && !key.startsWith("$$"));
  if (special !== undefined) return decodeSpecial(special, value, place);
  const entries = Object.entries(value).map(([key, item]) => [
    key.startsWith("$") ? key.slice(1) : key,
    decode(item, place, depth + 1),
  ]);
  return Object.freeze(Object.fromEntries(entries));
}

function decodeSpecial(key: string, record: Readonly<Record<string, unknown>>, place: string): unknown {
  const value = record[key];
  if (key === "$array" && isRecord(value)) return readArray(value, place);
  if (key === "$number" && specialNumbers.has(value)) return Number(value);
  const got = JSON.stringify(record).slice(0, 60);
  throw new GraphError(
    `fromJSON: ${place} may hold {"$array": …} and {"$number": "NaN"}, "Infinity", "-Infinity" or "-0", got ${got}`,
  );
}

function readArray({ dtype, shape, base64 }: Record<string, unknown>, place: string): NdArray {
  if (!dtypes.includes(dtype as DType) || !isListOf(shape, isSize) || !isText(base64)) {
    throw new GraphError(
      `fromJSON: an array of ${place} needs dtype, shape and base64, got ${JSON.stringify({ dtype, shape })}`,
    );
  }
  const bytes = fromBase64(base64, place);
  // Before anything is made in that size: the shape may say what it likes.
  const needed = elements(shape) * bytesPerElement(dtype as DType);
  if (bytes.length !== needed) {
    throw new GraphError(`fromJSON: an array of ${place} needs ${needed} bytes, got ${bytes.length}`);
  }
  const data = allocate(dtype as DType, elements(shape));
  new Uint8Array(data.buffer).set(bytes);
  return makeArray(data, dtype as DType, shape);
}

function toBase64(data: TypedArray): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let binary = "";
  for (let at = 0; at < bytes.length; at += 8192)
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

function fromBase64(text: string, place: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch (cause) {
    throw new GraphError(
      `fromJSON: an array of ${place} must be base64, got ${JSON.stringify(text.slice(0, 20))}`,
      { cause },
    );
  }
}

function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isText = (value: unknown): value is string => typeof value === "string";
const isDim = (value: unknown): value is Dim => typeof value === "number" || isText(value);
