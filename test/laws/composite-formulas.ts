// A pure table: for every composite with a case the formula of its value. A test compares the keys with the cases.

import type { NdArray } from "@wengert/tensor";
import { at } from "../arrays.ts";
import {
  along,
  each,
  erf,
  erfInverse,
  fromFront,
  mean,
  picked,
  reduced,
  sum,
  summed,
  tabulated,
  variance,
  type Formula,
} from "./formulas.ts";

type Position = readonly number[];
const sigma = (x: number): number => 1 / (1 + Math.exp(-x));
const [alpha, scale] = [1.6732632423543772, 1.0507009873554805];
const total = (list: readonly number[]): number => sum(list.map(Math.exp));
/** log Σ eˣ, where the largest term is taken out. */
const logTotal = (list: readonly number[]): number => {
  const largest = Math.max(...list);
  const others = list.toSpliced(list.indexOf(largest), 1);
  return largest + Math.log1p(total(others.map((x) => x - largest)));
};
const inTriangle = (keep: (row: number, column: number) => boolean): Formula =>
  tabulated(
    ([x]) => x.shape,
    ([x], p) => (keep(p.at(-2) as number, p.at(-1) as number) ? at(x, p) : 0),
  );
const swapped = (p: Position, a: number, b: number): number[] =>
  p.with(a, p[b] as number).with(b, p[a] as number);

/** The position with the entry at `from` taken out and put in at `to`. */
function carried(p: Position, from: number, to: number): number[] {
  const rest = p.toSpliced(from, 1);
  return rest.toSpliced(to, 0, p[from] as number);
}

/** The product of two matrices or stacks of them, whose leading axes are broadcast. */
const matmul: Formula = tabulated(
  ([x, y]) => [
    ...(x.shape.length > y!.shape.length ? x : y!).shape.slice(0, -2).map((size, i, all) => {
      const sizes = [x, y!].map(({ shape }) => shape.slice(0, -2).at(i - all.length) ?? 1);
      return sizes.includes(0) ? 0 : Math.max(size, ...sizes);
    }),
    x.shape.at(-2) as number,
    y!.shape.at(-1) as number,
  ],
  ([x, y], p) => {
    const lead = ({ shape }: NdArray): number[] => {
      const own = shape.slice(0, -2);
      return own.map((size, i) => (size === 1 ? 0 : (p.slice(0, -2).at(i - own.length) as number)));
    };
    const [row, column] = p.slice(-2) as [number, number];
    return sum(
      Array.from(
        { length: x.shape.at(-1) as number },
        (_, k) => at(x, [...lead(x), row, k]) * at(y!, [...lead(y!), k, column]),
      ),
    );
  },
);

