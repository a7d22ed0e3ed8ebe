// The table of primitives: closed, in families, total. Names are keys.

import type { Primitive } from "../tensor.ts";
import { contraction } from "./contraction.ts";
import { control } from "./control.ts";
import { elementwise } from "./elementwise.ts";
import { indexing } from "./indexing.ts";
import { movement } from "./movement.ts";
import { random } from "./random.ts";
import { reduction } from "./reduction.ts";
import { source } from "./source.ts";

/** The name of a primitive of the table; tables of other packages are total over it. */
export type PrimitiveName =
  | keyof typeof source
  | keyof typeof elementwise
  | keyof typeof reduction
  | keyof typeof contraction
  | keyof typeof movement
  | keyof typeof indexing
  | keyof typeof random
  | keyof typeof control;

/** Every primitive by name. */
export const primitives: Readonly<Record<PrimitiveName, Primitive>> = Object.freeze({
  ...source,
  ...elementwise,
  ...reduction,
  ...contraction,
  ...movement,
  ...indexing,
  ...random,
  ...control,
});
