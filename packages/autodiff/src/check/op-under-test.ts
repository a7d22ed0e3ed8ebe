// What the laws are told of an operation: the function, inputs that it is tested with, and what is special about it.

import type { Attributes, Engine, NdArray, Nested, Primitive, Tensor } from "@wengert/tensor";
import type fc from "fast-check";

/** Inputs of an operation with the attributes that go with them. */
export interface Sample<A = unknown> {
  /** Floats in `f64`; others are held fixed. */
  readonly inputs: readonly NdArray[];
  readonly attributes: A;
}

/** A point at which the derivative is a choice, with the points on both sides. */
export interface Kink<A = unknown> {
  /** What the point is, such as `at 0, from both sides`. */
  readonly title: string;
  /** Arrays for the inputs, in f64. */
  readonly at: readonly Nested[];
  /** The gradient of the sum of the output with respect to each input. */
  readonly gradients: readonly Nested[];
  readonly attributes?: A;
}

/** An operation and where to test it. */
export interface OpUnderTest<A = unknown> {
  readonly name: string;
  /** The operation; default the primitive, applied to the inputs with the attributes. */
  readonly f: (inputs: readonly Tensor[], attributes: A) => Tensor;
  /** Inputs away from kinks: laws hold where the operation is smooth. */
  readonly samples: fc.Arbitrary<Sample<A>>;
  /** Derivatives of this order and all below are tested; default 2. */
  readonly order?: 1 | 2 | 3;
  /** Positions of floats that are held fixed, for operands without a derivative. */
  readonly fixed?: readonly number[];
  /** The value by a formula that knows nothing of tensors: its numbers in C order. */
  readonly reference?: (inputs: readonly NdArray[], attributes: A) => ArrayLike<number>;
  /** What the derivative is where the operation has none. */
  readonly kinks?: readonly Kink<A>[];
  /** Whether sizes may be names; default true. */
  readonly names?: boolean;
  /** Whether the dtype is that of the inputs, f32 too; default true. */
  readonly single?: boolean;
  /** Engines that must agree with the reference evaluator. */
  readonly engines?: readonly Engine[];
}

/** A primitive in place of a function of tensors. */
export type PrimitiveUnderTest<A extends Attributes = Attributes> = Omit<OpUnderTest<A>, "f"> & {
  readonly primitive: Primitive;
};
