/**
 * The laws of derivatives for tests: of one function at one point, or of an operation over generated inputs.
 *
 * @packageDocumentation
 */

// Tests
export { checkGradients } from "./check-gradients.ts";
export type { CheckOptions } from "./check-gradients.ts";
export { testOp } from "./test-op.ts";
export type { TestOptions } from "./test-op.ts";
export type { Kink, OpUnderTest, PrimitiveUnderTest, Sample } from "./op-under-test.ts";

// The laws
export {
  derivativesOf,
  jvpAgreesWithDifferences,
  laws,
  optimisedEqualsUnoptimised,
  typesAgree,
  vjpAgreesWithJvp,
  vjpIsLinear,
} from "./laws.ts";
export type { Law } from "./laws.ts";
export {
  engineAgrees,
  namedEqualsNumbered,
  singlePrecisionAgrees,
  valueAgreesWithReference,
} from "./type-laws.ts";
export type { Reference } from "./type-laws.ts";
export type { Subject } from "./subject.ts";

// Generators
export { arrays, axes, axis, directions, indices, numbers, shapes } from "./arbitraries.ts";
export type { Domain, ShapeOptions } from "./arbitraries.ts";
