// The laws as vitest tests of an operation, over generated inputs: one line tests a new operation.

import { apply, type Attributes, type Primitive } from "@wengert/tensor";
import fc from "fast-check";
import { describe, test } from "vitest";
import { testsOf } from "./op-tests.ts";
import type { OpUnderTest, PrimitiveUnderTest } from "./op-under-test.ts";

/** How often to test. */
export interface TestOptions {
  /** Samples a law; default 25, or what fast-check is configured to. */
  readonly numRuns?: number;
}

/**
 * Registers a vitest test for every law and order of derivative. A failure names the operation, the law, the inputs,
 * the direction and the seeds that reproduce it.
 * @example
 * ```ts no-run
 * import { softplus, type Tensor } from "@wengert/tensor";
 * import { arrays, shapes, testOp } from "@wengert/autodiff/check";
 * testOp({
 *   name: "softplus",
 *   f: ([x]) => softplus(x as Tensor),
 *   samples: shapes().chain((shape) => arrays(shape).map((x) => ({ inputs: [x], attributes: null }))),
 *   reference: ([x]) => x!.data.map((each) => Math.log1p(Math.exp(each))),
 * });
 * ```
 */
export function testOp<A>(op: OpUnderTest<A>, options?: TestOptions): void;
export function testOp<A extends Attributes>(op: PrimitiveUnderTest<A>, options?: TestOptions): void;
export function testOp<A>(
  given: OpUnderTest<A> | (Omit<OpUnderTest<A>, "f"> & { readonly primitive: Primitive }),
  { numRuns = fc.readConfigureGlobal()?.numRuns ?? 25 }: TestOptions = {},
): void {
  const op: OpUnderTest<A> = "f" in given ? given : { ...given, f: applied(given.primitive) };
  describe(op.name, () => {
    for (const { title, expectToHold } of testsOf(op, numRuns)) test(title, () => expectToHold());
  });
}

function applied<A>(primitive: Primitive): OpUnderTest<A>["f"] {
  // The overload says that these attributes are the primitive's.
  return (inputs, attributes) => apply(primitive, inputs, attributes as Attributes);
}
