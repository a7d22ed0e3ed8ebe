// For every composite that @wengert/tensor exports where its laws are tested. A test compares the keys with the
// exports.

import fc from "fast-check";
import * as tensor from "@wengert/tensor";
import { arrays, axes, axis, indices, shapes, type Domain } from "@wengert/autodiff/check";
import type { Tensor } from "@wengert/tensor";
import { attributed, caseOf, unary, type Case } from "./samples.ts";
import type { Flat } from "./primitive-cases.ts";

const source: Flat = { derivative: "source" };
const kinked = { kinks: [0] };
const someAxes = (shape: readonly number[]): fc.Arbitrary<readonly number[]> => axes(shape.length);
const oneAxis = (shape: readonly number[]): fc.Arbitrary<number> => axis(shape.length);
const full = { shape: { minSize: 1 } } as const;
const ranked = { shape: { minRank: 1 } } as const;
/** The attributes hold numbers that belong to the sizes, so that these cannot be names. */
const sizesInAttributes = { names: false } as const;
const matrix = { shape: { minRank: 2, maxRank: 3 } } as const;

/** Two arrays of the given shapes. */
function pair<A>(
  draw: fc.Arbitrary<readonly [left: readonly number[], right: readonly number[], attributes: A]>,
  f: (x: Tensor, y: Tensor, attributes: A) => Tensor,
  domain: Domain = {},
): Case {
  const samples = draw.chain(([left, right, attributes]) =>
    fc.tuple(arrays(left, domain), arrays(right, domain)).map((inputs) => ({ inputs, attributes })),
  );
  return caseOf(samples, ([x, y], attributes) => f(x as Tensor, y as Tensor, attributes));
}

const size = fc.integer({ min: 0, max: 3 });
const products = fc
  .tuple(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }), size, size, size, fc.nat(2))
  .map(([batch, n, k, m, kind]) => {
    const [left, right] = [kind === 1 ? [] : batch, kind === 2 ? batch.map(() => 1) : batch];
    return [[...left, n, k], [...right, k, m], null] as const;
  });

const equations = [
  "ij,jk->ik",
  "bij,bkj->bik",
  "ii,i->i",
  "i,j->ij",
  "ij,ij->",
  "...i,i->...",
  "ij,k->kji",
] as const;
const sizes: Readonly<Record<string, number>> = { i: 2, j: 3, k: 2, b: 2 };
const einsums = fc.constantFrom(...equations).map((equation) => {
  const [left, right] = (equation.split("->")[0] as string)
    .split(",")
    .map((term) => Array.from(term.replace("...", "b")).map((letter) => sizes[letter] as number)) as [
    number[],
    number[],
  ];
  return [left, right, equation] as const;
});

const spread = shapes({ maxRank: 3, maxElements: 8 }).chain((shape) =>
  fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 2 }),
      fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    )
    .map(
      ([front, ones]) =>
        [shape.map((n, i) => (ones[i] === true ? 1 : n)), [...front, ...shape], null] as const,
    ),
);

/** x and a target for it to be broadcast with. */
function broadcasting(f: (x: Tensor, y: Tensor) => Tensor): Case {
  return pair(spread, f);
}

const parts = shapes({ maxRank: 3, maxElements: 8 }).chain((shape) =>
  fc
    .tuple(fc.array(arrays(shape), { minLength: 1, maxLength: 3 }), axis(shape.length + 1))
    .map(([inputs, attributes]) => ({ inputs, attributes })),
);

const even = fc
  .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 }))
  .chain(([pieces, each]) => arrays([2, pieces * each]).map((x) => ({ inputs: [x], attributes: pieces })));

const chosen = fc
  .tuple(indices([2, 3], 2), arrays([3]), arrays([2, 1]))
  .map((inputs) => ({ inputs, attributes: null }));

