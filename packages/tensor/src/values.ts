// Values on their way into a graph: complete, known, of the right dtype and shape, with one size a name.

import { dtypeOf } from "./dtype.ts";
import { InputError } from "./errors.ts";
import type { GraphNode } from "./graph.ts";
import { isNdArray, array, type NdArray, type Nested } from "./ndarray.ts";
import { elements, isSize, requireSizes, showShape, type Shape, type Sizes } from "./shape.ts";
import { isRecord, shownValue } from "./shown-value.ts";

/** Values by the names of inputs and parameters: arrays, or numbers and nested lists in the dtype that is asked for. */
export type Values = Readonly<Record<string, NdArray | Nested>>;

/** The arrays of the feeds, and the size of every named dimension that they or others tell. */
export interface BoundValues {
  readonly arrays: Readonly<Record<string, NdArray>>;
  readonly sizes: Readonly<Record<string, number>>;
}

/** Sizes that are known before the values are. */
export interface KnownSizes {
  /** Those of the parameters that a resident keeps. */
  readonly kept?: Sizes | undefined;
  /** Those that a run is told. */
  readonly told?: Sizes | undefined;
}

/** Fits values to the feeds of a graph. */
export type Binder = (values: Values, known?: KnownSizes) => BoundValues;

/**
 * A function that fits values to feeds, as often as there are some; what is the same for all is found out here.
 * @param dimensions the names of the graph's dimensions
 * @throws InputError, when it is called and a value is missing, unknown, or of another dtype or shape; or a size is
 * of a dimension that the graph has not, or no whole number from 0, or a name would have two sizes.
 */
export function binderOf(feeds: Readonly<Record<string, GraphNode>>, dimensions: readonly string[]): Binder {
  const rows = Object.entries(feeds);
  return (values, known = {}) => {
    requireRecord(values);
    requireKnown(feeds, values);
    requireSizes("evaluate", known.told, dimensions);
    // Without a prototype, so that a name such as `constructor` means nothing by itself.
    const arrays = Object.create(null) as Record<string, NdArray>;
    const sizes = Object.create(null) as Record<string, number>;
    const learn = (dim: string, size: number, from: string): void => {
      const other = sizes[dim];
      if (other !== undefined && other !== size) {
        const got = `${other} from ${originOf(dim, rows, known)} and ${size} from ${from}`;
        throw new InputError(`evaluate: dimension ${dim} is one number, got ${got}`);
      }
      sizes[dim] = size;
    };
    for (const dim in known.kept) learn(dim, known.kept[dim], "the parameters");
    if (known.told !== undefined)
      for (const dim of Object.keys(known.told)) learn(dim, known.told[dim], "sizes");
    for (const [name, feed] of rows) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined || value === null) {
        throw new InputError(`evaluate: every input and parameter needs a value, got none for ${name}`, {
          context: [`${feed.primitive}  ${name}  ${showShape(feed.shape)} ${feed.dtype}`],
        });
      }
      const fitted = isNdArray(value) ? value : nestedArray(name, value, feed);
      requireType(name, feed, fitted);
      for (let axis = 0; axis < feed.shape.length; axis++) {
        const dim = feed.shape[axis];
        if (typeof dim === "string") learn(dim, fitted.shape[axis], name);
      }
      arrays[name] = fitted;
    }
    return { arrays, sizes };
  };
}

/** Who first told the size of a dimension that has one. */
function originOf(
  dim: string,
  rows: readonly (readonly [name: string, GraphNode])[],
  { kept, told }: KnownSizes,
): string {
  if (kept !== undefined && Object.hasOwn(kept, dim)) return "the parameters";
  if (told !== undefined && Object.hasOwn(told, dim)) return "sizes";
  return rows.find(([, { shape }]) => shape.includes(dim))![0];
}

/** @throws InputError where something else than values by name is handed over, as JavaScript may. */
export function requireRecord(values: Values): void {
  if (!isRecord(values))
    throw new InputError(`evaluate: values are an object of arrays by name, got ${shownValue(values)}`);
}

function requireKnown(feeds: Readonly<Record<string, GraphNode>>, values: Values): void {
  for (const name of Object.keys(values))
    if (!Object.hasOwn(feeds, name))
      throw new InputError(`evaluate: values are for inputs and parameters of the graph, got ${name}`, {
        help: `the graph has: ${Object.keys(feeds).join(", ") || "none"}`,
      });
}

/** The array of nested lists; an error says whose value it is. */
function nestedArray(name: string, value: Nested, feed: GraphNode): NdArray {
  if (ArrayBuffer.isView(value)) {
    throw new InputError(`evaluate: ${name} must be an array, a number or nested lists, got a typed array`, {
      help: "arrayFrom(data, shape) makes an array of it",
    });
  }
  try {
    return array(value, { dtype: feed.dtype });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(error.rule, { context: [`value  ${name}  ${showShape(feed.shape)} ${feed.dtype}`] });
  }
}

function requireType(name: string, feed: GraphNode, value: NdArray): void {
  const hasShape: boolean = Array.isArray(value.shape);
  if (!hasShape)
    throw new InputError(`evaluate: ${name} must have a list for its shape, got ${shownValue(value.shape)}`);
  if (value.dtype !== feed.dtype) {
    throw new InputError(`evaluate: ${name} must be ${feed.dtype}, got ${value.dtype}`);
  }
  if (!fits(value.shape, feed.shape))
    throw new InputError(
      `evaluate: ${name} must have shape ${showShape(feed.shape)}, got ${showShape(value.shape)}`,
    );
  if (!value.shape.every(isSize))
    throw new InputError(
      `evaluate: sizes of ${name} are whole numbers from 0, got ${showShape(value.shape)}`,
    );
  if (dtypeOf(value.data) !== value.dtype || value.data.length !== elements(value.shape)) {
    const wanted = `${elements(value.shape)} elements of ${value.dtype}`;
    throw new InputError(
      `evaluate: ${name} must hold ${wanted}, got ${value.data.length} of ${dtypeOf(value.data) ?? "none"}`,
    );
  }
}

/** Whether a shape is one that the other, which has names, stands for. */
function fits(shape: readonly number[], named: Shape): boolean {
  if (shape.length !== named.length) return false;
  for (let axis = 0; axis < named.length; axis++)
    if (typeof named[axis] !== "string" && named[axis] !== shape[axis]) return false;
  return true;
}
