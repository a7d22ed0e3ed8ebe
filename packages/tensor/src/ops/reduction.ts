// Builders of reductions. Axes count from the end where negative; without axes everything is reduced.

import { reduction } from "../primitives/reduction.ts";
import { requireKnownFields } from "../known-fields.ts";
import { normalAxes, normalAxis, type Shape } from "../shape.ts";
import type { Axes, AxesOperand, AxisOperand, ReducedShape } from "../axis-types.ts";
import { apply, type Tensor } from "../tensor.ts";
import { reshape } from "./movement.ts";
import { shapeOf } from "./require.ts";

/** Whether reduced axes stay, with size 1. */
export interface KeepDims<K extends boolean = boolean> {
  readonly keepDims?: K;
}

/** A reduction over one axis, several, or all; `More` are options of its own. */
export interface Reduction<Op extends string, More extends object = KeepDims> {
  (x: Tensor): Tensor<readonly []>;
  <S extends Shape, const A extends Axes | undefined, const K extends boolean = false>(
    x: Tensor<S>,
    axes: AxesOperand<Op, S, A>,
    options?: KeepDims<K> & More,
  ): Tensor<ReducedShape<S, A, K>>;
}

/** A reduction with its types, from a function of the axes in rising order that removes them, and its own options. */
export function reductionOver<Op extends string, More extends object = KeepDims>(
  op: Op,
  build: (x: Tensor, axes: readonly number[], options: More) => Tensor,
  more: readonly (keyof More & string)[] = [],
): Reduction<Op, More> {
  const known = ["keepDims", ...more];
  const body = (x: Tensor, axes?: Axes, options?: KeepDims & More): Tensor => {
    requireKnownFields(op, options, known);
    const normal = normalAxes(op, axes, shapeOf(op, x).length);
    // Every option is optional, so none at all is `More` too.
    return keep(x, normal, build(x, normal, options ?? ({} as More)), options ?? {});
  };
  // The overloads give one function several types; type tests hold them to it.
  return body as Reduction<Op, More>;
}

function keep(x: Tensor, axes: readonly number[], reduced: Tensor, options: KeepDims): Tensor {
  if (options.keepDims !== true) return reduced;
  return reshape(
    reduced,
    x.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim)),
  );
}

function primitive<Op extends keyof typeof reduction>(op: Op): Reduction<Op> {
  return reductionOver(op, (x, axes) =>
    apply(reduction[op], [x], Object.freeze({ axes: Object.freeze([...axes]) })),
  );
}

/** The sum of the elements; 0 over none. */
export const sum: Reduction<"sum"> = primitive("sum");
/** The product of the elements; 1 over none. */
export const prod: Reduction<"prod"> = primitive("prod");
/** The largest element (-∞ over none); NaN if any is; ties share the derivative. */
export const max: Reduction<"max"> = primitive("max");
/** The smallest element (∞ over none); NaN if any is; ties share the derivative. */
export const min: Reduction<"min"> = primitive("min");
/** Whether any element holds. */
export const any: Reduction<"any"> = primitive("any");
/** Whether all elements hold. */
export const all: Reduction<"all"> = primitive("all");

/** The first position of the largest element along an axis, as `i32`; it has no derivative. */
export function argMax<S extends Shape, const A extends number>(
  x: Tensor<S>,
  axis: AxisOperand<"argMax", S, A>,
): Tensor<ReducedShape<S, A>>;
export function argMax(x: Tensor, axis: number): Tensor {
  return apply(
    reduction.argMax,
    [x],
    Object.freeze({ axis: normalAxis("argMax", axis, shapeOf("argMax", x).length) }),
  );
}

/** The first position of the smallest element along an axis, as `i32`; it has no derivative. */
export function argMin<S extends Shape, const A extends number>(
  x: Tensor<S>,
  axis: AxisOperand<"argMin", S, A>,
): Tensor<ReducedShape<S, A>>;
export function argMin(x: Tensor, axis: number): Tensor {
  return apply(
    reduction.argMin,
    [x],
    Object.freeze({ axis: normalAxis("argMin", axis, shapeOf("argMin", x).length) }),
  );
}

/** Each element plus all before it along an axis. */
export function cumulativeSum<S extends Shape, const A extends number>(
  x: Tensor<S>,
  axis: AxisOperand<"cumulativeSum", S, A>,
): Tensor<S>;
export function cumulativeSum(x: Tensor, axis: number): Tensor {
  return apply(
    reduction.cumulativeSum,
    [x],
    Object.freeze({ axis: normalAxis("cumulativeSum", axis, shapeOf("cumulativeSum", x).length) }),
  );
}
