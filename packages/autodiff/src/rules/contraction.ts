// Derivatives of the batched dot product: each transpose rule is a dot product over the other operand's free axes.

import { dot, freeAxes, permute, type DotAttributes, type Tensor } from "@wengert/tensor";
import { bilinear, type RuleFamily } from "../rule.ts";

// The result has axes [batch…, free left…, free right…].

/** ct · y over the free axes of y, put back into the order of x's axes. */
function leftCotangent(ct: Tensor, x: Tensor, y: Tensor, { contract, batch }: DotAttributes): Tensor {
  const freeX = freeAxes(x.shape.length, contract[0], batch[0]);
  const freeY = freeAxes(y.shape.length, contract[1], batch[1]);
  const batches = batch[0].map((_, i) => i);
  const rightOfCt = freeY.map((_, i) => batches.length + freeX.length + i);
  const product = dot(ct, y, { contract: [rightOfCt, freeY], batch: [batches, batch[1]] });
  // y's contracted axes come out in the order in which y has them.
  const contracted = pairsSortedBy(contract[1], contract[0]);
  return arrange(product, [...batch[0], ...freeX, ...contracted]);
}

/** x · ct over the free axes of x, put back into the order of y's axes. */
function rightCotangent(ct: Tensor, x: Tensor, y: Tensor, { contract, batch }: DotAttributes): Tensor {
  const freeX = freeAxes(x.shape.length, contract[0], batch[0]);
  const freeY = freeAxes(y.shape.length, contract[1], batch[1]);
  const batches = batch[0].map((_, i) => i);
  const leftOfCt = freeX.map((_, i) => batches.length + i);
  const product = dot(x, ct, { contract: [freeX, leftOfCt], batch: [batch[0], batches] });
  const contracted = pairsSortedBy(contract[0], contract[1]);
  return arrange(product, [...batch[1], ...contracted, ...freeY]);
}

/** The partners of the axes, in rising order of the axes. */
function pairsSortedBy(axes: readonly number[], partners: readonly number[]): number[] {
  return axes
    .map((axis, i) => [axis, partners[i]!] as const)
    .sort(([a], [b]) => a - b)
    .map(([, partner]) => partner);
}

/** The tensor whose axis `axes[i]` is axis i of `x`. */
function arrange(x: Tensor, axes: readonly number[]): Tensor {
  if (axes.every((axis, i) => axis === i)) return x;
  const order = new Array<number>(axes.length);
  for (const [i, axis] of axes.entries()) order[axis] = i;
  return permute(x, order);
}

/** A row for each contraction. */
export const contractionRules: RuleFamily<"contraction"> = {
  dot: bilinear<DotAttributes>(
    (ct, { x, y, attributes }) => leftCotangent(ct, x, y, attributes),
    (ct, { x, y, attributes }) => rightCotangent(ct, x, y, attributes),
  ),
};
