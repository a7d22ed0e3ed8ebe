// What builders demand of their operands, so that an error names the builder and not a primitive inside it.

import { convertNumber, dtypes, isFloat, type DType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { requireKnownFields } from "../known-fields.ts";
import type { Shape } from "../shape.ts";
import { shownValue } from "../shown-value.ts";
import { describeOperands, isTensor, requireTensor, type Tensor } from "../tensor.ts";

/** Refuses operands that are no tensors, before anything is read from them. */
export function requireTensors(op: string, operands: readonly Tensor[]): void {
  for (const [index, operand] of operands.entries()) requireTensor(op, operand, index);
}

/** The shape of the only operand, or of the first. @throws GraphError when it is no tensor. */
export function shapeOf<S extends Shape>(op: string, x: Tensor<S>): S {
  requireTensor(op, x, 0);
  return x.shape;
}

/** Refuses what is no list; `what` names the things that it lists. */
export function requireListOf(op: string, what: string, list: readonly unknown[]): void {
  const isList: boolean = Array.isArray(list);
  if (!isList) throw new ShapeError(`${op}: ${what} are a list, got ${shownValue(list)}`);
}

/** Refuses an operand that is neither `f32` nor `f64`. */
export function requireFloat(op: string, x: Tensor): void {
  requireTensor(op, x, 0);
  if (isFloat(x.dtype)) return;
  throw new ShapeError(`${op}: the dtype must be floating-point, got ${x.dtype}`, {
    context: describeOperands(["x"], [x]),
    help: 'cast(x, "f32")',
  });
}

/** Refuses what is no dtype, which callers without a type checker can pass. */
export function requireDType(op: string, dtype: DType): void {
  if (dtypes.includes(dtype)) return;
  throw new ShapeError(`${op}: the dtype must be one of ${dtypes.join(", ")}, got ${shownValue(dtype)}`);
}

/** The dtype that options ask for, or another; refuses what is no dtype, and other options. */
export function dtypeFrom(op: string, options: { readonly dtype?: DType }, otherwise: DType): DType {
  requireKnownFields(op, options, ["dtype"]);
  const { dtype = otherwise } = options;
  requireDType(op, dtype);
  return dtype;
}

/** Refuses a number that the dtype of the other operand cannot hold; a float rounds. */
export function requireValue(op: string, value: number, dtype: DType): void {
  if (isFloat(dtype) || convertNumber(value, dtype) === value) return;
  throw new ShapeError(
    `${op}: a number must be a value of the other operand's dtype ${dtype}, got ${value}`,
    {
      help: "cast the tensor, or write a number that fits",
    },
  );
}

/** Refuses operands that differ in dtype: nothing is promoted silently. */
export function requireOneDType(op: string, labels: readonly string[], operands: readonly Tensor[]): void {
  const [first] = operands;
  const other = operands.find((operand) => isTensor(operand) && operand.dtype !== first?.dtype);
  if (first === undefined || !isTensor(first) || other === undefined) return;
  throw new ShapeError(`${op}: dtypes must agree, got ${first.dtype} and ${other.dtype}`, {
    context: describeOperands(labels, operands),
    help: `cast one of them, as in cast(x, "${other.dtype}")`,
  });
}
