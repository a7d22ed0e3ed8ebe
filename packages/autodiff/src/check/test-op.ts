// The laws as vitest tests of an operation, over generated inputs: one line tests a new operation.

import type { NdArray, Tensor } from "@wengert/tensor";
import fc from "fast-check";
import { describe, test } from "vitest";
import { derivativesOf, laws } from "./laws.ts";
import type { Subject } from "./subject.ts";

/** Inputs of an operation with the attributes that go with them. */
export interface Sample<A = unknown> {
  /** Floats in `f64`; others are held fixed. */
  readonly inputs: readonly NdArray[];
  readonly attributes: A;
}

/** An operation and where to test it. */
export interface OpUnderTest<A = unknown> {
  readonly name: string;
  readonly f: (inputs: readonly Tensor[], attributes: A) => Tensor;
  /** Inputs away from kinks: laws hold where the operation is smooth. */
  readonly samples: fc.Arbitrary<Sample<A>>;
  /** Derivatives of this order and all below are tested; default 2. */
  readonly order?: 1 | 2 | 3;
}

/** How often to test. */
export interface TestOptions {
  /** Samples a law; default 25. */
  readonly numRuns?: number;
}

/**
 * Registers a vitest test for every law and order of derivative. A failure names the operation, the law, the inputs,
 * the direction and the seeds that reproduce it.
 */
export function testOp<A>(op: OpUnderTest<A>, { numRuns = 25 }: TestOptions = {}): void {
  describe(op.name, () => {
    for (const [sentence, law] of Object.entries(laws)) {
      for (let order = 1; order <= (op.order ?? 2); order++) {
        const title = order === 1 ? sentence : `${sentence}, order ${order}`;
        test(title, () => expectLaw(op, (subject, seed) => each(subject, seed, order, law), numRuns));
      }
    }
  });
}

function each(
  subject: Subject,
  seed: number,
  order: number,
  law: (subject: Subject, seed: number) => void,
): void {
  if (order === 1) return law(subject, seed);
  for (const derivative of derivativesOf(subject, seed)) each(derivative, seed, order - 1, law);
}

/** A property over an operation's samples and random directions. */
export function expectLaw<A>(
  { name, f, samples }: OpUnderTest<A>,
  property: (subject: Subject, seed: number) => void,
  numRuns: number,
): void {
  fc.assert(
    fc.property(samples, fc.nat(2 ** 31), ({ inputs, attributes }, seed) =>
      property({ name, inputs, f: (...nodes) => f(nodes, attributes) }, seed),
    ),
    { numRuns },
  );
}
