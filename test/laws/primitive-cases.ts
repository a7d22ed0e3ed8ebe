// For every primitive where its laws are tested, total by type. Those without a derivative say so; a test holds them
// to it.

import fc from "fast-check";
import {
  abs,
  acos,
  add,
  all,
  and,
  any,
  apply,
  arrayFrom,
  asin,
  atan,
  atan2,
  cast,
  ceil,
  concat,
  cos,
  cosh,
  cumulativeSum,
  div,
  dot,
  equal,
  erf,
  exp,
  expm1,
  floor,
  gather,
  greater,
  greaterEqual,
  isFinite,
  less,
  lessEqual,
  log,
  log1p,
  max,
  maximum,
  min,
  minimum,
  mul,
  neg,
  not,
  notEqual,
  or,
  padInto,
  permute,
  pow,
  primitives,
  prod,
  rem,
  reshape,
  reverse,
  round,
  rsqrt,
  scatterAdd,
  where,
  sigmoid,
  sign,
  sin,
  sinh,
  slice,
  sqrt,
  sub,
  sum,
  tan,
  tanh,
  xor,
  type PrimitiveName,
  type Tensor,
} from "@wengert/tensor";
import { arrays, axes, axis, indices, shapes } from "@wengert/autodiff/check";
import { attributed, binary, caseOf, unary, type Case } from "./samples.ts";

/** Why a primitive has no laws of derivatives. */
export interface Flat {
  readonly derivative: "zero" | "none" | "source";
}

const zero: Flat = { derivative: "zero" };
const none: Flat = { derivative: "none" };
const source: Flat = { derivative: "source" };

const someAxes = (shape: readonly number[]): fc.Arbitrary<readonly number[]> => axes(shape.length);
const oneAxis = (shape: readonly number[]): fc.Arbitrary<number> => axis(shape.length);
const anOrder = (shape: readonly number[]): fc.Arbitrary<number[]> =>
  fc.shuffledSubarray(
    shape.map((_, i) => i),
    { minLength: shape.length },
  );

/** Any batched product: up to two batch axes, up to two contracted ones, free ones on both sides, in any order. */
const dots = fc
  .record({
    batch: fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 2 }),
    inner: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
    left: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
    right: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
    shuffles: fc.tuple(fc.nat(1000), fc.nat(1000)),
  })
  .chain(({ batch, inner, left, right, shuffles }) => {
    const place = (free: readonly number[], seed: number): { shape: number[]; at: number[] } => {
      const sizes = [...batch, ...inner, ...free];
      const order = sizes
        .map((_, i) => i)
        .toSorted((a, b) => ((a * 7 + seed) % 11) - ((b * 7 + seed) % 11) || a - b);
      return { shape: order.map((i) => sizes[i] as number), at: sizes.map((_, i) => order.indexOf(i)) };
    };
    const [x, y] = [place(left, shuffles[0]), place(right, shuffles[1])];
    const pairs = (from: number, to: number): readonly [number[], number[]] => [
      x.at.slice(from, to),
      y.at.slice(from, to),
    ];
    const attributes = {
      batch: pairs(0, batch.length),
      contract: pairs(batch.length, batch.length + inner.length),
    };
    return fc.tuple(arrays(x.shape), arrays(y.shape)).map((inputs) => ({ inputs, attributes }));
  });

const gathers = shapes({ minRank: 1, maxRank: 3, minSize: 1 }).chain((shape) =>
  fc
    .nat(shape.length - 1)
    .chain((at) =>
      shapes({ maxRank: 2, maxSize: 3 }).chain((picked) =>
        fc
          .tuple(arrays(shape), indices(picked, shape[at] as number))
          .map(([x, i]) => ({ inputs: [x, i], attributes: at })),
      ),
    ),
);

const scatters = fc
  .record({
    outer: fc.integer({ min: 0, max: 3 }),
    inner: fc.integer({ min: 0, max: 3 }),
    size: fc.integer({ min: 1, max: 4 }),
  })
  .chain(({ outer, inner, size }) =>
    shapes({ maxRank: 2, maxSize: 3 }).chain((picked) =>
      fc
        .tuple(arrays([outer, ...picked, inner]), indices(picked, size))
        .map(([x, i]) => ({ inputs: [x, i], attributes: size })),
    ),
  );

const concats = shapes({ minRank: 1, maxRank: 3, maxElements: 12 }).chain((shape) =>
  fc.nat(shape.length - 1).chain((at) =>
    fc
      .array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 3 })
      .chain((sizes) => fc.tuple(...sizes.map((size) => arrays(shape.with(at, size)))))
      .map((inputs) => ({ inputs, attributes: at })),
  ),
);

