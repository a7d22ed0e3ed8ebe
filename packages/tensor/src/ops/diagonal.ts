// Diagonals, triangles and the identity, of the last two axes unless told otherwise (as `matmul` takes its matrices).

import { ShapeError } from "../errors.ts";
import { requireKnownFields } from "../known-fields.ts";
import { normalAxis, showShape, type Dim, type Shape } from "../shape.ts";
import { shownValue } from "../shown-value.ts";
import { describeOperands, type Tensor } from "../tensor.ts";
import { add, cast, equal, greaterEqual, lessEqual, where } from "./elementwise.ts";
import { sliceBlock } from "./blocks.ts";
import { expandDims, permute, reshape } from "./movement.ts";
import { any, sum } from "./reduction.ts";
import { dtypeFrom, requireListOf, shapeOf } from "./require.ts";
import { iota, type DTypeOption } from "./source.ts";

/** Which diagonal. */
export interface DiagonalOptions {
  /** The axes of rows and columns; default the last two. */
  readonly axes?: readonly [rows: number, columns: number];
  /** How far above (or, negative, below) the main diagonal; default 0. */
  readonly offset?: number;
}

/**
 * The elements with equal row and column (or `offset` apart), on a new last axis.
 * On a named axis both must have the same name, and the offset must be 0 (it is a sum there, so -0 becomes 0).
 * @throws ShapeError when there are not two axes, or named ones differ.
 */
export function diagonal<N extends Dim>(x: Tensor<readonly [N, NoInfer<N>]>): Tensor<readonly [N]>;
export function diagonal(x: Tensor, options?: DiagonalOptions): Tensor;
export function diagonal(x: Tensor, options: DiagonalOptions = {}): Tensor {
  const matrix = matrixLast("diagonal", x, options);
  const offset = wholeOffset("diagonal", options.offset ?? 0);
  const [rows, columns] = matrix.shape.slice(-2);
  if (typeof rows === "number" && typeof columns === "number") {
    return steppedDiagonal(matrix, rows, columns, offset);
  }
  if (rows !== columns || offset !== 0) {
    const got = `${showShape(x.shape)} with offset ${offset}`;
    throw new ShapeError(`diagonal: named axes must be the same and the offset 0, got ${got}`, {
      context: describeOperands(["x"], [x]),
    });
  }
  const index = iota([rows], 0);
  const kept = where(equal(expandDims(index, 1), index), matrix, 0);
  return x.dtype === "bool" ? any(kept, [-1]) : sum(kept, [-1]);
}

/** Steps of columns + 1 through the flattened matrix. */
function steppedDiagonal(matrix: Tensor, rows: number, columns: number, offset: number): Tensor {
  const batch = matrix.shape.slice(0, -2);
  const count = Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));
  const start = count === 0 ? 0 : offset >= 0 ? offset : -offset * columns;
  const flat = reshape(matrix, [...batch, rows * columns]);
  const [zeros, units] = [batch.map(() => 0), batch.map(() => 1)];
  return sliceBlock(flat, [...batch, count], [...zeros, start], [...units, columns + 1]);
}

function matrixLast(op: string, x: Tensor, options: DiagonalOptions): Tensor {
  requireKnownFields(op, options, ["axes", "offset"]);
  const { axes = [-2, -1] } = options;
  const rank = shapeOf(op, x).length;
  if (rank < 2) {
    throw new ShapeError(`${op}: the operand must have rows and columns, got ${showShape(x.shape)}`, {
      context: describeOperands(["x"], [x]),
    });
  }
  requireListOf(op, "axes", axes);
  const [rows, columns] = [normalAxis(op, axes[0], rank), normalAxis(op, axes[1], rank)];
  if (rows === columns) throw new ShapeError(`${op}: axes must differ, got [${axes.join(", ")}]`);
  const others = x.shape.map((_, axis) => axis).filter((axis) => axis !== rows && axis !== columns);
  const order = [...others, rows, columns];
  return order.every((axis, i) => axis === i) ? x : permute(x, order);
}

function wholeOffset(op: string, offset: number): number {
  if (Number.isSafeInteger(offset)) return offset;
  throw new ShapeError(`${op}: the offset must be a whole number, got ${shownValue(offset)}`);
}

/** The sum of a diagonal. */
export function trace<N extends Dim>(x: Tensor<readonly [N, NoInfer<N>]>): Tensor<readonly []>;
export function trace(x: Tensor, options?: DiagonalOptions): Tensor;
export function trace(x: Tensor, options: DiagonalOptions = {}): Tensor {
  matrixLast("trace", x, options);
  return sum(diagonal(x, options), [-1]);
}

/** A square matrix with `x` on its diagonal and 0 elsewhere; further axes of `x` stay in front. */
export function diagonalMatrix<N extends Dim>(x: Tensor<readonly [N]>): Tensor<readonly [N, N]>;
export function diagonalMatrix(x: Tensor): Tensor;
export function diagonalMatrix(x: Tensor): Tensor {
  const dimension = shapeOf("diagonalMatrix", x).at(-1);
  if (dimension === undefined) throw new ShapeError("diagonalMatrix: the operand must have an axis, got []");
  const index = iota([dimension], 0);
  return where(equal(expandDims(index, 1), index), expandDims(x, -1), 0);
}

/** 1 on the diagonal and 0 elsewhere. */
export function identityMatrix<const N extends Dim>(
  dimension: N,
  options: DTypeOption = {},
): Tensor<readonly [N, N]> {
  const dtype = dtypeFrom("identityMatrix", options, "f32");
  const shape = [dimension, dimension] as const;
  return cast(equal(iota(shape, 0), iota(shape, 1)), dtype);
}

function triangle(op: "tril" | "triu", x: Tensor, offset: number): Tensor {
  const [rows, columns] = matrixLast(op, x, {}).shape.slice(-2);
  const row = add(expandDims(iota([rows], 0), 1), wholeOffset(op, offset));
  const column = iota([columns], 0);
  const inside: Tensor = op === "tril" ? greaterEqual(row, column) : lessEqual(row, column);
  return where(inside, x, 0);
}

/** The elements on and below a diagonal of the last two axes, 0 above; `offset` counts upwards from the main one. */
export function tril<S extends Shape>(x: Tensor<S>, offset = 0): Tensor<S> {
  // A mask of the last two axes broadcasts to the shape of `x`.
  return triangle("tril", x, offset) as Tensor<S>;
}

/** The elements on and above a diagonal of the last two axes, 0 below; `offset` counts upwards from the main one. */
export function triu<S extends Shape>(x: Tensor<S>, offset = 0): Tensor<S> {
  // A mask of the last two axes broadcasts to the shape of `x`.
  return triangle("triu", x, offset) as Tensor<S>;
}
