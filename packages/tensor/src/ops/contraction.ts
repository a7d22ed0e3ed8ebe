// Builders of products that sum over axes.

import { ShapeError } from "../errors.ts";
import { requireKnownFields } from "../known-fields.ts";
import { contraction, type DotAttributes } from "../primitives/contraction.ts";
import { broadcastShapes, normalAxis, showShape, type Dim, type Shape } from "../shape.ts";
import type { MatmulOperand, MatmulShape } from "../shape-types.ts";
import { apply, describeOperands, type Tensor } from "../tensor.ts";
import { broadcastTo } from "./movement.ts";
import { requireListOf, requireOneDType, requireTensors } from "./require.ts";

/** Pairs of axes, of the left and of the right operand. */
export interface DotOptions {
  /** Summed over in pairs; default the last axis of the left with the first of the right. */
  readonly contract?: readonly [left: readonly number[], right: readonly number[]];
  /** Kept in pairs, first in the result; default none. */
  readonly batch?: readonly [left: readonly number[], right: readonly number[]];
}

/**
 * The sum of products over the contracted axes, for every batch: shape [batch…, free left…, free right…].
 * @throws ShapeError when paired dimensions differ.
 */
export function dot(x: Tensor, y: Tensor, options: DotOptions = {}): Tensor {
  requireTensors("dot", [x, y]);
  requireKnownFields("dot", options, ["contract", "batch"]);
  const { contract = [[-1], [0]], batch = [[], []] } = options;
  const attributes = { contract: axesOf(x, y, contract), batch: axesOf(x, y, batch) };
  return apply(contraction.dot, [x, y], Object.freeze(attributes));
}

/** A pair of lists of axes, counted from the front. */
function axesOf(x: Tensor, y: Tensor, pair: DotAttributes["batch"]): DotAttributes["batch"] {
  requireListOf("dot", "pairs of axes", pair);
  const [left, right] = pair;
  const count = (axes: readonly number[], rank: number): readonly number[] => {
    requireListOf("dot", "axes", axes);
    return Object.freeze(Array.from(axes, (axis) => normalAxis("dot", axis, rank)));
  };
  return Object.freeze([count(left, x.shape.length), count(right, y.shape.length)] as const);
}

/**
 * The matrix product over the last two axes, other axes broadcast: `[n, k] x [k, m]` gives `[n, m]`.
 * @throws ShapeError when the inner dimensions differ.
 */
export function matmul<M extends Dim, K extends Dim, N extends Dim>(
  x: Tensor<readonly [M, K]>,
  y: Tensor<readonly [NoInfer<K>, N]>,
): Tensor<readonly [M, N]>;
export function matmul<A extends Shape, B extends Shape>(
  x: Tensor<A>,
  y: MatmulOperand<A, B>,
): Tensor<MatmulShape<A, B>>;
export function matmul(x: Tensor, y: Tensor): Tensor {
  requireTensors("matmul", [x, y]);
  requireOneDType("matmul", ["left", "right"], [x, y]);
  const [left, right] = [x.shape, y.shape];
  if (left.length < 2 || right.length < 2) {
    refuse("operands must be matrices, got", x, y, "reshape a vector to [n, 1] or [1, n]");
  }
  const inner = [left.at(-1)!, right.at(-2)!] as const;
  if (inner[0] !== inner[1]) {
    refuse("inner dimensions differ:", x, y, remedy(x, y), ` needs ${inner[0]} = ${inner[1]}`);
  }
  return batched(x, y);
}

function batched(x: Tensor, y: Tensor): Tensor {
  if (y.shape.length === 2) return dot(x, y, { contract: [[-1], [0]] });
  const batch = broadcastShapes(x.shape.slice(0, -2), y.shape.slice(0, -2));
  if (batch === undefined) return refuse("batch dimensions do not broadcast:", x, y);
  const axes = batch.map((_, axis) => axis);
  const spread = (t: Tensor): Tensor => broadcastTo(t, [...batch, ...t.shape.slice(-2)]);
  return dot(spread(x), spread(y), { contract: [[-1], [-2]], batch: [axes, axes] });
}

function refuse(rule: string, x: Tensor, y: Tensor, help?: string, needs = ""): never {
  throw new ShapeError(`matmul: ${rule} ${showShape(x.shape)} x ${showShape(y.shape)}${needs}`, {
    context: describeOperands(["left", "right"], [x, y]),
    ...(help === undefined ? {} : { help }),
  });
}

/** Says which transpose would make the product fit, where one would. */
function remedy(x: Tensor, y: Tensor): string | undefined {
  if (x.shape.length !== 2 || y.shape.length !== 2) return undefined;
  const name = (t: Tensor, fallback: string): string =>
    t.name ?? (t.attributes["name"] as string | undefined) ?? fallback;
  const [a, b] = [name(x, "left"), name(y, "right")];
  if (x.shape[1] === y.shape[1])
    return `matmul(${a}, transpose(${b})) has shape ${showShape([x.shape[0], y.shape[0]])}`;
  if (x.shape[0] === y.shape[0])
    return `matmul(transpose(${a}), ${b}) has shape ${showShape([x.shape[1], y.shape[1]])}`;
  if (y.shape[1] === x.shape[0]) return `matmul(${b}, ${a}) has shape ${showShape([y.shape[0], x.shape[1]])}`;
  return undefined;
}

/** All products of an element of `x` and one of `y`: shape [...x, ...y]. For vectors, the matrix x yᵀ. */
export function outer<A extends Shape, B extends Shape>(
  x: Tensor<A>,
  y: Tensor<B>,
): Tensor<readonly [...A, ...B]> {
  requireTensors("outer", [x, y]);
  requireOneDType("outer", ["left", "right"], [x, y]);
  return dot(x, y, { contract: [[], []] }) as Tensor<readonly [...A, ...B]>;
}

/**
 * The sum of products over the last axes: shape [...x without its last, ...y without its last]. For vectors, Σ xᵢyᵢ.
 * @throws ShapeError when the last axes differ.
 */
export function inner<N extends Dim>(
  x: Tensor<readonly [N]>,
  y: Tensor<readonly [NoInfer<N>]>,
): Tensor<readonly []>;
export function inner(x: Tensor, y: Tensor): Tensor;
export function inner(x: Tensor, y: Tensor): Tensor {
  requireTensors("inner", [x, y]);
  requireOneDType("inner", ["left", "right"], [x, y]);
  const [left, right] = [x.shape.at(-1), y.shape.at(-1)];
  if (left === undefined || right === undefined || left !== right) {
    throw new ShapeError(
      `inner: last axes must be equal, got ${showShape(x.shape)} and ${showShape(y.shape)}`,
      {
        context: describeOperands(["left", "right"], [x, y]),
      },
    );
  }
  return dot(x, y, { contract: [[-1], [-1]] });
}
