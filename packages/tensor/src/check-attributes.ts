// What kernels take for granted of the attributes that builders write, a row a primitive. A document from outside
// may hold anything, and an axis that is not there would make a kernel read beyond its operand.

import type { GraphNode } from "./graph.ts";
import type { Tensor } from "./tensor.ts";

/** Says what is wrong, or nothing. */
type Row = (node: GraphNode, inputs: readonly Tensor[]) => string | undefined;

function withinRank(value: unknown, rank: number, name: string): string | undefined {
  const fits = Number.isInteger(value) && (value as number) >= 0 && (value as number) < rank;
  return fits ? undefined : `${name} ${String(value)} for rank ${rank}`;
}

function distinctWithinRank(value: unknown, rank: number): string | undefined {
  if (!Array.isArray(value)) return `${typeof value} as axes`;
  if (new Set(value).size !== value.length) return `axes [${value.join(", ")}], which repeat`;
  for (const axis of value) {
    const wrong = withinRank(axis, rank, "axis");
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

const rankOf = (inputs: readonly Tensor[]): number => inputs[0]?.shape.length ?? 0;

/** An axis of the first operand. */
const axis: Row = ({ attributes }, inputs) => withinRank(attributes["axis"], rankOf(inputs), "axis");

/** Different axes of the first operand. */
const axes: Row = ({ attributes }, inputs) => distinctWithinRank(attributes["axes"], rankOf(inputs));

const rows: Readonly<Record<string, Row>> = {
  sum: axes,
  prod: axes,
  max: axes,
  min: axes,
  any: axes,
  all: axes,
  reverse: axes,
  argMax: axis,
  argMin: axis,
  cumulativeSum: axis,
  concat: axis,
  gather: axis,
  // The indices' axes stand in the updates from this one on.
  scatterAdd: ({ attributes }, [updates, indices]) =>
    withinRank(attributes["axis"], (updates?.shape.length ?? 0) - (indices?.shape.length ?? 0) + 1, "axis"),
  broadcast: ({ attributes, shape }) => distinctWithinRank(attributes["axes"], shape.length),
  iota: ({ attributes, shape }) => withinRank(attributes["axis"], shape.length, "axis"),
  size: ({ attributes: { dimension } }) =>
    isDim(dimension) ? undefined : `dimension ${JSON.stringify(dimension)}`,
};

function isDim(value: unknown): boolean {
  if (typeof value === "string") return /^[A-Za-z_][A-Za-z0-9_]*$/.test(value);
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** What is wrong with the attributes of a node whose inputs and type are known to fit, or nothing. */
export function strayAttribute(node: GraphNode, inputs: readonly Tensor[]): string | undefined {
  return Object.hasOwn(rows, node.primitive) ? rows[node.primitive](node, inputs) : undefined;
}