/** The formula of each composite. */
export const compositeFormulas: Readonly<Record<string, Formula>> = {
  clip: each((x) => (x < -1 ? -1 : x > 1 ? 1 : x)),
  elu: each((x) => (x > 0 ? x : Math.exp(x) - 1)),
  gelu: each((x) => (x * (1 + erf(x / Math.SQRT2))) / 2),
  leakyRelu: each((x) => (x > 0 ? x : x / 100)),
  logSigmoid: each((x) => Math.log(sigma(x))),
  reciprocal: each((x) => x ** -1),
  relu: each((x) => (x > 0 ? x : 0)),
  selu: each((x) => scale * (x > 0 ? x : alpha * (Math.exp(x) - 1))),
  silu: each((x) => x * sigma(x)),
  softplus: each((x) => Math.log(1 + Math.exp(x))),
  square: each((x) => x ** 2),
  erfInverse: each(erfInverse),
  isNaN: each(() => 0),
  mean: reduced(mean),
  variance: reduced(variance),
  standardDeviation: reduced((list) => Math.sqrt(variance(list))),
  norm: ([x], order: number) => {
    const sizes = Array.from((x as NdArray).data, Math.abs);
    return [order === 1 ? sum(sizes) : order === 2 ? Math.hypot(...sizes) : Math.max(...sizes)];
  },
  logSumExp: reduced(logTotal),
  softmax: along((list, i) => Math.exp(list[i] as number) / total(list)),
  logSoftmax: along((list, i) => (list[i] as number) - logTotal(list)),
  matmul,
  outer: ([x, y]) =>
    Array.from((x as NdArray).data).flatMap((a) => Array.from((y as NdArray).data, (b) => a * b)),
  inner: (inputs) => summed("ik,jk->ij", inputs),
  einsum: (inputs, equation: string) => summed(equation, inputs),
  trace: ([x]) => [sum([0, 1, 2].map((i) => at(x as NdArray, [i, i])))],
  broadcastTo: tabulated(
    ([, y]) => y!.shape,
    ([x], p) =>
      at(
        x,
        x.shape.map((size, i) => (size === 1 ? 0 : (p.at(i - x.shape.length) as number))),
      ),
  ),
  broadcastAlong: picked<number>(
    (x, n) => [n, ...x.shape],
    ([, ...p]) => p,
  ),
  where: tabulated(
    () => [2, 3],
    ([c, x, y], [i, j]) => (at(c, [i!, j!]) === 1 ? at(x!, [j!]) : at(y!, [i!, 0])),
  ),
  transpose: picked(
    (x) => x.shape.toReversed(),
    (p) => p.toReversed(),
  ),
  swapAxes: picked<Position>(
    ({ shape }, axes) => swapped(shape, ...(fromFront(axes, shape.length) as [number, number])),
    (p, axes) => swapped(p, ...(fromFront(axes, p.length) as [number, number])),
  ),
  moveAxis: picked<Position>(
    ({ shape }, axes) => carried(shape, ...(fromFront(axes, shape.length) as [number, number])),
    (p, axes) => carried(p, ...(fromFront(axes, p.length).toReversed() as [number, number])),
  ),
  expandDims: each((x) => x),
  squeeze: each((x) => x),
  stack: tabulated<number>(
    (parts, axis) =>
      parts[0].shape.toSpliced(
        ...(fromFront([axis], parts[0].shape.length + 1) as [number]),
        0,
        parts.length,
      ),
    (parts, p, axis) => {
      const [a] = fromFront([axis], p.length) as [number];
      return at(parts[p[a]!]!, p.toSpliced(a, 1));
    },
  ),
  split: tabulated<number>(
    ([x], pieces) => [2, x.shape[1]! / pieces],
    ([x], p) => at(x, p) ** 2,
  ),
  sliceBlock: picked(
    (x) => x.shape.map((size) => size - 1),
    (p) => p.map((i) => i + 1),
  ),
  padInto: tabulated<number>(
    ([x], n) => x.shape.map((size) => size + n),
    ([x], p, n) => {
      const from = p.map((i) => i - n);
      return from.every((i) => i >= 0) ? at(x, from) : 0;
    },
  ),
  pad: tabulated<readonly [number, number]>(
    ([x], [before, after]) => x.shape.map((size) => size + before + after),
    ([x], p, [before]) => {
      const from = p.map((i) => i - before);
      return from.every((i, axis) => i >= 0 && i < x.shape[axis]!) ? at(x, from) : 0;
    },
  ),
  tile: picked<Position>(
    (x, counts) => x.shape.map((size, axis) => size * counts[axis]!),
    (p, _, x) => p.map((i, axis) => i % x.shape[axis]!),
  ),
  repeat: picked<readonly [number, number]>(
    (x, [n, axis]) => x.shape.with(axis, x.shape.at(axis)! * n),
    (p, [n, axis]) => p.with(axis, Math.floor(p.at(axis)! / n)),
  ),
  // roll(x, n)[i] = x[i - n], around the end.
  roll: picked<readonly [number, number]>(
    (x) => x.shape,
    (p, [n, axis], x) => {
      const size = x.shape.at(axis)!;
      return p.with(axis, (((p.at(axis)! - n) % size) + size) % size);
    },
  ),
  diagonal: ([x]) => [0, 1, 2].map((i) => at(x as NdArray, [i, i])),
  diagonalMatrix: tabulated(
    ([x]) => [x.shape[0]!, x.shape[0]!],
    ([x], [i, j]) => (i === j ? at(x, [i!]) : 0),
  ),
  tril: inTriangle((row, column) => row >= column),
  triu: inTriangle((row, column) => row <= column),
};
