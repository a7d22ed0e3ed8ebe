// A pure table: for every primitive the formula of its value, total by type; null where it has no case.

import type { NdArray, PrimitiveName } from "@wengert/tensor";
import { at, positions } from "../arrays.ts";
import {
  along,
  each,
  erf,
  fromFront,
  pairs,
  picked,
  reduced,
  sum,
  tabulated,
  type Formula,
} from "./formulas.ts";

type Position = readonly number[];

const truth = (holds: boolean): number => (holds ? 1 : 0);
const product = (list: readonly number[]): number => list.reduce((total, x) => total * x, 1);

interface Axes {
  readonly contract: readonly [Position, Position];
  readonly batch: readonly [Position, Position];
}

/** Batch axes, then the free ones of the left, then those of the right. */
function dot(inputs: readonly NdArray[], { contract, batch }: Axes): number[] {
  const [x, y] = inputs as readonly [NdArray, NdArray];
  const free = (value: NdArray, side: 0 | 1): number[] =>
    value.shape.map((_, a) => a).filter((a) => !contract[side].includes(a) && !batch[side].includes(a));
  const [left, right] = [free(x, 0), free(y, 1)];
  const sizes = (value: NdArray, axes: Position): number[] => axes.map((a) => value.shape[a] as number);
  const place = (value: NdArray, axes: Position, coordinates: Position): number[] => {
    const position = value.shape.map(() => 0);
    for (const [i, axis] of axes.entries()) position[axis] = coordinates[i] as number;
    return position;
  };
  const results = positions([...sizes(x, batch[0]), ...sizes(x, left), ...sizes(y, right)]);
  const [b, l] = [batch[0].length, left.length];
  return results.map((p) =>
    sum(
      positions(sizes(x, contract[0])).map((inner) => {
        const [lead, mine, other] = [p.slice(0, b), p.slice(b, b + l), p.slice(b + l)];
        const fromX = place(x, [...batch[0], ...left, ...contract[0]], [...lead, ...mine, ...inner]);
        const fromY = place(y, [...batch[1], ...right, ...contract[1]], [...lead, ...other, ...inner]);
        return at(x, fromX) * at(y, fromY);
      }),
    ),
  );
}

/** The positions that a range takes, as Python's slices do. */
function range(size: number, [start, end, step]: readonly [number, number, number]): number[] {
  const found: number[] = [];
  const first = step > 0 ? start : Math.min(start, size - 1);
  for (let i = first; step > 0 ? i < Math.min(end, size) : i > end; i += step) found.push(i);
  return found;
}

type Ranges = readonly (readonly [number, number, number])[];

interface Growth {
  readonly shape: Position;
  readonly start: Position;
  readonly step: Position;
}

