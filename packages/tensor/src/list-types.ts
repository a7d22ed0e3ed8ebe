// Lists of tensors in the types: the shapes of a stack and of a concatenation, and the sentences that say which
// parts do not fit. They recurse on the rank and on the number of parts, never on a size.

import type { AxisKeys, ExpandedShape, FrontAxis } from "./axis-types.ts";
import type { Dim, Shape } from "./shape.ts";
import type { IsOpen, SameDim, Show } from "./shape-types.ts";
import type { Tensor } from "./tensor.ts";

/** The shape that a list of tensors starts with. */
type FirstShape<Parts extends readonly Tensor[]> = Parts extends readonly [Tensor<infer S>, ...unknown[]]
  ? S
  : Parts[number] extends Tensor<infer S>
    ? S
    : Shape;

/** The shape of a stack: a new axis, of the number of parts. */
export type StackedShape<Parts extends readonly Tensor[], A extends number = 0> = ExpandedShape<
  FirstShape<Parts>,
  A,
  Parts["length"]
>;

/** The first part whose shape is known to differ from `S` on an axis other than `But`. */
type Odd<S extends Shape, Parts extends readonly Tensor[], But> = Parts extends readonly [
  Tensor<infer T>,
  ...infer Rest extends readonly Tensor[],
]
  ? Alike<S, T, But> extends true
    ? Odd<S, Rest, But>
    : T
  : never;

type Alike<S extends Shape, T extends Shape, But> =
  IsOpen<S> extends true
    ? true
    : IsOpen<T> extends true
      ? true
      : S["length"] extends T["length"]
        ? false extends {
            [Key in AxisKeys<S>]: Key extends But ? true : SameDim<S[Key] & Dim, T[Key & keyof T] & Dim>;
          }[AxisKeys<S>]
          ? false
          : true
        : false;

/** The parts of a stack, or the sentence that says which two differ. */
export type StackOperand<Parts extends readonly Tensor[]> = [Odd<FirstShape<Parts>, Parts, never>] extends [
  never,
]
  ? Parts
  : `stack: parts must have one shape, got ${Show<FirstShape<Parts>>} and ${Show<Odd<FirstShape<Parts>, Parts, never>>}`;

type ConcatAxis<Parts extends readonly Tensor[], A extends number> =
  IsOpen<FirstShape<Parts>> extends true
    ? string
    : number extends A
      ? string
      : FrontAxis<FirstShape<Parts>, A>;

/** The parts of a concatenation, or the sentence that says which two do not agree. */
export type ConcatOperand<Parts extends readonly Tensor[], A extends number> = [
  Odd<FirstShape<Parts>, Parts, ConcatAxis<Parts, A>>,
] extends [never]
  ? Parts
  : `concat: parts must agree on every axis but ${ConcatAxis<Parts, A>}, got ${Show<FirstShape<Parts>>} and ${Show<Odd<FirstShape<Parts>, Parts, ConcatAxis<Parts, A>>>}`;

/** The shape of a concatenation: the size along the axis is a sum, which only the run knows. */
export type ConcatShape<Parts extends readonly Tensor[], A extends number = 0> =
  IsOpen<FirstShape<Parts>> extends true
    ? Shape
    : number extends A
      ? Shape
      : Parts["length"] extends 1
        ? FirstShape<Parts>
        : WithUnknown<FirstShape<Parts>, FrontAxis<FirstShape<Parts>, A>>;

type WithUnknown<S extends Shape, Key> = { readonly [I in keyof S]: I extends Key ? number : S[I] };
