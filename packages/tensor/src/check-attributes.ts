// What kernels take for granted of the attributes that builders write, a row a primitive. A document from outside
// may hold anything, and an axis that is not there would make a kernel read beyond its operand.

import { isNdArray } from "./ndarray.ts";
import { dtypes } from "./dtype.ts";
import type { GraphNode } from "./graph.ts";
import type { PrimitiveName } from "./primitives/index.ts";
import { isSize } from "./shape.ts";
import { isListOf } from "./shown-value.ts";
import type { Tensor } from "./tensor.ts";

/** What an attribute must be, as its error says it; the rank is that of the array whose axes it names. */
interface Kind {
  readonly what: (rank: number) => string;
  readonly fits: (value: unknown, rank: number) => boolean;
}

const isAxis = (value: unknown, rank: number): boolean =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < rank;

const isDimension = (value: unknown): boolean =>
  typeof value === "string" ? /^[A-Za-z_][A-Za-z0-9_]*$/.test(value) : isSize(value);

const axis: Kind = { what: (rank) => `an axis of rank ${rank}`, fits: isAxis };
const axes: Kind = {
  what: (rank) => `different axes of rank ${rank}`,
  fits: (value, rank) =>
    isListOf(value, (item) => isAxis(item, rank)) && new Set(value).size === value.length,
};
const text: Kind = { what: () => "text", fits: (value) => typeof value === "string" };
const array: Kind = { what: () => "an array", fits: isNdArray };
const dtype: Kind = { what: () => "a dtype", fits: (value) => dtypes.some((each) => each === value) };
const dimension: Kind = { what: () => "a dimension", fits: isDimension };
const shape: Kind = { what: () => "a shape", fits: (value) => isListOf(value, isDimension) };
const integers: Kind = {
  what: () => "a list of integers",
  fits: (value) => isListOf(value, Number.isInteger),
};
const pair: Kind = {
  what: () => "two lists of integers",
  fits: (value) => isListOf(value, (item) => integers.fits(item, 0)) && value.length === 2,
};

const alongAxes = { axes };
const alongAxis = { axis };
const feed = { name: text, shape, dtype };
const block = { shape, start: integers, step: integers };

/** The attributes of every primitive that has any. */
const attributesOf: Readonly<Partial<Record<PrimitiveName, Readonly<Record<string, Kind>>>>> = {
  input: feed,
  parameter: feed,
  constant: { value: array },
  iota: { shape, axis, dtype },
  size: { dimension, dtype },
  cast: { dtype },
  sum: alongAxes,
  prod: alongAxes,
  max: alongAxes,
  min: alongAxes,
  any: alongAxes,
  all: alongAxes,
  reverse: alongAxes,
  argMax: alongAxis,
  argMin: alongAxis,
  cumulativeSum: alongAxis,
  concat: alongAxis,
  gather: alongAxis,
  scatterAdd: { axis, size: dimension },
  dot: { contract: pair, batch: pair },
  reshape: { shape },
  permute: { order: integers },
  broadcast: { shape, axes },
  slice: block,
  pad: block,
  threefry2x32: { shape },
};

/** The rank of what the axes among a node's attributes are axes of. */
function rankFor({ primitive, shape: result }: GraphNode, [x, y]: readonly Tensor[]): number {
  const rank = x?.shape.length ?? 0;
  // The indices' axes stand in the updates from the axis on.
  if (primitive === "scatterAdd") return rank - (y?.shape.length ?? 0) + 1;
  return primitive === "broadcast" || primitive === "iota" ? result.length : rank;
}

/** What is wrong with the attributes of a node of the table, or nothing. */
export function strayAttribute(node: GraphNode, inputs: readonly Tensor[]): string | undefined {
  if (!Object.hasOwn(attributesOf, node.primitive)) return undefined;
  const rank = rankFor(node, inputs);
  for (const [name, { what, fits }] of Object.entries(attributesOf[node.primitive as PrimitiveName] ?? {})) {
    const value = node.attributes[name];
    if (!fits(value, rank))
      return `${JSON.stringify(value) ?? "nothing"} as ${name} instead of ${what(rank)}`;
  }
  return undefined;
}
