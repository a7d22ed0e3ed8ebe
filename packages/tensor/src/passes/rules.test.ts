// Every rule of `simplify` on a graph that it changes, over values at which an unsound rule shows; and what stays.

import { describe, expect, test } from "vitest";
import { expectSame } from "../../../../test/arrays.ts";
import { graph, type Graph } from "../graph.ts";
import { interpret } from "../interpret.ts";
import { arrayFrom, type NdArray } from "../ndarray.ts";
import { concat, slice } from "../ops/blocks.ts";
import { matmul } from "../ops/contraction.ts";
import { abs, add, cast, div, floor, maximum, mul, neg, not, pow, sub, where } from "../ops/elementwise.ts";
import { broadcastTo, permute, reshape, reverse, transpose } from "../ops/movement.ts";
import { max, sum } from "../ops/reduction.ts";
import { stopGradient } from "../ops/control.ts";
import { constant, input, scalar } from "../ops/source.ts";
import { print } from "../print.ts";
import { apply, type Tensor } from "../tensor.ts";
import { primitives } from "../primitives/index.ts";
import { removeDead } from "./remove-dead.ts";
import type { simplifyRules } from "./rules.ts";
import { simplify } from "./simplify.ts";

// Values at which an unsound rule shows.
const special = [0, -0, 1, -1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324];
const x = input("x", [2, 4], { dtype: "f64" });
const y = input("y", [2, 4], { dtype: "f64" });
const i = input("i", [2, 4], { dtype: "i32" });
const u = input("u", [2, 4], { dtype: "u32" });
const b = input("b", [2, 4], { dtype: "bool" });
const values: Readonly<Record<string, NdArray>> = {
  x: arrayFrom(Float64Array.from(special), [2, 4]),
  y: arrayFrom(Float64Array.from(special.toReversed()), [2, 4]),
  i: arrayFrom(Int32Array.of(0, 1, -1, 2147483647, -2147483648, 5, 6, 7), [2, 4]),
  u: arrayFrom(Uint32Array.of(0, 1, 4294967295, 2147483648, 4, 5, 6, 7), [2, 4]),
  b: arrayFrom(Uint8Array.of(0, 1, 1, 0, 1, 0, 0, 1), [2, 4]),
};

const order = (axes: readonly number[], of: Tensor): Tensor =>
  apply(primitives.permute, [of], { order: axes });

/** For every rule a graph that it simplifies, and the nodes that are left besides inputs. */
const examples: Readonly<
  Record<keyof typeof simplifyRules, readonly (readonly [Tensor, readonly string[]])[]>
