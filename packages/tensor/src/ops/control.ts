// Builders of nodes that mean something to the derivative only.

import { control } from "../primitives/control.ts";
import type { Shape } from "../shape.ts";
import { apply, type Tensor } from "../tensor.ts";

/** The value of `x`, through which no derivative passes. */
export function stopGradient<S extends Shape>(x: Tensor<S>): Tensor<S> {
  return apply<S>(control.stopGradient, [x]);
}
