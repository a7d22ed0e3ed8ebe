// What composites demand of their operands, so that an error names the composite and not a primitive inside it.

import { isFloat } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { describeOperands, type Tensor } from "../tensor.ts";

/** Refuses an operand that is neither `f32` nor `f64`. */
export function requireFloat(op: string, x: Tensor): void {
  if (isFloat(x.dtype)) return;
  throw new ShapeError(`${op}: the dtype must be floating-point, got ${x.dtype}`, {
    context: describeOperands(["x"], [x]),
    help: 'cast(x, "f32")',
  });
}
