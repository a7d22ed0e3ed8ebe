// The table of derivative rules, total over the primitives by type.

import {
  gather,
  scatterAdd,
  type Attributes,
  type AxisAttributes,
  type Dim,
  type PrimitiveName,
} from "@wengert/tensor";
import { linear, noDerivative, zeroDerivative, type Rule } from "../rule.ts";
import { contractionRules } from "./contraction.ts";
import { elementwiseRules } from "./elementwise.ts";
import { movementRules } from "./movement.ts";
import { reductionRules } from "./reduction.ts";

/** The derivative rule of every primitive. */
export const rules: Readonly<Record<PrimitiveName, Rule>> = Object.freeze({
  // Sources depend on nothing.
  input: zeroDerivative,
  parameter: zeroDerivative,
  constant: zeroDerivative,
  iota: zeroDerivative,
  size: zeroDerivative,
  ...elementwiseRules,
  ...reductionRules,
  ...contractionRules,
  ...movementRules,
  // Indices are fixed; picking and adding are each other's transpose.
  gather: linear<AxisAttributes>(
    (ct, { x, y: indices, attributes: { axis } }) =>
      scatterAdd(ct, indices, { axis, size: x.shape[axis] as Dim }),
    null,
  ),
  scatterAdd: linear<AxisAttributes & Attributes>(
    (ct, { y: indices, attributes: { axis } }) => gather(ct, indices, axis),
    null,
  ),
  threefry2x32: zeroDerivative,
  stopGradient: zeroDerivative,
  customDerivative: noDerivative("its rule was a function, which a graph document does not keep"),
});
