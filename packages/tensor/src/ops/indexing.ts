// Builders of operations that pick elements by indices.

import type { GatheredShape } from "../axis-types.ts";
import { ShapeError } from "../errors.ts";
import { requireKnownFields } from "../known-fields.ts";
import { indexing } from "../primitives/indexing.ts";
import { checkedShape, normalAxis, type Dim, type Shape } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";
import { cast, equal } from "./elementwise.ts";
import { broadcastAlong } from "./movement.ts";
import { dtypeFrom, requireTensors, shapeOf } from "./require.ts";
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
    Object.freeze({ axis: normalAxis("gather", axis, shapeOf("gather", x).length) }),
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
  requireTensors("scatterAdd", [updates, indices]);
  requireKnownFields("scatterAdd", options, ["size", "axis"]);
  const rank = updates.shape.length - indices.shape.length + 1;
  // Options that are left out have no size, which the shape rule says.
  const { axis = 0, size } = { ...options };
  return apply(
    indexing.scatterAdd,
    [updates, indices],
    Object.freeze({ axis: normalAxis("scatterAdd", axis, rank), size }),
  );
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
  requireTensors("oneHot", [labels]);
  const dtype = dtypeFrom("oneHot", options, "f32");
  if (labels.dtype === "bool") throw new ShapeError("oneHot: labels must be numbers, got bool");
  const shape = [classes, ...labels.shape] as const;
  checkedShape("oneHot", shape);
  const spread = broadcastAlong(
    labels,
    shape,
    labels.shape.map((_, axis) => axis + 1),
  );
  const hot = equal(iota(shape, 0, { dtype: labels.dtype }), spread);
  return cast(hot, dtype);
}