> = {
  doubleNegation: [
    [neg(neg(x)), []],
    [not(not(b)), []],
    [not(not(i)), []],
  ],
  absoluteOfSign: [
    [abs(neg(x)), ["abs"]],
    [abs(abs(x)), ["abs"]],
  ],
  subtractNegated: [[sub(x, neg(y)), ["add"]]],
  addNegated: [[add(x, neg(y)), ["sub"]]],
  subtractZero: [[sub(x, 0), []]],
  addZero: [
    [add(x, -0), []],
    [add(-0, x), []],
    [add(i, 0), []],
    [add(0, u), []],
  ],
  neutralFactor: [
    [mul(x, 1), []],
    [div(x, 1), []],
    [pow(x, 1), []],
  ],
  neutralFactorLeft: [[mul(1, x), []]],
  negativeFactor: [
    [mul(x, -1), ["neg"]],
    [mul(i, -1), ["neg"]],
  ],
  equalOperands: [[maximum(x, x), []]],
  knownCondition: [
    [where(broadcastTo(scalar(true, "bool"), [2, 4]), x, y), []],
    [where(scalar(false, "bool"), x, y), []],
    [where(b, x, x), []],
  ],
  sameDtype: [[apply(primitives.cast, [x], { dtype: "f64" }), []]],
  doubleCast: [
    [cast(cast(i, "f64"), "f32"), ["cast"]],
    [cast(cast(i, "f64"), "i32"), []],
    [cast(cast(u, "f64"), "bool"), ["cast"]],
    [cast(cast(b, "u32"), "f32"), ["cast"]],
  ],
  sameShape: [[apply(primitives.reshape, [x], { shape: [2, 4] }), []]],
  doubleReshape: [[reshape(reshape(x, [8]), [4, 2]), ["reshape"]]],
  identityPermute: [[order([0, 1], x), []]],
  doublePermute: [
    [transpose(transpose(x)), []],
    [permute(permute(reshape(x, [2, 2, 2]), [1, 2, 0]), [1, 2, 0]), ["permute", "reshape"]],
  ],
  doubleBroadcast: [[broadcastTo(broadcastTo(x, [3, 2, 4]), [5, 3, 2, 4]), ["broadcast"]]],
  doubleReverse: [
    [reverse(reverse(x)), []],
    [reverse(reverse(x, 0), 1), ["reverse"]],
    [reverse(reverse(x, [0, 1]), 1), ["reverse"]],
  ],
  doubleSlice: [
    [
      slice(slice(x, [null, [1, 4, 2]]), [
        [1, 2],
        [1, 2],
      ]),
      ["slice"],
    ],
  ],
  singlePart: [[concat([x], 0), []]],
  axesOfSizeOne: [
    [max(x, []), []],
    [max(reshape(x, [8, 1]), 1), ["reshape"]],
    [sum(reshape(i, [1, 8, 1]), [0, 2]), ["reshape"]],
  ],
  idempotent: [
    [floor(floor(x)), ["floor"]],
    [stopGradient(stopGradient(x)), ["stopGradient"]],
  ],
  permuteIntoDot: [
    [matmul(x, transpose(y)), ["dot"]],
    [matmul(transpose(x), y), ["dot"]],
  ],
};

describe.each(Object.entries(examples))("simplify: %s", (rule, cases) => {
  test.each(cases.map(([tensor, left]) => ({ tensor, left })))(
    "leaves $left and every value",
    ({ tensor, left }) => {
      const before = graph(tensor);
      const after = removeDead(simplify(before));
      expect(after.history[0]?.rewrites.map((each) => each.rule)).toContain(rule);
      const kinds = Object.values(after.nodes).map(({ primitive }) => primitive);
      expect(kinds.filter((kind) => kind !== "input").toSorted(), print(after)).toEqual(left.toSorted());
      const names = new Set(Object.values(before.nodes).map(({ attributes }) => attributes["name"]));
      const feeds = Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
      const valueOf = (each: Graph): NdArray => interpret(each).run(feeds).outputs["output"] as NdArray;
      expectSame(valueOf(after), valueOf(before));
    },
  );
});

test.each([
  ["x + 0, which would lose the sign of -0", add(x, 0)],
  ["x · 0, which would lose NaN and infinities", mul(x, 0)],
  ["0 - x, which differs from -x at 0", sub(0, x)],
  ["|-x| of unsigned numbers, which is -x", abs(neg(u))],
  ["a sum over one element, which would lose the sign of -0", sum(reshape(x, [8, 1]), 1)],
  ["x - x and x / x, which hide NaN and infinities", add(sub(x, x), div(x, x))],
  ["a cast of signed to unsigned numbers by way of f64, which saturates", cast(cast(i, "f64"), "u32")],
  ["a cast of unsigned to signed numbers by way of f64, which saturates", cast(cast(u, "f64"), "i32")],
  ["a cast of an integer by way of f32, which rounds", cast(cast(i, "f32"), "f64")],
  ["a cast through a narrower dtype", cast(cast(x, "f32"), "f64")],
  [
    "a product whose free axes would change places",
    matmul(
      constant(
        [
          [1, 2],
          [3, 4],
        ],
        { dtype: "f64" },
      ),
      x,
    ),
  ],
])("simplify: leaves %s", (_, tensor) => {
  const before = graph(tensor);
  expect(simplify(before)).toBe(before);
});
