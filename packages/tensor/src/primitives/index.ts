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

/** The names of each family. */
export interface PrimitiveFamilies {
  readonly source: keyof typeof source;
  readonly elementwise: keyof typeof elementwise;
  readonly reduction: keyof typeof reduction;
  readonly contraction: keyof typeof contraction;
  readonly movement: keyof typeof movement;
  readonly indexing: keyof typeof indexing;
  readonly random: keyof typeof random;
  readonly control: keyof typeof control;
}

/** The name of a primitive of the table; tables of other packages are total over it. */
export type PrimitiveName = PrimitiveFamilies[keyof PrimitiveFamilies];

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
