// Builders of nodes without inputs, and of constants made of them.

import { isFloat, type DType } from "../dtype.ts";
import { GraphError, InputError } from "../errors.ts";
import { isNdArray, array, copyArray, type NdArray, type Nested } from "../ndarray.ts";
import { source } from "../primitives/source.ts";
import { shownValue } from "../shown-value.ts";
import { checkedShape, normalAxis, type Dim, type Shape } from "../shape.ts";
import type { NestedShape } from "../shape-types.ts";
import { apply, type Tensor } from "../tensor.ts";
import { broadcastTo } from "./movement.ts";
import { dtypeFrom, shapeOf } from "./require.ts";

/** The dtype of a new node; `f32` where none is given. */
export interface DTypeOption {
  readonly dtype?: DType;
}

function feed<S extends Shape>(
  kind: "input" | "parameter",
  name: string,
  shape: S,
  options: DTypeOption,
): Tensor<S> {
  if (typeof name !== "string" || name === "" || /[\s"%]/.test(name)) {
    throw new GraphError(`${kind}: a name is text without spaces, quotes or %, got ${shownValue(name)}`);
  }
  const dtype = dtypeFrom(kind, options, "f32");
  return apply<S>(
    source[kind],
    [],
    Object.freeze({ name, shape: checkedShape(`${kind} ${name}`, shape), dtype }),
  );
}

/**
 * A value that is handed over at every evaluation, such as a batch of examples.
 * @param shape sizes or names, as in `input("X", [3, "m"])`
 */
export function input<const S extends Shape>(name: string, shape: S, options: DTypeOption = {}): Tensor<S> {
  return feed("input", name, shape, options);
}

/**
 * A value that persists from one run to the next: learned weights, moments of an optimiser, a random key.
 * The `updates` of a graph say what it becomes.
 */
export function parameter<const S extends Shape>(
  name: string,
  shape: S,
  options: DTypeOption = {},
): Tensor<S> {
  return feed("parameter", name, shape, options);
}

/**
 * A fixed value: numbers, nested lists, or a private copy of an array.
 * @throws InputError when rows differ in length or an element does not fit the dtype.
 */
export function constant<const V extends Nested>(value: V, options?: DTypeOption): Tensor<NestedShape<V>>;
export function constant(value: NdArray | Nested, options?: DTypeOption): Tensor;
export function constant(value: NdArray | Nested, options: DTypeOption = {}): Tensor {
  dtypeFrom("constant", options, "f32");
  if (!isNdArray(value)) return constantOf(array(value, options));
  if (options.dtype !== undefined && options.dtype !== value.dtype) {
    throw new InputError(
      `constant: the array must have the dtype asked for, got ${value.dtype} for ${options.dtype}`,
    );
  }
  return constantOf(copyArray(value));
}

/** A constant of an array that nobody else holds. */
function constantOf(value: NdArray): Tensor {
  return apply(source.constant, [], Object.freeze({ value }));
}

/** A scalar constant of the given dtype. */
export function scalar(value: number | boolean, dtype: DType): Tensor<readonly []> {
  return constant<number | boolean>(value, { dtype });
}

/** `value` everywhere. */
export function full<const S extends Shape>(
  shape: S,
  value: number | boolean,
  options: DTypeOption = {},
): Tensor<S> {
  const dtype = dtypeFrom("full", options, typeof value === "boolean" ? "bool" : "f32");
  return broadcastTo(scalar(value, dtype), checkedShape("full", shape) as S);
}

/** 0 everywhere. */
export function zeros<const S extends Shape>(shape: S, options: DTypeOption = {}): Tensor<S> {
  return full(shape, 0, options);
}

/** 1 everywhere. */
export function ones<const S extends Shape>(shape: S, options: DTypeOption = {}): Tensor<S> {
  return full(shape, 1, options);
}

/** 0 everywhere, in the shape and dtype of `x`. */
export function zerosLike<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return full(shapeOf("zerosLike", x), 0, { dtype: x.dtype });
}

/** 1 everywhere, in the shape and dtype of `x`. */
export function onesLike<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return full(shapeOf("onesLike", x), 1, { dtype: x.dtype });
}

/** The position along `axis` of every element: 0, 1, 2 … as `i32` unless told otherwise. */
export function iota<const S extends Shape>(shape: S, axis = 0, options: DTypeOption = {}): Tensor<S> {
  const dtype = dtypeFrom("iota", options, "i32");
  if (dtype === "bool") throw new GraphError("iota: the dtype must be a number, got bool");
  const attributes = {
    shape: checkedShape("iota", shape),
    axis: normalAxis("iota", axis, shape.length),
    dtype,
  };
  return apply<S>(source.iota, [], Object.freeze(attributes));
}

/**
 * The size of one axis of `x` as a scalar of the dtype of `x` (`i32` for `bool`), so that a mean over a named
 * dimension is written once: `div(sum(x, 1), size(x, 1))`.
 */
export function size(x: Tensor, axis: number, options: DTypeOption = {}): Tensor<readonly []> {
  const shape = shapeOf("size", x);
  const dtype = dtypeFrom("size", options, x.dtype === "bool" ? "i32" : x.dtype);
  const dimension = shape[normalAxis("size", axis, shape.length)];
  return sizeOf(dimension, dtype);
}

/** The number of elements along the given axes as a scalar; a constant where every size is a number. */
export function countAlong(x: Tensor, axes: readonly number[], dtype: DType): readonly Tensor<readonly []>[] {
  let factor = 1;
  const named: Tensor<readonly []>[] = [];
  for (const axis of axes) {
    const dimension = x.shape[axis];
    if (typeof dimension === "number") factor *= dimension;
    else named.push(sizeOf(dimension, dtype));
  }
  return factor === 1 && named.length > 0
    ? named
    : [scalar(factor, isFloat(dtype) ? dtype : "i32"), ...named];
}

function sizeOf(dimension: Dim, dtype: DType): Tensor<readonly []> {
  if (typeof dimension === "number") return scalar(dimension, dtype);
  return apply<readonly []>(source.size, [], Object.freeze({ dimension, dtype }));
}
