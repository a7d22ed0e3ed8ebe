// The tests of an operation: a sentence and what it does, for every law and order of derivative, formula, kink and
// engine.

import {
  array,
  arrayFrom,
  constant,
  evaluate,
  onesLike,
  sum,
  type Engine,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import fc from "fast-check";
import { expect } from "vitest";
import { pullback } from "../pullback.ts";
import { pushforward } from "../pushforward.ts";
import { derivativesOf, laws, type Law } from "./laws.ts";
import type { Kink, OpUnderTest, Sample } from "./op-under-test.ts";
import type { Subject } from "./subject.ts";
import {
  engineAgrees,
  namedEqualsNumbered,
  singlePrecisionAgrees,
  valueAgreesWithReference,
} from "./type-laws.ts";

/** A test and its title. */
export interface OpTest {
  readonly title: string;
  readonly expectToHold: () => void | Promise<void>;
}

/** All tests of an operation. */
export function testsOf<A>(op: OpUnderTest<A>, numRuns: number): readonly OpTest[] {
  const { names = true, single = true, order = 2, reference, kinks = [], engines = [] } = op;
  const orders = Array.from({ length: order }, (_, i) => i + 1);
  const derivatives = { ...laws, ...(names ? { [namedSentence]: namedEqualsNumbered } : {}) };
  const ofDerivatives = Object.entries(derivatives).flatMap(([sentence, law]) =>
    orders.map((at): OpTest => ({
      title: at === 1 ? sentence : `${sentence}, order ${at}`,
      expectToHold: () => expectLaw(op, (subject, seed) => ofOrder(at, law, subject, seed), numRuns),
    })),
  );
  const ofValue = reference === undefined ? [] : [referenceTest(op, reference, numRuns)];
  const inSingle = single
    ? [{ title: "f32 agrees with f64", expectToHold: () => expectLaw(op, singlePrecisionAgrees, numRuns) }]
    : [];
  return [
    ...ofDerivatives,
    ...ofValue,
    ...inSingle,
    ...kinks.map((kink) => ({ title: `derivative ${kink.title}`, expectToHold: () => expectKink(op, kink) })),
    ...engines.map((engine) => engineTest(op, engine, numRuns)),
  ];
}

const namedSentence = "named dimensions give the same as numbers";

function referenceTest<A>(
  op: OpUnderTest<A>,
  reference: NonNullable<OpUnderTest<A>["reference"]>,
  numRuns: number,
): OpTest {
  const law = (subject: Subject, seed: number, { attributes }: Sample<A>): void =>
    valueAgreesWithReference((inputs) => reference(inputs, attributes))(subject, seed);
  return { title: "the value is that of the formula", expectToHold: () => expectLaw(op, law, numRuns) };
}

function engineTest<A>(op: OpUnderTest<A>, engine: Engine, numRuns: number): OpTest {
  const property = fc.asyncProperty(op.samples, fc.nat(2 ** 31), (sample, seed) =>
    engineAgrees(engine)(subjectOf(op, sample), seed),
  );
  return {
    title: `${engine.name} equals the reference`,
    expectToHold: () => fc.assert(property, { numRuns }),
  };
}

function ofOrder(order: number, law: Law, subject: Subject, seed: number): void {
  if (order === 1) return law(subject, seed);
  for (const derivative of derivativesOf(subject, seed)) ofOrder(order - 1, law, derivative, seed);
}

function subjectOf<A>({ name, f, fixed = [] }: OpUnderTest<A>, { inputs, attributes }: Sample<A>): Subject {
  return { name, inputs, fixed, f: (...nodes) => f(nodes, attributes) };
}

/** A property over an operation's samples and random directions. */
function expectLaw<A>(
  op: OpUnderTest<A>,
  property: (subject: Subject, seed: number, sample: Sample<A>) => void,
  numRuns: number,
): void {
  fc.assert(
    fc.property(op.samples, fc.nat(2 ** 31), (sample, seed) => property(subjectOf(op, sample), seed, sample)),
    { numRuns },
  );
}

/** The derivative at a kink is the one that was chosen, in both modes. */
function expectKink<A>({ f }: OpUnderTest<A>, { at, gradients, attributes }: Kink<A>): void {
  const inputs = at.map((value) => constant(array(value, { dtype: "f64" })));
  const wanted = gradients.map((value) => array(value, { dtype: "f64" }));
  // An operation without attributes never looks at them.
  const out = f(inputs, attributes as A);
  const reverse = evaluate(pullback([out], [onesLike(out)], inputs));
  const forward = inputs.map((x, k) =>
    unitsLike(wanted[k] as NdArray).map((unit) => {
      const [tangent] = pushforward([x], [constant(unit)], [out]) as [Tensor];
      return evaluate(sum(tangent)).data[0] as number;
    }),
  );
  for (const [i, { data }] of wanted.entries()) {
    expect([...(reverse[i] as NdArray).data].map(withoutSign)).toEqual([...data]);
    expect(forward[i]?.map(withoutSign)).toEqual([...data]);
  }
}

/** Arrays with a 1 at one element, one for each. */
function unitsLike({ data, shape }: NdArray): NdArray[] {
  return Array.from(data, (_, k) =>
    arrayFrom(
      Float64Array.from(data, (__, i) => (i === k ? 1 : 0)),
      shape,
    ),
  );
}

/** A zero without its sign. */
function withoutSign(value: number): number {
  return value + 0;
}
