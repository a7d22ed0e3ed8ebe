// Axes in the types: which axes an operation removes, moves or adds, and the sentences that say which do not fit.
// They recurse on the rank, never on a size, and let pass what is not known.

import type { Dim, Shape } from "./shape.ts";
import type { IsKnown, IsOpen, Show } from "./shape-types.ts";

/** `0 | 1 | 2` for rank 3. */
export type AxisKeys<S extends Shape> = Exclude<keyof S, keyof (readonly unknown[])>;

/** The axis counted from the front, as text; `never` where there is no such axis. */
export type FrontAxis<S extends Shape, Axis extends number> =
  `${Axis}` extends AxisKeys<S> ? `${Axis}` : `${Axis}` extends `-${infer Back}` ? FromBack<S, Back> : never;

type FromBack<
  S extends Shape,
  Back extends string,
  Count extends readonly unknown[] = readonly [unknown],
> = S extends readonly [...infer Init extends Shape, Dim]
  ? `${Count["length"]}` extends Back
    ? `${Init["length"]}`
    : FromBack<Init, Back, readonly [...Count, unknown]>
  : never;

/** Axes as the caller gave them: one, a list, or none for all. */
export type Axes = number | readonly number[];

type AxisUnion<A extends Axes | undefined> = A extends readonly number[]
  ? A[number]
  : A extends number
    ? A
    : number;

type Reduced<
  S extends Shape,
  Gone extends string,
  Keep,
  Done extends readonly unknown[] = readonly [],
> = S extends readonly [infer First extends Dim, ...infer Rest extends Shape]
  ? `${Done["length"]}` extends Gone
    ? Keep extends true
      ? readonly [1, ...Reduced<Rest, Gone, Keep, readonly [...Done, unknown]>]
      : Reduced<Rest, Gone, Keep, readonly [...Done, unknown]>
    : readonly [First, ...Reduced<Rest, Gone, Keep, readonly [...Done, unknown]>]
  : readonly [];

type EachFrontAxis<S extends Shape, A extends number> = A extends number ? FrontAxis<S, A> : never;

/** The shape after reducing over axes, which stay with size 1 where `Keep` is true. */
export type ReducedShape<S extends Shape, A extends Axes | undefined, Keep = false> =
  IsOpen<S> extends true
    ? Shape
    : number extends AxisUnion<A>
      ? Shape
      : boolean extends Keep
        ? Shape
        : Reduced<S, EachFrontAxis<S, AxisUnion<A>>, Keep>;

type MissingAxis<S extends Shape, A extends number> = A extends number
  ? [FrontAxis<S, A>] extends [never]
    ? A
    : never
  : never;

/** The axes, or the sentence that says which one the rank does not have. */
export type AxesOperand<Op extends string, S extends Shape, A extends Axes | undefined> =
  IsOpen<S> extends true
    ? A
    : number extends AxisUnion<A>
      ? A
      : [MissingAxis<S, AxisUnion<A>>] extends [never]
        ? A
        : `${Op}: the axis must be within the rank, got ${MissingAxis<S, AxisUnion<A>>} for rank ${S["length"]}`;

/** The axes of a single reduction: one that the rank has, or the sentence that says which it does not have. */
export type AxisOperand<Op extends string, S extends Shape, A extends number> =
  IsOpen<S> extends true
    ? A
    : number extends A
      ? A
      : [MissingAxis<S, A>] extends [never]
        ? A
        : `${Op}: the axis must be within the rank, got ${A} for rank ${S["length"]}`;

/** The dimension of an axis that may count from the end. */
type DimAt<S extends Shape, A extends number> = S[FrontAxis<S, A> & keyof S] & Dim;

/** The shape with its axes in another order. */
export type PermutedShape<S extends Shape, Order extends readonly number[]> =
  IsOpen<S> extends true
    ? Shape
    : number extends Order["length"]
      ? Shape
      : { readonly [I in keyof Order]: number extends Order[I] ? Dim : DimAt<S, Order[I]> };

