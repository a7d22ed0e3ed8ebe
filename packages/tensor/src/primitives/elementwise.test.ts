// The kernels of elementwise primitives: values against formulas of another kind, and every special value.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arraysOf,
  at,
  elementsOf,
  expectClose,
  expectSame,
  shapes,
  tabulate,
  unit,
  valueOf,
  property,
  refuses,
} from "../../../../test/arrays.ts";
import {
  apply,
  arrayFrom,
  cast,
  constant,
  dtypes,
  evaluate,
  primitives,
  where,
  type DType,
  type PrimitiveName,
  type Tensor,
} from "../index.ts";

const { E } = Math;

const node = (name: PrimitiveName, ...operands: Tensor[]): Tensor => apply(primitives[name], operands);

function one(name: PrimitiveName, dtype: DType, ...numbers: readonly number[]): number {
  return evaluate(node(name, ...numbers.map((x) => constant(x, { dtype })))).data[0] ?? Number.NaN;
}

/** A formula of another kind than the kernel's, where it holds, and how far its roundings may lead it astray. */
interface Formula {
  readonly of: (x: number) => number;
  readonly on: readonly [number, number];
  /** The bound in units of roundoff of f64. */
  readonly units: (x: number, out: number) => number;
}

/** The tail e^(±x), whose argument error |x| and product are amplified by the result. */
const power = (x: number): number => E ** x;
const relative = (count: number) => (x: number, out: number) => count * (1 + Math.abs(x)) * Math.abs(out);

/** x Σ terms: Taylor with 40 terms, each rounded twice. */
function series(x: number, next: (term: number, k: number) => number): number {
  let [total, term] = [0, x];
  for (let k = 1; k < 60; k++) {
    total += term;
    term = next(term, k);
  }
  return total;
}

const formulas: Partial<Record<PrimitiveName, Formula>> = {
  neg: { of: (x) => 0 - x, on: [-9, 9], units: () => 0 },
  abs: { of: (x) => (x < 0 ? 0 - x : x), on: [-9, 9], units: () => 0 },
  sign: { of: (x) => (x < 0 ? -1 : x > 0 ? 1 : 0), on: [-2, 2], units: () => 0 },
  exp: { of: power, on: [-8, 8], units: relative(4) },
  // Sums of alternating terms: each partial sum is below e^|x|.
  expm1: { of: (x) => series(x, (t, k) => (t * x) / (k + 1)), on: [-1, 1], units: () => 60 * E },
  log: { of: (x) => 2 * Math.atanh((x - 1) / (x + 1)), on: [0.1, 9], units: () => 60 },
  log1p: { of: (x) => 2 * Math.atanh(x / (2 + x)), on: [-0.9, 8], units: () => 60 },
  sqrt: { of: (x) => x ** 0.5, on: [0, 99], units: (_, out) => 4 * out },
  rsqrt: { of: (x) => x ** -0.5, on: [0.1, 99], units: (_, out) => 6 * out },
  sin: {
    of: (x) => series(x, (t, k) => (-t * x * x) / (2 * k * (2 * k + 1))),
    on: [-3, 3],
    units: () => 60 * E ** 3,
  },
  cos: { of: (x) => 1 - 2 * Math.sin(x / 2) ** 2, on: [-3, 3], units: () => 12 },
  tan: { of: (x) => Math.sin(x) / Math.cos(x), on: [-1.5, 1.5], units: (_, out) => 8 * Math.abs(out) },
  asin: { of: (x) => Math.atan2(x, Math.sqrt((1 - x) * (1 + x))), on: [-1, 1], units: () => 12 },
  acos: { of: (x) => Math.atan2(Math.sqrt((1 - x) * (1 + x)), x), on: [-1, 1], units: () => 12 },
  atan: { of: (x) => Math.asin(x / Math.sqrt(1 + x * x)), on: [-2, 2], units: () => 40 },
  sinh: {
    of: (x) => (power(x) - power(-x)) / 2,
    on: [-8, 8],
    units: (x) => relative(8)(x, power(Math.abs(x))),
  },
  cosh: {
    of: (x) => (power(x) + power(-x)) / 2,
    on: [-8, 8],
    units: (x) => relative(8)(x, power(Math.abs(x))),
  },
  tanh: { of: (x) => 1 - 2 / (1 + power(2 * x)), on: [-8, 8], units: (x) => 12 * (1 + Math.abs(x)) },
  sigmoid: { of: (x) => (1 + Math.tanh(x / 2)) / 2, on: [-8, 8], units: () => 6 },
  floor: { of: (x) => Math.trunc(x) - (x < Math.trunc(x) ? 1 : 0), on: [-9, 9], units: () => 0 },
  ceil: { of: (x) => -Math.floor(-x), on: [-9, 9], units: () => 0 },
  round: { of: (x) => x + 6755399441055744 - 6755399441055744, on: [-9, 9], units: () => 0 },
};

