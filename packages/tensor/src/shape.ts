// Dimensions and shapes: sizes that are numbers, or names that stand for one number everywhere in a graph.
// Everything here is about shapes alone and knows no tensors.

import { InputError, ShapeError } from "./errors.ts";
import { isRecord, shownValue } from "./shown-value.ts";

/** One size of a shape: a whole number, or a name such as `"m"` that is bound when the graph is evaluated. */
export type Dim = number | string;

/** The sizes of all axes; `[]` is a scalar. */
export type Shape = readonly Dim[];

/** The number that each named dimension stands for. */
export type Sizes = Readonly<Record<string, number>>;

/** A shape as the errors and printed graphs show it: `[3, m]`. */
export function showShape(shape: Shape): string {
  return `[${Array.from(shape, (dim) => String(dim ?? "")).join(", ")}]`;
}

/** True for a whole number from 0. */
export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

const dimensionName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** @throws ShapeError when a shape is no list, as JavaScript may hand over. */
export function requireList(op: string, shape: Shape): void {
  const isList: boolean = Array.isArray(shape);
  if (!isList) throw new ShapeError(`${op}: a shape is a list of dimensions, got ${shownValue(shape)}`);
}

/** The shape, frozen, after checking every dimension. */
export function checkedShape(op: string, shape: Shape): Shape {
  requireList(op, shape);
  for (const dim of shape) {
    const fits = typeof dim === "number" ? isSize(dim) : typeof dim === "string" && dimensionName.test(dim);
    if (!fits) {
      const rule = "dimensions are whole numbers from 0 or names";
      throw new ShapeError(`${op}: ${rule}, got ${shownValue(dim)} in ${showShape(shape)}`);
    }
  }
  return Object.isFrozen(shape) ? shape : Object.freeze([...shape]);
}

/** None at all are well. @throws InputError when sizes are no record, one is of a dimension that the graph has not, or no whole number from 0. */
export function requireSizes(call: string, sizes: Sizes | undefined, dimensions: readonly string[]): void {
  if (sizes === undefined) return;
  if (!isRecord(sizes))
    throw new InputError(`${call}: sizes are an object of numbers by dimension, got ${shownValue(sizes)}`);
  for (const dim of Object.keys(sizes)) {
    const size = sizes[dim];
    if (!dimensions.includes(dim)) {
      const all = dimensions.length === 0 ? "no named dimensions" : `the dimensions ${dimensions.join(", ")}`;
      throw new InputError(`${call}: the graph has ${all}, got ${dim}`);
    }
    if (!isSize(size))
      throw new InputError(`${call}: sizes are whole numbers from 0, got ${shownValue(size)} for ${dim}`);
  }
}

/** True when both have the same rank and the same dimensions. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dim, axis) => dim === b[axis]);
}

/** An axis counted from the front, given one that may count from the end (-1 is the last). */
export function normalAxis(op: string, axis: number, rank: number): number {
  const normal = Number.isInteger(axis) && axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= rank) {
    throw new ShapeError(
      `${op}: the axis must be within the rank, got ${shownValue(axis)} for rank ${rank}`,
      {
        help: rank === 0 ? "a scalar has no axes" : `axes are ${-rank} to ${rank - 1}`,
      },
    );
  }
  return normal;
}

/** Axes counted from the front in rising order; all axes where none are given. */
export function normalAxes(
  op: string,
  axes: number | readonly number[] | undefined,
  rank: number,
): readonly number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, axis) => axis);
  const list: readonly number[] = Array.isArray(axes) ? axes : [axes as number];
  const normal = Array.from(list, (axis) => normalAxis(op, axis, rank));
  if (new Set(normal).size !== normal.length) {
    throw new ShapeError(`${op}: axes must differ, got [${list.join(", ")}] for rank ${rank}`);
  }
  return normal.sort((a, b) => a - b);
}

/** The shape that both broadcast to (numpy's rule, aligned at the last axis), or undefined where they do not. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    result.push(x === 1 ? y : x);
  }
  return result;
}

/** The shape in numbers. @throws InputError when a name has no size. */
export function concreteShape(shape: Shape, sizes: Sizes): readonly number[] {
  if (shape.every((dim) => typeof dim === "number")) return shape;
  return shape.map((dim) => {
    if (typeof dim === "number") return dim;
    const size = sizes[dim];
    if (size === undefined)
      throw new InputError(`evaluate: dimension ${dim} has no size, got no value that has it`, {
        help: `evaluate(target, values, { sizes: { ${dim}: … } }) gives it one`,
      });
    return size;
  });
}

/** How many elements: a factor and the names that multiply it, in sorted order. */
export function countElements(shape: Shape): { readonly factor: number; readonly names: readonly string[] } {
  let factor = 1;
  const names: string[] = [];
  for (const dim of shape) {
    if (typeof dim === "number") factor *= dim;
    else names.push(dim);
  }
  return { factor, names: names.sort() };
}

/** Distances between neighbours along each axis in C order. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis];
  }
  return strides;
}

/** The product of the sizes: 1 for a scalar. */
export function elements(shape: readonly number[]): number {
  let product = 1;
  for (const size of shape) product *= size;
  return product;
}
