// A graph document as text, one node a line, which `parse` reads back. Without a written name, a node is called as its
// id says, unless that is a number; inputs and parameters show only their name.

// graph  = "graph" "1" { line }            lines end at a newline, `#` begins a comment
// line   = node | ( "output" | "update" ) string "=" id
// node   = id [ string | "_" ] ":" dtype "[" [ dim { "," dim } ] "]" "=" word "(" [ item { "," item } ] ")"
// item   = id | ( word | string ) "=" value        inputs first, then attributes; "_" is a node without a name
// value  = JSON with nan, inf and -inf among numbers | dtype "[" [ size { "," size } ] "]" "(" [ number { "," number } ] ")"
// id     = "%" letters, digits, "_" and "."        word = a letter or "_", then letters, digits, "_" and ":"
// dim    = size | word                             string, number and the rest of JSON as JSON has them

import { requireDocument } from "./check.ts";
import { nodesOf, type Graph, type GraphNode } from "./graph.ts";
import { printValue } from "./text-values.ts";

/** How to print a graph. */
export interface PrintOptions {
  /** Constants with more elements are cut; the text can then not be parsed. Default none. */
  readonly limit?: number;
}

/**
 * The graph as text: every node with its type, then outputs and updates. `parse` reads it back.
 * @param options how long constants may be
 * @example
 * ```ts
 * import { graph, input, mul, print } from "@wengert/tensor";
 * const x = input("x", [3]);
 * console.log(print(graph(mul(x, x))));
 * ```
 * ```text
 * graph 1
 * %x: f32[3] = input()
 * %1: f32[3] = mul(%x, %x)
 * output "output" = %1
 * ```
 */
export function print(document: Graph, { limit = Number.POSITIVE_INFINITY }: PrintOptions = {}): string {
  requireDocument("print", document);
  const lines = ["graph 1"];
  for (const [id, node] of nodesOf(document)) lines.push(printNode(id, node, limit));
  for (const [name, id] of Object.entries(document.outputs))
    lines.push(`output ${JSON.stringify(name)} = ${id}`);
  for (const [name, id] of Object.entries(document.updates))
    lines.push(`update ${JSON.stringify(name)} = ${id}`);
  return lines.join("\n");
}

/** One node as text. */
function printNode(id: string, node: GraphNode, limit: number): string {
  const { primitive, inputs, attributes, shape, dtype } = node;
  const shown = Object.entries(attributes).filter(([key, value]) => !isImplied(id, node, key, value));
  const items = [...inputs, ...shown.map(([key, value]) => `${printKey(key)}=${printValue(value, limit)}`)];
  return `${id}${printName(id, node)}: ${dtype}[${shape.join(", ")}] = ${primitive}(${items.join(", ")})`;
}

function printKey(key: string): string {
  return /^[A-Za-z_][A-Za-z0-9_:]*$/.test(key) ? key : JSON.stringify(key);
}

/** The name that an id stands for, where no other is written. */
export function impliedName(id: string, primitive: string): string | undefined {
  return isFeed(primitive) || /^%\d+$/.test(id) ? undefined : id.slice(1);
}

/** True for the primitives whose attributes are their name and their type. */
export function isFeed(primitive: string): boolean {
  return primitive === "input" || primitive === "parameter";
}

function isImplied(id: string, { primitive }: GraphNode, key: string, value: unknown): boolean {
  if (!isFeed(primitive)) return false;
  return key === "shape" || key === "dtype" || (key === "name" && value === id.slice(1));
}

function printName(id: string, { name, primitive }: GraphNode): string {
  if (name === impliedName(id, primitive)) return "";
  return name === undefined ? " _" : ` ${JSON.stringify(name)}`;
}
