// Steps that matter to an engine and not to a pass: views of views, folds along several axes, bits and comparisons,
// indices, and arithmetic of integers.

import {
  abs,
  all,
  and,
  any,
  argMin,
  atan2,
  broadcastTo,
  cast,
  ceil,
  concat,
  constant,
  cumulativeSum,
  dot,
  div,
  equal,
  erf,
  expandDims,
  floor,
  gather,
  iota,
  isFinite,
  isFloat,
  isInteger,
  less,
  lessEqual,
  log,
  max,
  min,
  minimum,
  mul,
  not,
  notEqual,
  or,
  padInto,
  permute,
  pow,
  prod,
  rem,
  reshape,
  reverse,
  round,
  scatterAdd,
  sign,
  slice,
  sqrt,
  sub,
  sum,
  where,
  xor,
  type Tensor,
} from "@wengert/tensor";
import { allSteps, binary, same, unary, type Pick, type Step } from "./graph-steps.ts";

const numeric = (x: Tensor): boolean => x.dtype !== "bool";
const float = (x: Tensor): boolean => isFloat(x.dtype);
const whole = (x: Tensor): boolean => isInteger(x.dtype);
const bool = (x: Tensor): boolean => x.dtype === "bool";
const bits = (x: Tensor): boolean => !isFloat(x.dtype);
const ranked = (x: Tensor): boolean => x.shape.length > 0;
const sizes = (x: Tensor): readonly number[] => x.shape as readonly number[];
const full = (x: Tensor): boolean => !sizes(x).includes(0);

function both(...conditions: readonly ((x: Tensor) => boolean)[]): (x: Tensor) => boolean {
  return (x) => conditions.every((condition) => condition(x));
}

/** Some of the axes. */
function axesOf(x: Tensor, pick: Pick): readonly number[] {
  const chosen = pick(2 ** x.shape.length);
  return x.shape.flatMap((_, axis) => ((chosen >> axis) % 2 === 1 ? [axis] : []));
}

/** The axes in another order. */
function orderOf(x: Tensor, pick: Pick): readonly number[] {
  const { length } = x.shape;
  const turn = pick(Math.max(1, 2 * length));
  const order = x.shape.map((_, axis) => (axis + turn) % length);
  return turn < length ? order : order.toReversed();
}

function turned(x: Tensor, pick: Pick): Tensor {
  return permute(x, orderOf(x, pick));
}

/** Every second element of an axis, from the front or from the end. */
function sparse(x: Tensor, pick: Pick): Tensor {
  const at = pick(x.shape.length);
  const size = sizes(x)[at]!;
  return slice(
    x,
    sizes(x).map((n, axis) => {
      if (axis !== at) return [0, n, 1] as const;
      return pick(2) === 0 ? ([pick(size + 1), n, 2] as const) : ([n, 0, -2] as const);
    }),
  );
}

const movements: readonly Step[] = [
  unary(ranked, (x, pick) => turned(x, pick)),
  unary(ranked, (x, pick) => sparse(x, pick)),
  unary(ranked, (x, pick) => reverse(x, axesOf(x, pick))),
  unary(ranked, (x, pick) => reshape(turned(sparse(x, pick), pick), [-1])),
  unary(both(ranked, full), (x, pick) => reshape(turned(x, pick), [...x.shape])),
  unary(
    (x) => ranked(x) && x.shape.length < 4,
    (x, pick) => {
      const at = pick(x.shape.length + 1);
      return broadcastTo(expandDims(x, at), sizes(x).toSpliced(at, 0, pick(4)));
    },
  ),
  unary(
    (x) => ranked(x) && x.shape.length < 4,
    (x, pick) => reshape(expandDims(x, pick(x.shape.length + 1)), [...x.shape, 1]),
  ),
  unary(ranked, (x, pick) => {
    const steps = sizes(x).map(() => 1 + pick(2));
    const starts = sizes(x).map(() => pick(3));
    const shape = sizes(x).map((n, i) => starts[i]! + Math.max(0, n - 1) * steps[i]! + (n > 0 ? 2 : 0));
    return padInto(x, shape, starts, steps);
  }),
  {
    fits: ranked,
    build: (x, other, pick) => {
      const y = other(same(x));
      const at = pick(x.shape.length);
      return y && concat([reverse(x, at), sparse(y, pick).shape.join() === x.shape.join() ? y : x, y], at);
    },
  },
];