/** Every composite. */
export const compositeCases: Readonly<Record<string, Case | Flat>> = {
  // Activations
  clip: unary((x) => tensor.clip(x, -1, 1), { kinks: [-1, 1] }),
  elu: unary((x) => tensor.elu(x), kinked),
  gelu: unary((x) => tensor.gelu(x)),
  leakyRelu: unary((x) => tensor.leakyRelu(x), kinked),
  logSigmoid: unary(tensor.logSigmoid),
  reciprocal: unary(tensor.reciprocal, { low: 0.5 }),
  relu: unary(tensor.relu, kinked),
  selu: unary(tensor.selu, kinked),
  silu: unary(tensor.silu),
  softplus: unary(tensor.softplus, {}, 3),
  square: unary(tensor.square),
  erfInverse: unary(tensor.erfInverse, { low: -0.8, high: 0.8 }),
  isNaN: unary((x) => tensor.cast(tensor.isNaN(x), x.dtype)),
  // Statistics
  mean: attributed(someAxes, (x, a) => tensor.mean(x, a), full),
  variance: attributed(someAxes, (x, a) => tensor.variance(x, a), full),
  standardDeviation: attributed(
    () => fc.constant([-1]),
    (x, a) => tensor.standardDeviation(x, a),
    {
      shape: { minRank: 1, minSize: 2 },
      domain: { distinct: true },
    },
  ),
  norm: attributed(
    () => fc.constantFrom(1, 2, Number.POSITIVE_INFINITY),
    (x, order) => tensor.norm(x, undefined, { order }),
    {
      shape: { minSize: 1 },
      domain: { low: 0.3, distinct: true },
    },
  ),
  logSumExp: attributed(someAxes, (x, a) => tensor.logSumExp(x, a), full),
  softmax: attributed(oneAxis, (x, a) => tensor.softmax(x, a), { shape: { minRank: 1, minSize: 1 } }),
  logSoftmax: attributed(oneAxis, (x, a) => tensor.logSoftmax(x, a), { shape: { minRank: 1, minSize: 1 } }),
  // Products
  matmul: pair(products, (x, y): Tensor => tensor.matmul(x, y)),
  outer: pair(
    fc.tuple(shapes({ maxRank: 2, maxSize: 3 }), shapes({ maxRank: 2, maxSize: 2 }), fc.constant(null)),
    (x, y) => tensor.outer(x, y),
  ),
  inner: pair(
    size.map((n) => [[2, n], [3, n], null] as const),
    (x, y) => tensor.inner(x, y),
  ),
  einsum: pair(einsums, (x, y, equation) => tensor.einsum(equation, x, y)),
  trace: attributed(
    () => fc.constant(null),
    (x) => tensor.trace(x),
    { shape: { minRank: 2, maxRank: 2, minSize: 3, maxSize: 3 } },
  ),
  // Arrangement
  broadcastTo: broadcasting((x, y) => tensor.broadcastTo(x, y.shape)),
  broadcastAlong: attributed(
    () => size,
    (x, n) =>
      tensor.broadcastAlong(
        x,
        [n, ...x.shape],
        x.shape.map((_, i) => i + 1),
      ),
  ),
  where: caseOf(chosen, ([c, x, y]) => tensor.where(tensor.equal(c as Tensor, 1), x as Tensor, y as Tensor)),
  transpose: attributed(
    () => fc.constant(null),
    (x) => tensor.transpose(x),
  ),
  swapAxes: attributed(
    (shape) => fc.tuple(oneAxis(shape), oneAxis(shape)),
    (x, [a, b]) => tensor.swapAxes(x, a, b),
    ranked,
  ),
  moveAxis: attributed(
    (shape) => fc.tuple(oneAxis(shape), oneAxis(shape)),
    (x, [a, b]) => tensor.moveAxis(x, a, b),
    ranked,
  ),
  expandDims: attributed(
    (shape) => axis(shape.length + 1),
    (x, a): Tensor => tensor.expandDims(x, a),
  ),
  squeeze: attributed(
    (shape) => fc.nat(shape.length),
    (x, a): Tensor => tensor.squeeze(tensor.expandDims(x, a), a),
  ),
  stack: caseOf(parts, (all, at): Tensor => tensor.stack(all, at)),
  split: caseOf(
    even,
    ([x], count) => tensor.square(tensor.split(x as Tensor, count, 1)[0] as Tensor),
    sizesInAttributes,
  ),
  sliceBlock: attributed(
    () => fc.constant(null),
    (x) =>
      tensor.sliceBlock(
        x,
        x.shape.map((n) => Number(n) - 1),
        x.shape.map(() => 1),
        x.shape.map(() => 1),
      ),
    { ...full, ...sizesInAttributes },
  ),
  padInto: attributed(
    () => fc.nat(2),
    (x, n) =>
      tensor.padInto(
        x,
        x.shape.map((d) => Number(d) + n),
        x.shape.map(() => n),
        x.shape.map(() => 1),
      ),
    {
      shape: { maxRank: 2, maxElements: 9 },
      ...sizesInAttributes,
    },
  ),
  pad: attributed(
    () => fc.tuple(fc.nat(2), fc.nat(1)),
    (x, [a, b]) =>
      tensor.pad(
        x,
        x.shape.map(() => [a, b] as const),
      ),
    {
      shape: { maxRank: 2, maxElements: 9 },
      ...sizesInAttributes,
    },
  ),
  tile: attributed(
    (shape) => fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 2 }))),
    (x, counts) => tensor.tile(x, counts),
    { shape: { maxRank: 3, maxElements: 8 }, ...sizesInAttributes },
  ),
  repeat: attributed(
    (shape) => fc.tuple(fc.integer({ min: 1, max: 3 }), oneAxis(shape)),
    (x, [n, a]) => tensor.repeat(x, n, a),
    { ...ranked, ...sizesInAttributes },
  ),
  roll: attributed(
    (shape) => fc.tuple(fc.integer({ min: -5, max: 5 }), oneAxis(shape)),
    (x, [n, a]) => tensor.roll(x, n, a),
    { shape: { minRank: 1, minSize: 1 } },
  ),
  diagonal: attributed(
    () => fc.constant(null),
    (x) => tensor.diagonal(x),
    { shape: { minRank: 2, maxRank: 2, minSize: 3, maxSize: 3 } },
  ),
  diagonalMatrix: attributed(
    () => fc.constant(null),
    (x) => tensor.diagonalMatrix(x),
    { shape: { minRank: 1, maxRank: 1 } },
  ),
  tril: attributed(
    () => fc.constant(null),
    (x) => tensor.tril(x),
    matrix,
  ),
  triu: attributed(
    () => fc.constant(null),
    (x) => tensor.triu(x),
    matrix,
  ),
  // Constants, keys and indices depend on nothing that has a derivative.
  constant: source,
  full: source,
  ones: source,
  onesLike: source,
  zeros: source,
  zerosLike: source,
  scalar: source,
  identityMatrix: source,
  oneHot: source,
  bernoulli: source,
  foldIn: source,
  normal: source,
  uniform: source,
  randomBits: source,
  randomKey: source,
  splitKey: source,
};