/** The formula of each primitive. */
export const primitiveFormulas: Readonly<Record<PrimitiveName, Formula | null>> = {
  // Sources, keys and what needs a rule of one's own have tests of their own.
  input: null,
  parameter: null,
  constant: null,
  iota: null,
  size: null,
  threefry2x32: null,
  customDerivative: null,
  argMax: null,
  argMin: null,
  neg: each((x) => -x),
  abs: each((x) => (x < 0 ? -x : x)),
  sign: each((x) => (x < 0 ? -1 : 1)),
  exp: each((x) => Math.E ** x),
  expm1: each((x) => 2 * Math.exp(x / 2) * Math.sinh(x / 2)),
  log: each((x) => Math.log2(x) * Math.LN2),
  log1p: each((x) => 2 * Math.atanh(x / (2 + x))),
  sqrt: each((x) => x ** 0.5),
  rsqrt: each((x) => 1 / Math.sqrt(x)),
  sin: each((x) => 2 * Math.sin(x / 2) * Math.cos(x / 2)),
  cos: each((x) => 1 - 2 * Math.sin(x / 2) ** 2),
  tan: each((x) => Math.sin(x) / Math.cos(x)),
  asin: each((x) => Math.atan2(x, Math.sqrt((1 - x) * (1 + x)))),
  acos: each((x) => Math.atan2(Math.sqrt((1 - x) * (1 + x)), x)),
  atan: each((x) => Math.asin(x / Math.hypot(1, x))),
  sinh: each((x) => (Math.expm1(x) - Math.expm1(-x)) / 2),
  cosh: each((x) => (Math.exp(x) + Math.exp(-x)) / 2),
  tanh: each((x) => Math.expm1(2 * x) / (Math.expm1(2 * x) + 2)),
  sigmoid: each((x) => (1 + Math.tanh(x / 2)) / 2),
  erf: each(erf),
  floor: each((x) => x - (((x % 1) + 1) % 1)),
  ceil: each((x) => -Math.floor(-x)),
  round: each((x) => Math.floor(x + 0.5)),
  isFinite: each((x) => truth(Math.abs(x) < Number.POSITIVE_INFINITY)),
  add: pairs((x, y) => x + y),
  sub: pairs((x, y) => x - y),
  mul: pairs((x, y) => x * y),
  div: pairs((x, y) => x / y),
  // (turns + x) y leaves x y, with the sign of the dividend.
  rem: (inputs, turns: number) => pairs((x, y) => (turns < 0 ? x * y - y : x * y))(inputs, turns as never),
  pow: pairs((x, y) => Math.exp(y * Math.log(x))),
  maximum: pairs((x, y) => (x > y ? x : y)),
  minimum: pairs((x, y) => (x < y ? x : y)),
  atan2: pairs((y, x) => Math.PI / 2 - Math.atan(x / y)),
  equal: pairs((x, y) => 1 - truth(x < y) - truth(x > y)),
  notEqual: pairs((x, y) => truth(Math.abs(x - y) > 0)),
  less: pairs((x, y) => truth(y - x > 0)),
  lessEqual: pairs((x, y) => truth(y - x >= 0)),
  greater: pairs((x, y) => truth(x - y > 0)),
  greaterEqual: pairs((x, y) => truth(x - y >= 0)),
  and: pairs((x, y) => truth(Math.min(x, y) > 0)),
  or: pairs((x, y) => truth(Math.max(x, y) > 0)),
  xor: pairs((x, y) => truth(x * y < 0)),
  not: each((x) => truth(x <= 0)),
  select: ([c, x, y]) =>
    Array.from((c as NdArray).data, (k, i) => ((k === 0 ? y : x) as NdArray).data[i] as number),
  cast: each((x) => x),
  sum: reduced(sum),
  prod: reduced(product),
  max: reduced((list) => Math.max(...list)),
  min: reduced((list) => Math.min(...list)),
  any: reduced((list) => truth(list.some((x) => x > 0))),
  all: reduced((list) => truth(list.every((x) => x > 0))),
  cumulativeSum: along((list, i) => sum(list.slice(0, i + 1))),
  dot,
  reshape: each((x) => x),
  permute: picked<Position>(
    (x, order) => order.map((axis) => x.shape[axis] as number),
    (p, order) => order.map((_, axis) => p[order.indexOf(axis)] as number),
  ),
  broadcast: picked<{ readonly shape: Position; readonly axes: Position }>(
    (_, { shape }) => shape,
    (p, { axes }, x) => axes.map((axis, i) => (x.shape[i] === 1 ? 0 : (p[axis] as number))),
  ),
  slice: picked<Ranges>(
    (x, ranges) => ranges.map((each_, axis) => range(x.shape[axis] as number, each_).length),
    (p, ranges, x) => p.map((i, axis) => range(x.shape[axis] as number, ranges[axis]!)[i] as number),
  ),
  pad: tabulated<Growth>(
    (_, { shape }) => shape,
    ([x], p, { start, step }) => {
      const from = p.map((i, axis) => (i - start[axis]!) / step[axis]!);
      const inside = from.every((i, axis) => Number.isInteger(i) && i >= 0 && i < (x.shape[axis] as number));
      return inside ? at(x, from) : 0;
    },
  ),
  concat: tabulated<number>(
    ([first, ...rest], axis) =>
      first.shape.with(axis, sum([first, ...rest].map(({ shape }) => shape[axis] as number))),
    (parts, p, axis) => {
      let index = p[axis] as number;
      let which = 0;
      while (index >= (parts[which]!.shape[axis] as number)) index -= parts[which++]!.shape[axis] as number;
      return at(parts[which]!, p.with(axis, index));
    },
  ),
  reverse: picked<Position>(
    (x) => x.shape,
    (p, axes, x) =>
      p.map((i, axis) => (fromFront(axes, p.length).includes(axis) ? (x.shape[axis] as number) - 1 - i : i)),
  ),
  gather: tabulated<number>(
    ([x, i], axis) => [...x.shape.slice(0, axis), ...i!.shape, ...x.shape.slice(axis + 1)],
    ([x, i], p, axis) => {
      const end = axis + i!.shape.length;
      return at(x, [...p.slice(0, axis), at(i!, p.slice(axis, end)), ...p.slice(end)]);
    },
  ),
  scatterAdd: tabulated<number>(
    ([x], size) => [x.shape[0] as number, size, x.shape.at(-1) as number],
    ([x, i], [outer, row, inner]) =>
      sum(
        positions(i!.shape).map((p) =>
          at(i!, p) === row ? at(x, [outer as number, ...p, inner as number]) : 0,
        ),
      ),
  ),
  stopGradient: each((x) => x),
};
