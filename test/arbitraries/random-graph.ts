// Random graphs of 1 to 40 nodes over small tensors of every dtype, with values for their inputs.

import fc from "fast-check";
import {
  add,
  argMax,
  arrayFrom,
  broadcastTo,
  cast,
  concat,
  constant,
  cumulativeSum,
  div,
  dot,
  exp,
  greater,
  input,
  isFloat,
  matmul,
  max,
  maximum,
  mul,
  neg,
  pad,
  permute,
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

/** A graph's last nodes, the values that it takes, and how it was chosen. */
export interface RandomGraph {
  readonly outputs: readonly Tensor[];
  readonly sources: readonly Tensor[];
  readonly values: Readonly<Record<string, NdArray>>;
}

/** Picks a number from 0 to `count - 1`. */
type Pick = (count: number) => number;

const square = (x: Tensor): boolean => x.shape.length === 2;
const numeric = (x: Tensor): boolean => x.dtype !== "bool";
const float = (x: Tensor): boolean => isFloat(x.dtype);

interface Step {
  readonly fits: (x: Tensor) => boolean;
  readonly build: (
    x: Tensor,
    other: (fits: (y: Tensor) => boolean) => Tensor | undefined,
    pick: Pick,
  ) => Tensor | undefined;
}

const same =
  (x: Tensor) =>
  (y: Tensor): boolean =>
    y.dtype === x.dtype && y.shape.join() === x.shape.join();

function unary(fits: Step["fits"], build: (x: Tensor, pick: Pick) => Tensor): Step {
  return { fits, build: (x, _, pick) => build(x, pick) };
}

function binary(fits: Step["fits"], build: (x: Tensor, y: Tensor) => Tensor): Step {
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

const otherSteps: readonly Step[] = [
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
];

/** Which graphs. */
export interface RandomGraphOptions {
  /** Only f64 and steps with a derivative; default false. */
  readonly smooth?: boolean;
  readonly maxNodes?: number;
}

/** Random graphs; shrinking takes nodes away. */
export function randomGraph({
  smooth = false,
  maxNodes = 40,
}: RandomGraphOptions = {}): fc.Arbitrary<RandomGraph> {
  const seeds = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: maxNodes });
  return seeds.map((choices) => graphOf(choices, smooth ? smoothSteps : otherSteps, smooth));
}

function graphOf(choices: readonly number[], steps: readonly Step[], smooth: boolean): RandomGraph {
  const dtypes = smooth ? (["f64"] as const) : (["f64", "f32", "i32", "u32", "bool"] as const);
  const shapes = [[2, 3], [3], [], [2, 2]];
  const sources: Tensor[] = [];
  const values: Record<string, NdArray> = {};
  for (const [d, dtype] of dtypes.entries()) {
    for (const [s, shape] of shapes.entries()) {
      const name = `x${d}${s}`;
      sources.push(input(name, shape, { dtype }));
      values[name] = valueOf(dtype, shape, d + s + (choices[0] ?? 0));
    }
  }
  const nodes: Tensor[] = [...sources];
  for (const choice of choices) {
    const x = nodes[nodes.length - 1 - (choice % Math.min(nodes.length, 3))] as Tensor;
    const pick: Pick = (count) => Math.floor(choice / 97) % count;
    const other = (fits: (y: Tensor) => boolean): Tensor | undefined => {
      const candidates = nodes.filter(fits);
      return candidates[choice % candidates.length];
    };
    const fitting = steps.filter(({ fits }) => fits(x));
    const next = fitting[Math.floor(choice / 11) % fitting.length]?.build(x, other, pick);
    if (next !== undefined && next.shape.reduce<number>((n, dim) => n * Number(dim), 1) <= 200)
      nodes.push(next);
  }
  return { outputs: nodes.slice(sources.length).slice(-3), sources, values };
}

function valueOf(dtype: NdArray["dtype"], shape: readonly number[], seed: number): NdArray {
  const count = shape.reduce((a, b) => a * b, 1);
  const x = (i: number): number => 2 * Math.sin(seed * 12.9898 + i * 78.233);
  switch (dtype) {
    case "f32":
      return arrayFrom(
        Float32Array.from({ length: count }, (_, i) => x(i)),
        shape,
      );
    case "f64":
      return arrayFrom(
        Float64Array.from({ length: count }, (_, i) => x(i)),
        shape,
      );
    case "i32":
      return arrayFrom(
        Int32Array.from({ length: count }, (_, i) => Math.round(10 * x(i))),
        shape,
      );
    case "u32":
      return arrayFrom(
        Uint32Array.from({ length: count }, (_, i) => Math.abs(Math.round(10 * x(i)))),
        shape,
      );
    case "bool":
      return arrayFrom(
        Uint8Array.from({ length: count }, (_, i) => (x(i) > 0 ? 1 : 0)),
        shape,
      );
  }
}
