// Builders of operations that pick elements by indices.

import type { GatheredShape } from "../axis-types.ts";
import { ShapeError } from "../errors.ts";
import { indexing } from "../primitives/indexing.ts";
import { normalAxis, type Dim, type Shape } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";
import { cast, equal } from "./elementwise.ts";
import { broadcastAlong } from "./movement.ts";
import { iota, type DTypeOption } from "./source.ts";

/**
 * The elements of `x` at the indices along one axis, whose place the indices' own shape takes.
 * @param indices `i32` or `u32`, from 0 to the size of the axis
 * @throws InputError when evaluated with an index out of range.
 */
export function gather<S extends Shape, I extends Shape>(
  x: Tensor<S>,
  indices: Tensor<I>,
  axis?: 0,
): Tensor<GatheredShape<S, I>>;
export function gather(x: Tensor, indices: Tensor, axis?: number): Tensor;
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  return apply(
    indexing.gather,
    [x, indices],
    Object.freeze({ axis: normalAxis("gather", axis, x.shape.length) }),
  );
}

/**
 * Zeros with an axis of the given size, and the updates added to them at the indices along that axis.
 * @param updates has the indices' shape in place of the axis
 */
export function scatterAdd(
  updates: Tensor,
  indices: Tensor,
  options: { readonly size: Dim; readonly axis?: number },
): Tensor {
  const rank = updates.shape.length - indices.shape.length + 1;
  const axis = normalAxis("scatterAdd", options.axis ?? 0, rank);
  return apply(indexing.scatterAdd, [updates, indices], Object.freeze({ axis, size: options.size }));
}

/**
 * 1 where the class is the label, else 0, with the classes on a new first axis: labels `["m"]` give `[classes, "m"]`.
 * Labels outside 0 to `classes - 1` give a column of zeros.
 */
export function oneHot<S extends Shape, const C extends Dim>(
  labels: Tensor<S>,
  classes: C,
  options: DTypeOption = {},
): Tensor<readonly [C, ...S]> {
  if (labels.dtype === "bool") throw new ShapeError("oneHot: labels must be numbers, got bool");
  const shape = [classes, ...labels.shape] as const;
  const spread = broadcastAlong(
    labels,
    shape,
    labels.shape.map((_, axis) => axis + 1),
  );
  const hot = equal(iota(shape, 0, { dtype: labels.dtype }), spread);
  return cast(hot, options.dtype ?? "f32");
}
