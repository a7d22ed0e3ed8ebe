// Derivatives of reductions. Elements that tie for max or min share the derivative equally.

import {
  broadcastAlong,
  cast,
  cumulativeSum,
  div,
  equal,
  mul,
  reverse,
  sum,
  type AxesAttributes,
  type AxisAttributes,
  type Tensor,
} from "@wengert/tensor";
import { general, linear, noDerivative, zeroDerivative, type Point, type RuleFamily } from "../rule.ts";
import { productOfOthers } from "./product-of-others.ts";

/** A reduced value repeated over the axes that it lost. */
function spread(value: Tensor, { x, attributes }: Point<AxesAttributes>): Tensor {
  const kept = x.shape.map((_, axis) => axis).filter((axis) => !attributes.axes.includes(axis));
  return broadcastAlong(value, x.shape, kept);
}

/** For max and min: how much of the derivative each element takes. */
function shares(point: Point<AxesAttributes>): Tensor {
  const best = cast(equal(point.x, spread(point.out, point)), point.x.dtype);
  return div(best, spread(sum(best, point.attributes.axes), point));
}

const extremum = general<AxesAttributes>({
  jvp: (t, point) => sum(mul(t, shares(point)), point.attributes.axes),
  vjp: (ct, point) => mul(spread(ct, point), shares(point)),
});

/** A row for each reduction. */
export const reductionRules: RuleFamily<"reduction"> = {
  sum: linear<AxesAttributes>((ct, point) => spread(ct, point)),
  // d Π x = Σᵢ dxᵢ Π_{k≠i} xₖ, which no zero among the elements spoils
  prod: general<AxesAttributes>({
    jvp: (t, { x, attributes: { axes } }) => sum(mul(t, productOfOthers(x, axes)), axes),
    vjp: (ct, point) => mul(spread(ct, point), productOfOthers(point.x, point.attributes.axes)),
  }),
  max: extremum,
  min: extremum,
  argMax: noDerivative("its output is an index"),
  argMin: noDerivative("its output is an index"),
  any: zeroDerivative,
  all: zeroDerivative,
  // The transpose of a running sum runs backwards.
  cumulativeSum: linear<AxisAttributes>((ct, { attributes: { axis } }) =>
    reverse(cumulativeSum(reverse(ct, axis), axis), axis),
  ),
};
