// What the rows of the primitive table share: a row is a primitive without its name, which is its key.

import { isFloat, isInteger, type DType } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { sameShape, showShape } from "../shape.ts";
import { definePrimitive, type Attributes, type Primitive, type Tensor } from "../tensor.ts";

/** A primitive without its name. */
export type Row<A extends Attributes = Attributes> = Omit<Primitive<A>, "name">;

/** The primitives of a family: each row, named by its key. */
export function family<Rows extends Readonly<Record<string, Row>>>(
  rows: Rows,
): { readonly [Name in keyof Rows]: Primitive } {
  const entries = Object.entries(rows).map(([name, row]) => [name, definePrimitive({ name, ...row })]);
  // fromEntries forgets the keys, which are those of `rows`.
  return Object.freeze(Object.fromEntries(entries)) as { readonly [Name in keyof Rows]: Primitive };
}

/** The dtypes that an operation takes, as its error says it. */
export type Domain = "floating-point" | "number" | "bool" | "bool or integer" | "any";

function inDomain(dtype: DType, domain: Domain): boolean {
  switch (domain) {
    case "floating-point":
      return isFloat(dtype);
    case "number":
      return dtype !== "bool";
    case "bool":
      return dtype === "bool";
    case "bool or integer":
      return dtype === "bool" || isInteger(dtype);
    case "any":
      return true;
  }
}

/** Refuses an operand whose dtype the operation does not take. */
export function requireDomain(tensor: Tensor, domain: Domain): void {
  if (inDomain(tensor.dtype, domain)) return;
  const target = domain === "bool" || domain === "bool or integer" ? "bool" : "f32";
  throw new ShapeError(`the dtype must be ${domain}, got ${tensor.dtype}`, { help: `cast(x, "${target}")` });
}

/** Refuses operands that differ in dtype: nothing is promoted silently. */
export function requireSameDtype(x: Tensor, y: Tensor): void {
  if (x.dtype === y.dtype) return;
  throw new ShapeError(`dtypes must agree, got ${x.dtype} and ${y.dtype}`, {
    help: `cast one of them, as in cast(x, "${y.dtype}")`,
  });
}

/** Refuses operands that differ in shape: a primitive never broadcasts. */
export function requireSameShape(x: Tensor, y: Tensor): void {
  if (sameShape(x.shape, y.shape)) return;
  throw new ShapeError(`shapes must be equal, got ${showShape(x.shape)} and ${showShape(y.shape)}`, {
    help: "broadcastTo(x, shape) repeats an operand",
  });
}
