/**
 * The laws of derivatives for tests: of one function at one point, or of an operation over generated inputs.
 *
 * @packageDocumentation
 */

export { checkGradients } from "./check-gradients.ts";
export type { CheckOptions } from "./check-gradients.ts";
export { testOp } from "./test-op.ts";
export type { OpUnderTest, Sample, TestOptions } from "./test-op.ts";
export {
  derivativesOf,
  jvpAgreesWithDifferences,
  laws,
  optimisedEqualsUnoptimised,
  singlePrecisionAgrees,
  typesAgree,
  vjpAgreesWithJvp,
  vjpIsLinear,
} from "./laws.ts";
export type { Law } from "./laws.ts";
export type { Subject } from "./subject.ts";
export { arrays, axes, axis, indices, numbers, shapes } from "./arbitraries.ts";
export type { Domain, ShapeOptions } from "./arbitraries.ts";