const elementwise: readonly Step[] = [
  unary(float, (x) => sqrt(abs(x))),
  unary(float, (x) => round(x)),
  unary(float, (x) => ceil(x)),
  unary(float, (x) => floor(mul(x, 2))),
  unary(float, (x) => isFinite(x)),
  unary(numeric, (x) => sign(x)),
  unary(bits, (x) => not(x)),
  binary(numeric, (x, y) => div(x, y)),
  binary(numeric, (x, y) => rem(x, y)),
  binary(numeric, (x, y) => minimum(x, y)),
  binary(
    () => true,
    (x, y) => equal(x, y),
  ),
  binary(
    () => true,
    (x, y) => notEqual(x, y),
  ),
  binary(
    () => true,
    (x, y) => less(x, y),
  ),
  binary(
    () => true,
    (x, y) => lessEqual(x, y),
  ),
  binary(bits, (x, y) => and(x, y)),
  binary(bits, (x, y) => or(x, y)),
  binary(bits, (x, y) => xor(x, y)),
  binary(numeric, (x, y) => where(less(x, y), sub(x, y), y)),
  {
    fits: bool,
    build: (x, other) => {
      const y = other((each) => each.dtype !== "bool" && each.shape.join() === x.shape.join());
      return y && where(x, y, mul(y, y));
    },
  },
  unary(ranked, (x, pick) => {
    const index = iota(x.shape, pick(x.shape.length), { dtype: numeric(x) ? x.dtype : "i32" });
    return numeric(x) ? sub(x, index) : where(x, index, mul(index, index));
  }),
  unary(float, (x) => log(abs(x))),
  unary(float, (x) => erf(x)),
  binary(float, (x, y) => atan2(x, y)),
  binary(float, (x, y) => pow(abs(x), y)),
];

const folds: readonly Step[] = [
  unary(numeric, (x, pick) => sum(x, axesOf(x, pick))),
  unary(numeric, (x, pick) => prod(x, axesOf(x, pick))),
  unary(numeric, (x, pick) => min(x, axesOf(x, pick))),
  unary(numeric, (x, pick) => max(x, axesOf(x, pick))),
  unary(bool, (x, pick) => any(x, axesOf(x, pick))),
  unary(bool, (x, pick) => all(x, axesOf(x, pick))),
  // A fold of which the operand is needed again: two passes over it.
  unary(both(numeric, ranked), (x, pick) => {
    const at = pick(x.shape.length);
    return sub(x, broadcastTo(max(x, [at], { keepDims: true }), x.shape));
  }),
  unary(both(whole, ranked), (x, pick) => {
    const at = pick(x.shape.length);
    return mul(x, broadcastTo(sum(x, [at], { keepDims: true }), x.shape));
  }),
];

const others: readonly Step[] = [
  unary(both(numeric, ranked, full), (x, pick) => argMin(x, pick(x.shape.length))),
  unary(both(numeric, ranked), (x, pick) => cumulativeSum(x, pick(x.shape.length))),
  unary(both(ranked, full), (x, pick) => {
    const at = pick(x.shape.length);
    const size = sizes(x)[at]!;
    return gather(x, constant([pick(size), size - 1, 0], { dtype: "i32" }), at);
  }),
  unary(both(numeric, ranked), (x, pick) => {
    const at = pick(x.shape.length);
    const indices = constant(
      sizes(x)
        .slice(at, at + 1)
        .flatMap((n) => Array.from({ length: n }, (_, i) => (i * i) % 3)),
      { dtype: "i32" },
    );
    return scatterAdd(x, indices, { size: 4, axis: at });
  }),
  unary(
    both(whole, (x) => x.shape.length === 2),
    (x) => dot(x, x, { contract: [[0], [0]] }),
  ),
  unary(
    () => true,
    (x, pick) => cast(x, (["i32", "u32", "bool", "f32", "f64"] as const)[pick(5)]!),
  ),
];

/** All steps for engines. */
export const engineSteps: readonly Step[] = [...allSteps, ...movements, ...elementwise, ...folds, ...others];
