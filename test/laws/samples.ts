// Where each operation is tested: inputs within its domain and away from its kinks, and what an attribute may be.

import fc from "fast-check";
import type { NdArray, Tensor } from "@wengert/tensor";
import {
  arrays,
  shapes,
  type Domain,
  type OpUnderTest,
  type Sample,
  type ShapeOptions,
} from "@wengert/autodiff/check";

/** An operation without its name, which is its key. */
export type Case = Omit<OpUnderTest<never>, "name" | "f" | "samples"> & {
  readonly f: (inputs: readonly Tensor[], attributes: unknown) => Tensor;
  readonly samples: fc.Arbitrary<Sample>;
};

/** What a case says besides. */
export type CaseOptions = Partial<Pick<Case, "order" | "names">>;

/** A case whose attributes have a type of their own. */
export function caseOf<A>(
  samples: fc.Arbitrary<Sample<A>>,
  f: (inputs: readonly Tensor[], attributes: A) => Tensor,
  options: CaseOptions = {},
): Case {
  // Only the samples of this case ever reach this function.
  return { samples, f: f as Case["f"], ...options };
}

/** A function of one element. */
export function unary(f: (x: Tensor) => Tensor, domain: Domain = {}, order: 2 | 3 = 2): Case {
  const samples = shapes()
    .chain((shape) => arrays(shape, domain))
    .map((x) => ({ inputs: [x], attributes: null }));
  return caseOf(samples, ([x]) => f(x as Tensor), { order });
}

/** A function of two elements of equal shape. */
export function binary(
  f: (x: Tensor, y: Tensor) => Tensor,
  left: Domain = {},
  right: Domain = left,
  order: 2 | 3 = 2,
): Case {
  const samples = shapes({ maxElements: 24 })
    .chain((shape) => fc.tuple(arrays(shape, left), arrays(shape, right)))
    .map((inputs) => ({ inputs, attributes: null }));
  return caseOf(samples, ([x, y]) => f(x as Tensor, y as Tensor), { order });
}

/** An operation on one array, with attributes that depend on its shape. */
export function attributed<A>(
  attributes: (shape: readonly number[]) => fc.Arbitrary<A>,
  f: (x: Tensor, attributes: A) => Tensor,
  options: CaseOptions & { readonly shape?: ShapeOptions; readonly domain?: Domain } = {},
): Case {
  const samples = shapes({ maxElements: 24, ...options.shape }).chain((shape) =>
    fc
      .tuple(arrays(shape, options.domain ?? {}), attributes(shape))
      .map(([x, given]) => ({ inputs: [x] as readonly NdArray[], attributes: given })),
  );
  const { order = 2, names = true } = options;
  return caseOf(samples, ([x], given) => f(x as Tensor, given), { order, names });
}
