// Shapes in the types: what the compiler knows of the dimensions of a result, and the sentences that it shows
// where operands do not fit. They recurse on the rank, never on a size, and let pass what is not known.

import type { Dim, Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** True where the rank itself is unknown, as in `Tensor<Shape>`. */
export type IsOpen<S extends Shape> = number extends S["length"] ? true : false;

/** `3, m`: the dimensions as text. */
type Join<S extends Shape> = S extends readonly [infer First extends Dim, ...infer Rest extends Shape]
  ? Rest extends readonly []
    ? `${First}`
    : `${First}, ${Join<Rest>}`
  : "";

/** `[3, m]`: a shape as errors show it. */
export type Show<S extends Shape> = `[${Join<S>}]`;

/** True where a dimension is one literal number or name. */
export type IsKnown<D extends Dim> = number extends D ? false : string extends D ? false : true;

/** One dimension of a broadcast; `never` where the two differ and neither is 1. */
type BroadcastDim<A extends Dim, B extends Dim> = [A] extends [1]
  ? B
  : [B] extends [1]
    ? A
    : IsKnown<A> extends true
      ? IsKnown<B> extends true
        ? [A] extends [B]
          ? A
          : never
        : A
      : B;

type BroadcastKnown<A extends Shape, B extends Shape, Out extends Shape = readonly []> = A extends readonly [
  ...infer AInit extends Shape,
  infer ALast extends Dim,
]
  ? B extends readonly [...infer BInit extends Shape, infer BLast extends Dim]
    ? BroadcastKnown<AInit, BInit, readonly [BroadcastDim<ALast, BLast>, ...Out]>
    : readonly [...A, ...Out]
  : readonly [...B, ...Out];

/** The shape of an elementwise operation on `A` and `B` (numpy's rule). */
export type Broadcast<A extends Shape, B extends Shape> =
  IsOpen<A> extends true ? Shape : IsOpen<B> extends true ? Shape : BroadcastKnown<A, B>;

/** True where some dimension came out as `never`. */
type HasNever<S extends Shape> = S extends readonly [infer First, ...infer Rest extends Shape]
  ? [First] extends [never]
    ? true
    : HasNever<Rest>
  : false;

/** The second operand of an elementwise operation, or the sentence that says why it does not fit. */
export type BroadcastOperand<Op extends string, A extends Shape, B extends Shape> =
  HasNever<Broadcast<A, B>> extends true
    ? `${Op}: shapes do not broadcast: ${Show<A>} with ${Show<B>}`
    : Tensor<B>;

/** A branch of `where`, of shape `Own`, or the sentence that says why the three do not fit. */
export type WhereOperand<C extends Shape, A extends Shape, B extends Shape, Own extends Shape> =
  WhereFits<C, A, B> extends true
    ? Tensor<Own>
    : `where: shapes do not broadcast: ${Show<C>} with ${Show<A>} with ${Show<B>}`;

type WhereFits<C extends Shape, A extends Shape, B extends Shape> =
  HasNever<Broadcast<C, A>> extends true
    ? false
    : HasNever<Broadcast<Broadcast<C, A>, B>> extends true
      ? false
      : true;

/** False where two dimensions are known to differ. */
export type SameDim<A extends Dim, B extends Dim> =
  IsKnown<A> extends true ? (IsKnown<B> extends true ? ([A] extends [B] ? true : false) : true) : true;

/** The last two dimensions, or `never` where the rank is below two. */
type Matrix<S extends Shape> = S extends readonly [
  ...Shape,
  infer Rows extends Dim,
  infer Columns extends Dim,
]
  ? readonly [Rows, Columns]
  : never;

type BatchOf<S extends Shape> = S extends readonly [...infer Batch extends Shape, Dim, Dim] ? Batch : never;

/** The right operand of a matrix product, or the sentence that says why it does not fit. */
export type MatmulOperand<A extends Shape, B extends Shape> =
  IsOpen<A> extends true
    ? Tensor<B>
    : IsOpen<B> extends true
      ? Tensor<B>
      : [Matrix<A>] extends [never]
        ? `matmul: operands must be matrices, got ${Show<A>} x ${Show<B>}`
        : [Matrix<B>] extends [never]
          ? `matmul: operands must be matrices, got ${Show<A>} x ${Show<B>}`
          : SameDim<Matrix<A>[1], Matrix<B>[0]> extends true
            ? HasNever<Broadcast<BatchOf<A>, BatchOf<B>>> extends true
              ? `matmul: batch dimensions do not broadcast: ${Show<A>} x ${Show<B>}`
              : Tensor<B>
            : `matmul: inner dimensions differ: ${Show<A>} x ${Show<B>} needs ${Matrix<A>[1]} = ${Matrix<B>[0]}`;

/** The shape of a matrix product, batches broadcast. */
export type MatmulShape<A extends Shape, B extends Shape> =
  IsOpen<A> extends true
    ? Shape
    : IsOpen<B> extends true
      ? Shape
      : readonly [...Broadcast<BatchOf<A>, BatchOf<B>>, Matrix<A>[0], Matrix<B>[1]];

/** The shape of nested literal lists, as in `constant([[1, 2], [3, 4]])`: `readonly [2, 2]`. */
export type NestedShape<V> = V extends readonly (infer Item)[]
  ? number extends V["length"]
    ? Shape
    : Item extends readonly unknown[]
      ? readonly [V["length"], ...NestedShape<Item>]
      : readonly [V["length"]]
  : readonly [];
