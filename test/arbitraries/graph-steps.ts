// What random graphs are made of: steps that add a node or two, among them all that passes rewrite, and some that
// they must leave alone.

import {
  abs,
  add,
  argMax,
  broadcastTo,
  cast,
  concat,
  constant,
  cumulativeSum,
  div,
  dot,
  exp,
  floor,
  greater,
  isFloat,
  matmul,
  max,
  maximum,
  mul,
  neg,
  pad,
  permute,
  prod,
  reshape,
  reverse,
  sigmoid,
  sin,
  slice,
  sub,
  sum,
  tanh,
  transpose,
  where,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";

/** Picks a number from 0 to `count - 1`. */
export type Pick = (count: number) => number;

/** Numbers of each dtype for which a rewrite that is right on ordinary ones may be wrong. */
export const special: Readonly<Record<NdArray["dtype"], readonly number[]>> = {
  f32: [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e-45, 3.4e38, 1],
  f64: [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, 1e300, 4294967296],
  i32: [0, -1, 2147483647, -2147483648],
  u32: [0, 1, 4294967295, 2147483648],
  bool: [0, 1],
};

const square = (x: Tensor): boolean => x.shape.length === 2;
const numeric = (x: Tensor): boolean => x.dtype !== "bool";
const float = (x: Tensor): boolean => isFloat(x.dtype);

/** A way to make a node of earlier ones. */
export interface Step {
  readonly fits: (x: Tensor) => boolean;
  readonly build: (
    x: Tensor,
    other: (fits: (y: Tensor) => boolean) => Tensor | undefined,
    pick: Pick,
  ) => Tensor | undefined;
}

/** Whether another node has the type of this one. */
export const same =
  (x: Tensor) =>
  (y: Tensor): boolean =>
    y.dtype === x.dtype && y.shape.join() === x.shape.join();

/** A step from one node. */
export function unary(fits: Step["fits"], build: (x: Tensor, pick: Pick) => Tensor): Step {
  return { fits, build: (x, _, pick) => build(x, pick) };
}

/** A step from two nodes of one type. */
export function binary(fits: Step["fits"], build: (x: Tensor, y: Tensor) => Tensor): Step {
  return {
    fits,
    build: (x, other) => {
      const y = other(same(x));
      return y && build(x, y);
    },
  };
}

/** Steps with a derivative everywhere. */
export const smoothSteps: readonly Step[] = [
  unary(float, (x) => neg(x)),
  unary(float, (x) => neg(neg(x))),
  unary(float, (x) => tanh(x)),
  unary(float, (x) => sigmoid(x)),
  unary(float, (x) => sin(x)),
  unary(float, (x) => exp(mul(tanh(x), 0.5))),
  unary(float, (x) => mul(x, 1)),
  unary(float, (x) => sub(x, 0)),
  unary(float, (x) => div(x, add(mul(tanh(x), 0.25), 1))),
  binary(float, (x, y) => add(x, y)),
  binary(float, (x, y) => sub(x, neg(y))),
  binary(float, (x, y) => mul(tanh(x), y)),
  unary(square, (x) => transpose(x)),
  unary(square, (x) => transpose(transpose(x))),
  unary(
    (x) => square(x) && float(x),
    (x) => matmul(tanh(transpose(x)), sigmoid(x)),
  ),
  binary(
    (x) => square(x) && float(x),
    (x, y) => matmul(sigmoid(x), transpose(tanh(y))),
  ),
  unary(
    (x) => x.shape.length > 0,
    (x, pick) => reverse(x, pick(x.shape.length)),
  ),
  unary(
    (x) => x.shape.length > 0 && numeric(x),
    (x, pick) => sum(mul(x, 1), pick(x.shape.length)),
  ),
  unary(
    (x) => x.shape.length > 0 && float(x),
    (x, pick) => cumulativeSum(tanh(x), pick(x.shape.length)),
  ),
  unary(
    (x) => x.shape.length > 1,
    (x) => reshape(reshape(x, [-1]), [...x.shape].reverse()),
  ),
  unary(
    (x) => x.shape.length > 0,
    (x, pick) => slice(x, [[0, Math.max(1, Number(x.shape[0]) - pick(2))]]),
  ),
  unary(
    (x) => x.shape.length > 0 && Number(x.shape[0]) < 5,
    (x, pick) => pad(x, [[pick(2), 1]]),
  ),
  unary(
    (x) => x.shape.length < 3,
    (x, pick) => broadcastTo(x, [1 + pick(3), ...x.shape]),
  ),
  binary(
    (x) => x.shape.length > 0 && Number(x.shape[0]) < 4,
    (x, y) => concat([x, y], 0),
  ),
  unary(
    (x) => x.shape.length === 3,
    (x) => permute(permute(x, [2, 0, 1]), [0, 2, 1]),
  ),
  unary(
    (x) => float(x) && x.shape.length === 1,
    (x) => dot(tanh(x), sigmoid(x)),
  ),
];

/** All steps. */
export const allSteps: readonly Step[] = [
  ...smoothSteps,
  binary(numeric, (x, y) => maximum(x, y)),
  binary(numeric, (x, y) => where(greater(x, y), x, neg(y))),
  binary(numeric, (x, y) => add(mul(x, y), 1)),
  unary(numeric, (x) => neg(neg(x))),
  unary(
    (x) => numeric(x) && x.shape.length > 0,
    (x, pick) => max(x, pick(x.shape.length)),
  ),
  unary(
    (x) => numeric(x) && x.shape.length > 0 && Number(x.shape[0]) > 0,
    (x) => argMax(x, 0),
  ),
  unary(
    () => true,
    (x, pick) => cast(x, (["f32", "f64", "i32", "u32", "bool"] as const)[pick(5)] ?? "f32"),
  ),
  unary(numeric, (x) => add(x, cast(constant(3), x.dtype))),
  ...pairSteps(),
];

/** Steps of two nodes that a pass could take for one, where that is right and where it is not. */
function pairSteps(): readonly Step[] {
  const dtypes = ["f32", "f64", "i32", "u32", "bool"] as const;
  const lastAxis = (x: Tensor): Tensor => reshape(x, [...x.shape, 1]);
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  const cube = (x: Tensor): boolean => x.shape.length === 3 && numeric(x);
  return [
    unary(numeric, (x, pick) => {
      const numbers = special[x.dtype];
      return mul(x, constant(numbers[pick(numbers.length)] as number, { dtype: x.dtype }));
    }),
    unary(numeric, (x) => sub(x, 0)),
    unary(numeric, (x) => add(x, 0)),
    unary(numeric, (x) => sub(0, x)),
    unary(float, (x) => sub(x, -0)),
    unary(float, (x) => add(-0, x)),
    unary(float, (x) => div(x, 1)),
    unary(numeric, (x) => mul(x, x.dtype === "u32" ? 1 : -1)),
    unary(numeric, (x) => abs(neg(x))),
    unary(numeric, (x) => add(x, neg(x))),
    unary(numeric, (x) => sub(neg(x), neg(x))),
    unary(float, (x) => floor(floor(x))),
    unary(numeric, (x) => maximum(x, x)),
    unary(
      () => true,
      (x, pick) => {
        const both = pick(25);
        return cast(cast(x, dtypes[both % 5] ?? "f32"), dtypes[Math.floor(both / 5)] ?? "f32");
      },
    ),
    unary(numeric, (x) => sum(lastAxis(x), -1)),
    unary(numeric, (x) => max(lastAxis(x), -1)),
    unary(numeric, (x) => prod(lastAxis(x), -1)),
    unary(
      (x) => x.shape.length > 0,
      (x) => slice(slice(x, [[0, Number(x.shape[0]), 2]]), [[0, 1]]),
    ),
    unary(
      (x) => x.shape.length > 0,
      (x) => reverse(reverse(x, 0), -1),
    ),
    unary(cube, (x, pick) => {
      const both = pick(18);
      const turned = permute(x, orders[both % 6] as readonly number[]);
      const axis = Math.floor(both / 6);
      return dot(turned, turned, { contract: [[axis], [axis]] });
    }),
  ];
}
