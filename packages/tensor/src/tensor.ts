// A tensor is a frozen node that refers to its inputs; a primitive says what a node computes.
// Building one is O(1) and pure: no counter, no registry, no context.

import { dtypes, type DType } from "./dtype.ts";
import { GraphError, ShapeError } from "./errors.ts";
import type { NdArray } from "./ndarray.ts";
import { freezeParts } from "./plain-values.ts";
import { shownValue } from "./shown-value.ts";
import { checkedShape, showShape, type Shape, type Sizes } from "./shape.ts";

/** The static arguments of a primitive: plain data, so that a graph can be written down. */
export type Attributes = Readonly<Record<string, unknown>>;

/** Shape and dtype, all that is known of a tensor before it has a value. */
export interface TensorType<S extends Shape = Shape> {
  readonly shape: S;
  readonly dtype: DType;
}

/**
 * A node of a computation graph: the value that `primitive` makes of `inputs` and `attributes`.
 * `S` holds the dimensions as literal types where they are known, as in `Tensor<readonly [3, "m"]>`.
 */
export interface Tensor<S extends Shape = Shape> extends TensorType<S> {
  readonly primitive: Primitive;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  /** What errors and printed graphs call the node. */
  readonly name?: string;
}

/** What a kernel knows besides its inputs: the type of its output in numbers, and the size of each name. */
export interface KernelOutput {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly sizes: Sizes;
}

/**
 * An operation that is not made of others. Its shape rule runs when a node is built, its kernel in the reference
 * evaluator. Other packages keep rules for it in tables of theirs, or attach them to it.
 */
export interface Primitive<A extends Attributes = Attributes> {
  readonly name: string;
  /** What errors call the inputs, one label each; a single label with `...` takes any number. */
  readonly operands: readonly string[];
  /** The type of the output. @throws ShapeError when inputs and attributes do not fit. */
  infer(inputs: readonly Tensor[], attributes: A): TensorType;
  /** The value of the output, in new storage or an input's own unchanged. */
  kernel(inputs: readonly NdArray[], attributes: A, output: KernelOutput): NdArray;
}

/** A primitive of one's own: give it a name that no other has, a shape rule and a reference kernel. */
export function definePrimitive<A extends Attributes>(primitive: Primitive<A>): Primitive<A> {
  if (!Array.isArray(primitive.operands))
    throw new GraphError(
      `definePrimitive: operands are a list of labels, got ${shownValue(primitive.operands)}`,
    );
  if (!/^[A-Za-z][A-Za-z0-9_:]*$/.test(primitive.name)) {
    throw new GraphError(
      `definePrimitive: a name is letters and digits, got ${JSON.stringify(primitive.name)}`,
    );
  }
  return Object.freeze({ ...primitive });
}

/**
 * The node that applies a primitive. Attributes are taken as they are: operations see to their own, and `check` says what
 * is wrong with those of a document.
 * @throws ShapeError with the operands' names when they do not fit.
 */
export function apply<S extends Shape = Shape>(
  primitive: Primitive,
  inputs: readonly Tensor[],
  attributes: Attributes = noAttributes,
): Tensor<S> {
  const { name, operands } = primitive;
  if (!operands[0]?.startsWith("...") && operands.length !== inputs.length) {
    throw new GraphError(`${name}: takes ${operands.length} inputs, got ${inputs.length}`);
  }
  for (const [index, input] of inputs.entries()) requireTensor(name, input, index);
  const type = inferWithContext(primitive, inputs, attributes);
  for (const key in attributes) freezeParts(attributes[key]);
  const node = {
    primitive,
    inputs: Object.freeze([...inputs]),
    attributes: Object.freeze(attributes),
    shape: checkedShape(name, type.shape),
    dtype: type.dtype,
  };
  // The shape rule is the only witness of S; type tests hold the builders to it.
  return Object.freeze(node) as Tensor as Tensor<S>;
}

const noAttributes: Attributes = Object.freeze({});

function inferWithContext(
  primitive: Primitive,
  inputs: readonly Tensor[],
  attributes: Attributes,
): TensorType {
  try {
    return checkedType(primitive, primitive.infer(inputs, attributes));
  } catch (error) {
    if (!(error instanceof ShapeError) || error.context.length > 0 || inputs.length === 0) throw error;
    const help = error.help === undefined ? {} : { help: error.help };
    const { name } = primitive;
    const rule = error.rule.startsWith(`${name}:`) ? error.rule : `${name}: ${error.rule}`;
    throw new ShapeError(rule, { context: describeOperands(primitive.operands, inputs), ...help });
  }
}

function checkedType({ name }: Primitive, type: TensorType): TensorType {
  const isType: boolean = typeof type === "object" && (type as unknown) !== null;
  if (isType && dtypes.includes(type.dtype)) return type;
  const got = isType ? `the dtype ${shownValue(type.dtype)}` : shownValue(type);
  throw new GraphError(`${name}: a shape rule gives a shape and one of ${dtypes.join(", ")}, got ${got}`);
}

/** Refuses what is no tensor, as JavaScript may hand over. */
export function requireTensor(op: string, value: unknown, index: number): void {
  if (!isTensor(value)) {
    const got = value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
    throw new GraphError(`${op}: operand ${index + 1} must be a tensor, got ${got}`, {
      help: "constant(...) makes a tensor of numbers or of an array",
    });
  }
}

/** True for a node of a graph. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "primitive" in value && "inputs" in value;
}

/** The same node with a name for errors and printed graphs; the value is unaffected. @throws GraphError for other operands. */
export function named<S extends Shape>(name: string, tensor: Tensor<S>): Tensor<S> {
  if (typeof (name as unknown) !== "string")
    throw new GraphError(`named: a name is text, got ${isTensor(name) ? "a tensor" : shownValue(name)}`);
  requireTensor("named", tensor, 1);
  return Object.freeze({ ...tensor, name });
}

/** What a person calls the node: its own name, its input or parameter name, or its primitive. */
export function labelOf(tensor: Tensor): string {
  return tensor.name ?? (tensor.attributes["name"] as string | undefined) ?? tensor.primitive.name;
}

/** One line an operand, columns aligned: label, name, shape, dtype where it is not f32, kind. */
export function describeOperands(labels: readonly string[], tensors: readonly Tensor[]): string[] {
  const rows = tensors.map((tensor, index) => [
    labels[0]?.startsWith("...")
      ? `${labels[0].slice(3)}${index + 1}`
      : (labels[index] ?? `input${index + 1}`),
    labelOf(tensor),
    `${showShape(tensor.shape)}${tensor.dtype === "f32" ? "" : ` ${tensor.dtype}`}`,
    tensor.primitive.name,
  ]);
  // The label is as wide as that of the remedy, `help`.
  const widths = [5, 6, 6].map((least, column) =>
    Math.max(least, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