const selects = shapes({ maxElements: 24 })
  .chain((shape) => fc.tuple(indices(shape, 2), arrays(shape), arrays(shape)))
  .map((inputs) => ({ inputs, attributes: null }));

const blocks = (shape: readonly number[]): fc.Arbitrary<(readonly [number, number, number])[]> =>
  fc.tuple(
    ...shape.map((size) =>
      fc
        .tuple(
          fc.integer({ min: 0, max: size }),
          fc.integer({ min: 0, max: size }),
          fc.constantFrom(1, 2, 3, -1, -2),
        )
        .map(
          ([a, b, by]) =>
            [by > 0 ? Math.min(a, b) : Math.max(a, b), by > 0 ? Math.max(a, b) : Math.min(a, b), by] as const,
        ),
    ),
  );

const growths = (
  shape: readonly number[],
): fc.Arbitrary<{ start: number[]; step: number[]; shape: number[] }> =>
  fc
    .tuple(
      ...shape.map((size) =>
        fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 3 }), fc.nat(2)).map(([start, step, after]) => ({
          start,
          step,
          size: start + Math.max(0, size - 1) * step + (size > 0 ? 1 : 0) + after,
        })),
      ),
    )
    .map((list) => ({
      start: list.map(({ start }) => start),
      step: list.map(({ step }) => step),
      shape: list.map(({ size }) => size),
    }));

/** A size-1 axis spread, and new axes in front and between. */
const spreads = (shape: readonly number[]): fc.Arbitrary<{ shape: number[]; axes: number[] }> =>
  fc.tuple(...shape.map(() => fc.tuple(fc.nat(1), fc.integer({ min: 0, max: 3 })))).map((list) => {
    const target: number[] = [];
    const places: number[] = [];
    for (const [i, [before, size]] of list.entries()) {
      if (before === 1) target.push(2);
      places.push(target.length);
      target.push(shape[i] === 1 ? size : (shape[i] as number));
    }
    return { shape: target, axes: places };
  });

/** Two arrays whose elements differ by 0.05 at least, either way. */
const unequal = shapes({ maxElements: 24 })
  .chain((shape) => fc.tuple(arrays(shape), arrays(shape, { kinks: [0] })))
  .map(([x, gap]) => ({
    inputs: [
      x,
      arrayFrom(
        Float64Array.from(x.data, (value, i) => value + (gap.data[i] as number)),
        x.shape,
      ),
    ],
    attributes: null,
  }));

/** A truth value as a number of the dtype of `x`, whose derivative is 0. */
function asNumber(truth: Tensor, x: Tensor): Tensor {
  return cast(truth, x.dtype);
}

/** Truth values of two numbers that differ. */
function compared(f: (x: Tensor, y: Tensor) => Tensor): Case {
  return caseOf(unequal, ([x, y]) => asNumber(f(x as Tensor, y as Tensor), x as Tensor));
}

/** Truth values of two numbers that are not 0. */
function combined(f: (x: Tensor, y: Tensor) => Tensor): Case {
  return binary((x, y) => asNumber(f(greater(x, 0), greater(y, 0)), x), { kinks: [0] });
}

/** Square shapes too, which an order can leave as they are. */
const permutations = fc
  .oneof(shapes({ maxElements: 24 }), fc.constantFrom([2, 2], [2, 3, 2], [2, 2, 2]))
  .chain((shape) =>
    fc.tuple(arrays(shape), anOrder(shape)).map(([x, order]) => ({ inputs: [x], attributes: order })),
  );

/** The attributes hold numbers that belong to the sizes, so that these cannot be names. */
const sizesInAttributes = { names: false } as const;

const rank1 = { shape: { minRank: 1 } } as const;

