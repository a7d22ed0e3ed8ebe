// The batched dot product with arbitrary contracted and batch axes: every matrix product, einsum and
// bilinear layer is one. The result has the batch axes, then the free axes of the left, then of the right.

import { ShapeError } from "../errors.ts";
import { makeArray, type NdArray } from "../ndarray.ts";
import { elements, showShape, stridesOf, type Shape } from "../shape.ts";
import { requireDomain, requireSameDtype, family, type Row } from "./rows.ts";
import { matrixProduct, type MatrixView } from "./matrix.ts";
import { permuted } from "./strided.ts";

/** Which axes of left and right are summed over in pairs, and which are batches in pairs. */
export interface DotAttributes extends Readonly<Record<string, unknown>> {
  readonly contract: readonly [left: readonly number[], right: readonly number[]];
  readonly batch: readonly [left: readonly number[], right: readonly number[]];
}

/** The axes that are neither contracted nor batch, in order. */
export function freeAxes(rank: number, contract: readonly number[], batch: readonly number[]): number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter(
    (axis) => !contract.includes(axis) && !batch.includes(axis),
  );
}

function requirePairs(kind: string, left: Shape, right: Shape, pairs: DotAttributes["contract"]): void {
  const [a, b] = pairs;
  const fits =
    a.length === b.length && a.every((axis, i) => left[axis] !== undefined && left[axis] === right[b[i]]);
  if (fits) return;
  const got = `${showShape(left)} axes [${a.join(", ")}] and ${showShape(right)} axes [${b.join(", ")}]`;
  throw new ShapeError(`dot: ${kind} dimensions must be equal in pairs, got ${got}`);
}

function requireDistinct(contract: DotAttributes["contract"], batch: DotAttributes["batch"]): void {
  for (const side of [0, 1] as const) {
    const axes = [...batch[side], ...contract[side]];
    if (new Set(axes).size !== axes.length) {
      throw new ShapeError(
        `dot: an axis is contracted or a batch, and once, got axes [${axes.join(", ")}] of the ${side === 0 ? "left" : "right"}`,
      );
    }
  }
}

const dot: Row<DotAttributes> = {
  operands: ["left", "right"],
  infer([x, y], { contract, batch }) {
    requireSameDtype(x, y);
    requireDomain(x, "number");
    requireDistinct(contract, batch);
    requirePairs("contracted", x.shape, y.shape, contract);
    requirePairs("batch", x.shape, y.shape, batch);
    const shape = [
      ...batch[0].map((axis) => x.shape[axis]),
      ...freeAxes(x.shape.length, contract[0], batch[0]).map((axis) => x.shape[axis]),
      ...freeAxes(y.shape.length, contract[1], batch[1]).map((axis) => y.shape[axis]),
    ];
    return { shape, dtype: x.dtype };
  },
  kernel([x, y], { contract, batch }, { shape, dtype }) {
    const freeX = freeAxes(x.shape.length, contract[0], batch[0]);
    const freeY = freeAxes(y.shape.length, contract[1], batch[1]);
    const sizes = {
      batches: count(x.shape, batch[0]),
      rows: count(x.shape, freeX),
      inner: count(x.shape, contract[0]),
      columns: count(y.shape, freeY),
    };
    const left = matrixView(x, batch[0], freeX, contract[0]);
    const right = matrixView(y, batch[1], contract[1], freeY);
    return makeArray(matrixProduct(left, right, sizes, dtype), dtype, shape);
  },
};

function count(sizes: readonly number[], axes: readonly number[]): number {
  return elements(axes.map((axis) => sizes[axis]));
}

/** An array as a batch of matrices: in place where its axes allow it, else from a copy in that order. */
function matrixView(
  x: NdArray,
  batch: readonly number[],
  row: readonly number[],
  column: readonly number[],
): MatrixView {
  const strides = stridesOf(x.shape);
  const steps = [batch, row, column].map((axes) => mergedStride(x.shape, strides, axes));
  const [b, r, c] = steps;
  if (b !== undefined && r !== undefined && c !== undefined)
    return { data: x.data, batch: b, row: r, column: c };
  const columns = count(x.shape, column);
  const data = permuted(x, [...batch, ...row, ...column]);
  return { data, batch: count(x.shape, row) * columns, row: columns, column: 1 };
}

/** The one step that walks several axes in their order, or undefined where no single step does. */
function mergedStride(
  shape: readonly number[],
  strides: readonly number[],
  axes: readonly number[],
): number | undefined {
  const long = axes.filter((axis) => shape[axis] !== 1);
  const steady = long.every((axis, i) => i === 0 || strides[long[i - 1]] === strides[axis] * shape[axis]);
  if (!steady) return undefined;
  const last = long.at(-1);
  return last === undefined ? 0 : strides[last];
}

/** Contractions by name. */
export const contraction = family({ dot });