describe.each(Object.entries(formulas))("%s", (name, { of, on, units }) => {
  const element = fc.double({ min: on[0], max: on[1], noNaN: true });
  property(
    "equals its formula in f64, for every shape and name of dimension",
    shapes().chain((shape) => arraysOf(shape, "f64", element)),
    (x) => {
      const value = valueOf((t) => node(name as PrimitiveName, t), [x]);
      const wanted = tabulate(x.shape, "f64", (position) => of(at(x, position)) + 0);
      const plain = tabulate(x.shape, "f64", (position) => at(value, position) + 0);
      expectClose(plain, wanted, (position) => unit * units(at(x, position), at(wanted, position)));
    },
  );
  property("rounds once when it stores f32", arraysOf([8], "f32", element.map(Math.fround)), (x) => {
    const wide = evaluate(node(name as PrimitiveName, cast(constant(x), "f64")));
    expectSame(
      evaluate(node(name as PrimitiveName, constant(x))),
      arrayFrom(Float32Array.from(wide.data), [8]),
    );
  });
});

const binary: Readonly<Record<string, (x: number, y: number) => number>> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
};

describe.each(Object.entries(binary))("%s", (name, formula) => {
  property(
    "applies to each pair of elements",
    shapes().chain((shape) => fc.tuple(arraysOf(shape), arraysOf(shape))),
    ([x, y]) => {
      const wanted = tabulate(x.shape, "f64", (position) => formula(at(x, position), at(y, position)));
      expectSame(
        valueOf((a, b) => node(name as PrimitiveName, a, b), [x, y]),
        wanted,
      );
    },
  );
  property(
    "in i32 keeps the low 32 bits of the true result",
    fc.tuple(elementsOf("i32"), elementsOf("i32")),
    ([x, y]) => {
      const exact: Record<string, () => bigint> = {
        add: () => BigInt(x) + BigInt(y),
        sub: () => BigInt(x) - BigInt(y),
        mul: () => BigInt(x) * BigInt(y),
        div: () => (y === 0 ? 0n : BigInt(x) / BigInt(y)),
      };
      expect(one(name as PrimitiveName, "i32", x, y)).toBe(Number(BigInt.asIntN(32, exact[name]!())));
    },
  );
});

property(
  "select takes the first branch where the condition holds and the second elsewhere",
  shapes().chain((shape) => fc.tuple(arraysOf(shape, "bool"), arraysOf(shape), arraysOf(shape))),
  ([condition, x, y]) => {
    const wanted = tabulate(x.shape, "f64", (p) => (at(condition, p) === 1 ? at(x, p) : at(y, p)));
    expectSame(
      valueOf((c, a, b) => where(c, a, b), [condition, x, y]),
      wanted,
    );
  },
);

property(
  "cast to the same dtype is no node",
  fc.constantFrom(...dtypes).chain((dtype) => fc.tuple(fc.constant(dtype), elementsOf(dtype))),
  ([dtype, x]) => {
    const tensor = constant(arrayFrom(evaluate(constant(x, { dtype })).data, []));
    expect(cast(tensor, dtype)).toBe(tensor);
  },
);

test("a comparison is bool, whatever its operands are", () => {
  const { dtype, data } = evaluate(node("less", constant([1, 3]), constant([2, 2])));
  expect([dtype, ...data]).toEqual(["bool", 1, 0]);
});

/** Every refusal of the family: what is built, and the whole text. */
refuses([
  [
    "a dtype that the function does not take",
    () => node("exp", constant([1], { dtype: "i32" })),
    'exp: the dtype must be floating-point, got i32\n  x      constant  [1] i32  constant\n  help   cast(x, "f32")',
  ],
  [
    "a truth value as a number",
    () => node("neg", constant([true])),
    'neg: the dtype must be number, got bool\n  x      constant  [1] bool  constant\n  help   cast(x, "f32")',
  ],
  [
    "a float as bits",
    () => node("not", constant([1])),
    'not: the dtype must be bool or integer, got f32\n  x      constant  [1]     constant\n  help   cast(x, "bool")',
  ],
  [
    "two dtypes",
    () => node("add", constant([1]), constant([1], { dtype: "f64" })),
    'add: dtypes must agree, got f32 and f64\n  left   constant  [1]      constant\n  right  constant  [1] f64  constant\n  help   cast one of them, as in cast(x, "f64")',
  ],
  [
    "two shapes",
    () => node("add", constant([1]), constant([1, 2])),
    "add: shapes must be equal, got [1] and [2]\n  left   constant  [1]     constant\n  right  constant  [2]     constant\n  help   broadcastTo(x, shape) repeats an operand",
  ],
  [
    "a condition that is no truth value",
    () => node("select", constant([1]), constant([1]), constant([1])),
    'select: the dtype must be bool, got f32\n  condition  constant  [1]     constant\n  x          constant  [1]     constant\n  y          constant  [1]     constant\n  help   cast(x, "bool")',
  ],
  ["too few operands", () => node("add", constant([1])), "add: takes 2 inputs, got 1"],
  [
    "an operand that is no tensor",
    () => apply(primitives.neg, [[1] as unknown as Tensor]),
    "neg: operand 1 must be a tensor, got a list\n  help   constant(...) makes a tensor of numbers or of an array",
  ],
]);