/** Every primitive. */
export const primitiveCases: Readonly<Record<PrimitiveName, Case | Flat>> = {
  input: source,
  parameter: source,
  constant: source,
  iota: source,
  size: source,
  neg: unary(neg),
  abs: unary(abs, { kinks: [0] }),
  sign: unary(sign, { kinks: [0] }),
  exp: unary(exp, {}, 3),
  expm1: unary(expm1),
  log: unary(log, { low: 0.2, high: 3 }),
  log1p: unary(log1p, { low: -0.7 }),
  sqrt: unary(sqrt, { low: 0.3, high: 4 }),
  rsqrt: unary(rsqrt, { low: 0.4, high: 4 }),
  sin: unary(sin),
  cos: unary(cos),
  tan: unary(tan, { low: -1, high: 1 }),
  asin: unary(asin, { low: -0.8, high: 0.8 }),
  acos: unary(acos, { low: -0.8, high: 0.8 }),
  atan: unary(atan),
  sinh: unary(sinh),
  cosh: unary(cosh),
  tanh: unary(tanh, {}, 3),
  sigmoid: unary(sigmoid, {}, 3),
  erf: unary(erf),
  floor: unary(floor, { kinks: [-2, -1, 0, 1, 2] }),
  ceil: unary(ceil, { kinks: [-2, -1, 0, 1, 2] }),
  round: unary(round, { kinks: [-1.5, -0.5, 0.5, 1.5] }),
  isFinite: unary((x) => asNumber(isFinite(x), x)),
  add: binary(add),
  sub: binary(sub),
  mul: binary(mul),
  div: binary(div, {}, { low: 0.5, high: 2 }),
  // Away from the multiples of y, where the remainder jumps.
  rem: caseOf(
    shapes({ maxElements: 24 })
      .chain((shape) =>
        fc.tuple(
          arrays(shape, { low: 0.1, high: 0.9 }),
          arrays(shape, { low: 1, high: 2 }),
          fc.integer({ min: -3, max: 3 }),
        ),
      )
      .map(([x, y, turns]) => ({ inputs: [x, y], attributes: turns })),
    // (turns + x) y has the remainder x y, or x y - y below 0.
    ([x, y], turns: number) => rem(mul(add(x as Tensor, turns), y as Tensor), y as Tensor),
  ),
  pow: binary(pow, { low: 0.4, high: 2 }, { low: -2, high: 3 }, 3),
  maximum: caseOf(unequal, ([x, y]) => maximum(x as Tensor, y as Tensor)),
  minimum: caseOf(unequal, ([x, y]) => minimum(x as Tensor, y as Tensor)),
  atan2: binary(atan2, { low: 0.3, high: 2 }, { low: -2, high: 2 }),
  equal: compared(equal),
  notEqual: compared(notEqual),
  less: compared(less),
  lessEqual: compared(lessEqual),
  greater: compared(greater),
  greaterEqual: compared(greaterEqual),
  and: combined(and),
  or: combined(or),
  xor: combined(xor),
  not: unary((x) => asNumber(not(greater(x, 0)), x), { kinks: [0] }),
  select: caseOf(selects, ([c, x, y]) => where(cast(c as Tensor, "bool"), x as Tensor, y as Tensor)),
  // To another dtype its rounding would drown the laws.
  cast: unary((x) => apply(primitives.cast, [x], { dtype: x.dtype })),
  sum: attributed(someAxes, (x, a) => sum(x, a)),
  prod: attributed(someAxes, (x, a) => prod(x, a), { order: 3, shape: { maxElements: 12 } }),
  max: attributed(someAxes, (x, a) => max(x, a), { domain: { distinct: true }, shape: { minSize: 1 } }),
  min: attributed(someAxes, (x, a) => min(x, a), { domain: { distinct: true }, shape: { minSize: 1 } }),
  argMax: none,
  argMin: none,
  any: attributed(someAxes, (x, a) => asNumber(any(greater(x, 0), a), x), { domain: { kinks: [0] } }),
  all: attributed(someAxes, (x, a) => asNumber(all(greater(x, 0), a), x), { domain: { kinks: [0] } }),
  cumulativeSum: attributed(oneAxis, (x, a) => cumulativeSum(x, a), rank1),
  dot: caseOf(dots, ([x, y], options) => dot(x as Tensor, y as Tensor, options)),
  reshape: attributed(reorderedSizes, (x, shape) => reshape(x, shape), sizesInAttributes),
  permute: caseOf(permutations, ([x], order) => permute(x as Tensor, order)),
  broadcast: attributed(spreads, (x, a) => apply(primitives.broadcast, [x], a), {
    shape: { maxRank: 3, maxElements: 8 },
    ...sizesInAttributes,
  }),
  slice: attributed(blocks, (x, ranges) => slice(x, ranges), sizesInAttributes),
  pad: attributed(growths, (x, { shape, start, step }) => padInto(x, shape, start, step), {
    shape: { maxRank: 3, maxElements: 12 },
    ...sizesInAttributes,
  }),
  concat: caseOf(concats, (parts, at) => concat(parts, at), sizesInAttributes),
  reverse: attributed(someAxes, (x, a) => reverse(x, a)),
  gather: caseOf(gathers, ([x, i], at) => gather(x as Tensor, i as Tensor, at)),
  scatterAdd: caseOf(scatters, ([x, i], size) => scatterAdd(x as Tensor, i as Tensor, { size, axis: 1 })),
  threefry2x32: zero,
  stopGradient: zero,
  customDerivative: none,
};

/** The sizes in another order, or all in one: as many elements. */
function reorderedSizes(shape: readonly number[]): fc.Arbitrary<number[]> {
  const sizes = anOrder(shape).map((order) => order.map((i) => shape[i] as number));
  return fc.oneof(sizes, fc.constant<number[]>([1, shape.reduce((product, size) => product * size, 1)]));
}