/** The order of axes, or the sentence that says that it is none. */
export type OrderOperand<S extends Shape, Order extends readonly number[]> =
  IsOpen<S> extends true
    ? Order
    : number extends Order["length"]
      ? Order
      : Order["length"] extends S["length"]
        ? number extends Order[number]
          ? Order
          : [Exclude<AxisKeys<S>, EachFrontAxis<S, Order[number]>>] extends [never]
            ? Order
            : `permute: the order must name every axis once, got ${Show<Order>} for ${Show<S>}`
        : `permute: the order must name every axis once, got ${Show<Order>} for ${Show<S>}`;

/** The shape with two axes exchanged. */
export type SwappedShape<S extends Shape, A extends number, B extends number> =
  IsOpen<S> extends true
    ? Shape
    : number extends A | B
      ? Shape
      : {
          readonly [I in keyof S]: I extends FrontAxis<S, A>
            ? DimAt<S, B>
            : I extends FrontAxis<S, B>
              ? DimAt<S, A>
              : S[I];
        };

/** The shape with a new axis of size `New` before the axis with the key `At`. */
type Inserted<
  S extends Shape,
  At,
  New extends Dim,
  Done extends readonly unknown[] = readonly [],
> = `${Done["length"]}` extends At
  ? readonly [New, ...S]
  : S extends readonly [infer First extends Dim, ...infer Rest extends Shape]
    ? readonly [First, ...Inserted<Rest, At, New, readonly [...Done, unknown]>]
    : readonly [];

/** The shape with a new axis; its place counts in the result, also from the end. */
export type ExpandedShape<S extends Shape, A extends number, New extends Dim = 1> =
  IsOpen<S> extends true
    ? Shape
    : number extends A
      ? Shape
      : Inserted<S, FrontAxis<readonly [...S, Dim], A>, New>;

/** The shape as asked for, with a size that is found (-1) as an unknown one. */
export type InferredShape<S extends Shape> = { readonly [I in keyof S]: S[I] extends -1 ? Dim : S[I] };

type NotOne<S extends Shape, Key> = Key extends keyof S
  ? IsKnown<S[Key] & Dim> extends true
    ? S[Key] extends 1
      ? never
      : Key
    : never
  : never;

/** The axes that `squeeze` removes, or the sentence that says which is not of size 1. */
export type SqueezeOperand<S extends Shape, A extends Axes> =
  AxesOperand<"squeeze", S, A> extends infer Operand
    ? Operand extends string
      ? Operand
      : IsOpen<S> extends true
        ? A
        : number extends AxisUnion<A>
          ? A
          : [NotOne<S, EachFrontAxis<S, AxisUnion<A>>>] extends [never]
            ? A
            : SqueezeSentence<S, NotOne<S, EachFrontAxis<S, AxisUnion<A>>>>
    : never;

type SqueezeSentence<S extends Shape, Key> = Key extends keyof S & string
  ? `squeeze: the axis must have size 1, got ${S[Key] & Dim} on axis ${Key}`
  : never;

/** The shape without its axes of size 1. */
export type SqueezedShape<S extends Shape> =
  IsOpen<S> extends true ? Shape : number extends S[number] ? Shape : WithoutOnes<S>;

type WithoutOnes<S extends Shape> = S extends readonly [infer First extends Dim, ...infer Rest extends Shape]
  ? [First] extends [1]
    ? WithoutOnes<Rest>
    : readonly [First, ...WithoutOnes<Rest>]
  : readonly [];

/** The shape with its axes in reverse. */
export type ReversedShape<S extends Shape> =
  IsOpen<S> extends true
    ? Shape
    : S extends readonly [infer First extends Dim, ...infer Rest extends Shape]
      ? readonly [...ReversedShape<Rest>, First]
      : readonly [];

/** The shape of rows picked along the first axis. */
export type GatheredShape<S extends Shape, I extends Shape> =
  IsOpen<S> extends true
    ? Shape
    : IsOpen<I> extends true
      ? Shape
      : S extends readonly [Dim, ...infer Rest extends Shape]
        ? readonly [...I, ...Rest]
        : Shape;
