// Values on their way into a graph: complete, known, of the right dtype and shape, with one size a name.

import { dtypeOf } from "./dtype.ts";
import { InputError } from "./errors.ts";
import type { GraphNode } from "./graph.ts";
import { isNdArray, array, elements, type NdArray, type Nested } from "./ndarray.ts";
import { showShape, type Sizes } from "./shape.ts";
import { shownValue } from "./shown-value.ts";

/** Values by the names of inputs and parameters: arrays, or numbers and nested lists in the dtype that is asked for. */
export type Values = Readonly<Record<string, NdArray | Nested>>;

/** The arrays of the feeds, and the size of every named dimension. */
export interface BoundValues {
  readonly arrays: Readonly<Record<string, NdArray>>;
  readonly sizes: Readonly<Record<string, number>>;
}

/** Sizes that are known before the values are, by what errors call their origin. */
export type KnownSizes = Readonly<Record<string, Sizes | undefined>>;

/**
 * Fits values to feeds.
 * @throws InputError when a value is missing, unknown, or of another dtype or shape, or a name would have two sizes.
 */
export function bindValues(
  feeds: Readonly<Record<string, GraphNode>>,
  values: Values,
  known: KnownSizes = {},
): BoundValues {
  requireRecord(values);
  requireKnown(feeds, values);
  // Without a prototype, so that a name such as `constructor` means nothing by itself.
  const arrays = Object.create(null) as Record<string, NdArray>;
  const sizes = Object.create(null) as Record<string, number>;
  const origin = Object.create(null) as Record<string, string>;
  const learn = (dim: string, size: number, from: string): void => {
    if (Object.hasOwn(sizes, dim) && sizes[dim] !== size) {
      const got = `${sizes[dim]} from ${origin[dim]} and ${size} from ${from}`;
      throw new InputError(`evaluate: dimension ${dim} is one number, got ${got}`);
    }
    sizes[dim] = size;
    origin[dim] = from;
  };
  for (const [from, given] of Object.entries(known))
    for (const [dim, size] of Object.entries(given ?? {})) learn(dim, size, from);
  for (const [name, feed] of Object.entries(feeds)) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined || value === null) {
      throw new InputError(`evaluate: every input and parameter needs a value, got none for ${name}`, {
        context: [`${feed.primitive}  ${name}  ${showShape(feed.shape)} ${feed.dtype}`],
      });
    }
    const fitted = isNdArray(value) ? value : nestedArray(name, value, feed);
    requireType(name, feed, fitted);
    for (const [axis, dim] of feed.shape.entries())
      if (typeof dim === "string") learn(dim, fitted.shape[axis], name);
    arrays[name] = fitted;
  }
  return { arrays, sizes };
}

/** @throws InputError where something else than values by name is handed over, as JavaScript may. */
export function requireRecord(values: Values): void {
  if (typeof values !== "object" || (values as unknown) === null)
    throw new InputError(`evaluate: values are an object of arrays by name, got ${shownValue(values)}`);
}

function requireKnown(feeds: Readonly<Record<string, GraphNode>>, values: Values): void {
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(feeds, name));
  if (unknown === undefined) return;
  throw new InputError(`evaluate: values are for inputs and parameters of the graph, got ${unknown}`, {
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
  const fits =
    value.shape.length === feed.shape.length &&
    feed.shape.every((dim, axis) => typeof dim === "string" || dim === value.shape[axis]);
  if (!fits)
    throw new InputError(
      `evaluate: ${name} must have shape ${showShape(feed.shape)}, got ${showShape(value.shape)}`,
    );
  const strange = value.shape.find((size) => !Number.isSafeInteger(size) || size < 0);
  if (strange !== undefined)
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
