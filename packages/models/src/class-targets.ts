// Targets of classes as distributions: labels become one-hot columns, distributions stay.

import { isFloat, oneHot, ShapeError, showShape, type Tensor } from "@wengert/tensor";

/**
 * The targets Y in the shape `[classes, m]` of the predictions.
 * @param op what errors name
 * @throws ShapeError when labels are not `i32 [m]`.
 */
export function classTargets(op: string, prediction: Tensor, Y: Tensor): Tensor {
  if (isFloat(Y.dtype)) return Y;
  if (Y.dtype !== "i32" || Y.shape.length !== 1) {
    throw new ShapeError(`${op}: labels must be i32 [m], got ${Y.dtype} ${showShape(Y.shape)}`);
  }
  return oneHot(Y, prediction.shape[0] ?? 1, { dtype: prediction.dtype });
}
