// Nodes that pass a value through and mean something to the derivative only.

import { family, type Row } from "./rows.ts";

/** The value itself; derivatives do not pass. */
const stopGradient: Row = {
  operands: ["x"],
  infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  kernel: ([x]) => x,
};

/** The value of the first input; the others are what a derivative rule of the user's own takes it to depend on. */
const customDerivative: Row = {
  operands: ["...input"],
  infer: ([value]) => ({ shape: value.shape, dtype: value.dtype }),
  kernel: ([value]) => value,
};

/** Control primitives by name. */
export const control = family({ stopGradient, customDerivative });
