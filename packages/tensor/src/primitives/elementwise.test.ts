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

const { PI, E } = Math;
const Infinite = Number.POSITIVE_INFINITY;

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

const NAN = Number.NaN;

/** Inputs, then the result, exactly; signs of zeros count. */
const specials: readonly (readonly [PrimitiveName, ...number[]])[] = [
  ["neg", 0, -0],
  ["neg", -0, 0],
  ["neg", Infinite, -Infinite],
  ["neg", NAN, NAN],
  ["abs", -0, 0],
  ["abs", -Infinite, Infinite],
  ["abs", NAN, NAN],
  ["sign", -0, -0],
  ["sign", 0, 0],
  ["sign", -Infinite, -1],
  ["sign", NAN, NAN],
  ["exp", -Infinite, 0],
  ["exp", Infinite, Infinite],
  ["exp", 0, 1],
  ["exp", 710, Infinite],
  ["exp", NAN, NAN],
  ["expm1", -0, -0],
  ["expm1", 1e-20, 1e-20],
  ["expm1", -Infinite, -1],
  ["expm1", Infinite, Infinite],
  ["log", 0, -Infinite],
  ["log", -0, -Infinite],
  ["log", -1, NAN],
  ["log", Infinite, Infinite],
  ["log", 1, 0],
  ["log1p", -1, -Infinite],
  ["log1p", -2, NAN],
  ["log1p", 1e-20, 1e-20],
  ["log1p", -0, -0],
  ["log1p", Infinite, Infinite],
  ["sqrt", -0, -0],
  ["sqrt", -1, NAN],
  ["sqrt", Infinite, Infinite],
  ["rsqrt", 0, Infinite],
  ["rsqrt", -0, -Infinite],
  ["rsqrt", -1, NAN],
  ["rsqrt", Infinite, 0],
  ["rsqrt", 4, 0.5],
  ["sin", -0, -0],
  ["sin", Infinite, NAN],
  ["cos", Infinite, NAN],
  ["cos", 0, 1],
  ["tan", -0, -0],
  ["tan", Infinite, NAN],
  ["asin", 2, NAN],
  ["asin", -0, -0],
  ["acos", -2, NAN],
  ["acos", 1, 0],
  ["acos", -1, PI],
  ["atan", Infinite, PI / 2],
  ["atan", -Infinite, -PI / 2],
  ["atan", -0, -0],
  ["sinh", -0, -0],
  ["sinh", -Infinite, -Infinite],
  ["cosh", -Infinite, Infinite],
  ["cosh", 0, 1],
  ["tanh", -0, -0],
  ["tanh", 1e4, 1],
  ["tanh", -Infinite, -1],
  ["sigmoid", 0, 0.5],
  ["sigmoid", 1e4, 1],
  ["sigmoid", -1e4, 0],
  ["sigmoid", Infinite, 1],
  ["sigmoid", -Infinite, 0],
  ["sigmoid", NAN, NAN],
  ["sigmoid", -700, Math.exp(-700)],
  ["floor", -0.5, -1],
  ["floor", -0, -0],
  ["floor", Infinite, Infinite],
  ["floor", NAN, NAN],
  ["ceil", -0.5, -0],
  ["ceil", 0.5, 1],
  ["ceil", -Infinite, -Infinite],
  ["round", 0.5, 0],
  ["round", 1.5, 2],
  ["round", 2.5, 2],
  ["round", -0.5, -0],
  ["round", -1.5, -2],
  ["round", -2.5, -2],
  ["round", -0.2, -0],
  ["round", -0, -0],
  ["round", 0.49999999999999994, 0],
  ["round", 2 ** 51 + 1.5, 2 ** 51 + 2],
  ["round", Infinite, Infinite],
  ["round", NAN, NAN],
  ["add", Infinite, -Infinite, NAN],
  ["add", -0, -0, -0],
  ["add", -0, 0, 0],
  ["sub", 0, 0, 0],
  ["sub", Infinite, Infinite, NAN],
  ["mul", 0, Infinite, NAN],
  ["mul", -0, 3, -0],
  ["div", 1, 0, Infinite],
  ["div", 1, -0, -Infinite],
  ["div", 0, 0, NAN],
  ["div", 7, 2, 3.5],
  ["rem", 7, 3, 1],
  ["rem", -7, 3, -1],
  ["rem", 7, -3, 1],
  ["rem", 7, 0, NAN],
  ["rem", 7, Infinite, 7],
  ["rem", Infinite, 7, NAN],
  ["rem", -6, 3, -0],
  ["pow", 1, NAN, 1],
  ["pow", NAN, 0, 1],
  ["pow", -1, Infinite, 1],
  ["pow", -1, -Infinite, 1],
  ["pow", 0, 0, 1],
  ["pow", 0, -1, Infinite],
  ["pow", -0, -1, -Infinite],
  ["pow", -0, 3, -0],
  ["pow", -8, 1 / 3, NAN],
  ["pow", 2, -2, 0.25],
  ["pow", -2, 3, -8],
  ["pow", 0.5, Infinite, 0],
  ["pow", NAN, 1, NAN],
  ["maximum", 1, NAN, NAN],
  ["maximum", NAN, 1, NAN],
  ["maximum", 0, -0, 0],
  ["maximum", -0, 0, 0],
  ["maximum", -Infinite, 2, 2],
  ["maximum", 3, 2, 3],
  ["minimum", 1, NAN, NAN],
  ["minimum", NAN, 1, NAN],
  ["minimum", 0, -0, -0],
  ["minimum", -0, 0, -0],
  ["minimum", -Infinite, 2, -Infinite],
  ["minimum", 3, 2, 2],
  ["atan2", 0, -1, PI],
  ["atan2", -0, -1, -PI],
  ["atan2", 1, 0, PI / 2],
  ["atan2", 1, 1, PI / 4],
  ["atan2", -1, -1, (-3 * PI) / 4],
  ["atan2", NAN, 1, NAN],
  ["isFinite", 1, 1],
  ["isFinite", NAN, 0],
  ["isFinite", Infinite, 0],
  ["isFinite", -Infinite, 0],
  ["equal", NAN, NAN, 0],
  ["equal", 0, -0, 1],
  ["equal", 1, 2, 0],
  ["notEqual", NAN, NAN, 1],
  ["notEqual", 0, -0, 0],
  ["notEqual", 1, 2, 1],
  ["less", 1, 2, 1],
  ["less", 2, 2, 0],
  ["less", NAN, 2, 0],
  ["lessEqual", 2, 2, 1],
  ["lessEqual", 3, 2, 0],
  ["lessEqual", NAN, NAN, 0],
  ["greater", 2, 1, 1],
  ["greater", 2, 2, 0],
  ["greater", NAN, 2, 0],
  ["greaterEqual", 2, 2, 1],
  ["greaterEqual", 1, 2, 0],
  ["greaterEqual", NAN, NAN, 0],
];

test.each(specials)("%s of %d, %d, %d …, the last being the result", (name, ...numbers) => {
  expect(one(name as PrimitiveName, "f64", ...(numbers as number[]).slice(0, -1))).toBe(numbers.at(-1));
});

const [low, high] = [-(2 ** 31), 2 ** 31 - 1];

/** Integers wrap as in C, divide towards zero, and give 0 for a zero divisor (JAX: -1; NumPy: 0). */
const integers: readonly (readonly [PrimitiveName, DType, ...number[]])[] = [
  ["add", "i32", high, 1, low],
  ["add", "u32", 2 ** 32 - 1, 2, 1],
  ["sub", "u32", 1, 2, 2 ** 32 - 1],
  ["sub", "i32", low, 1, high],
  ["mul", "i32", 65537, 65537, 131073],
  ["mul", "u32", 2 ** 32 - 1, 2 ** 32 - 1, 1],
  ["mul", "i32", low, -1, low],
  ["div", "i32", -7, 2, -3],
  ["div", "i32", 7, -2, -3],
  ["div", "i32", 5, 0, 0],
  ["div", "i32", low, -1, low],
  ["div", "u32", 2 ** 32 - 1, 2, high],
  ["rem", "i32", -7, 2, -1],
  ["rem", "i32", 7, -2, 1],
  ["rem", "i32", 5, 0, 0],
  ["rem", "u32", 2 ** 32 - 1, 10, 5],
  ["neg", "i32", low, low],
  ["neg", "u32", 1, 2 ** 32 - 1],
  ["abs", "i32", low, low],
  ["abs", "i32", -5, 5],
  ["sign", "i32", -5, -1],
  ["sign", "u32", 5, 1],
  ["maximum", "i32", -5, 3, 3],
  ["minimum", "u32", 2 ** 32 - 1, 3, 3],
  ["maximum", "u32", 2 ** 32 - 1, 3, 2 ** 32 - 1],
  ["and", "i32", 12, 10, 8],
  ["or", "u32", 2 ** 31, 1, 2 ** 31 + 1],
  ["xor", "i32", -1, 5, -6],
  ["not", "i32", 5, -6],
  ["not", "u32", 0, 2 ** 32 - 1],
  ["and", "bool", 1, 1, 1],
  ["and", "bool", 1, 0, 0],
  ["or", "bool", 0, 1, 1],
  ["or", "bool", 0, 0, 0],
  ["xor", "bool", 1, 1, 0],
  ["xor", "bool", 0, 1, 1],
  ["not", "bool", 1, 0],
  ["not", "bool", 0, 1],
  ["less", "u32", 1, 2 ** 32 - 1, 1],
  ["less", "i32", -1, 1, 1],
  ["less", "bool", 0, 1, 1],
  ["equal", "bool", 1, 1, 1],
];

test.each(integers)("%s in %s of %d, %d …, the last being the result", (name, dtype, ...numbers) => {
  expect(one(name as PrimitiveName, dtype as DType, ...(numbers as number[]).slice(0, -1))).toBe(
    numbers.at(-1),
  );
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

/** From, to, input, result. */
const casts: readonly (readonly [DType, DType, number, number])[] = [
  ["f64", "f32", 1e40, Infinite],
  ["f64", "f32", 0.1, 0.10000000149011612],
  ["f64", "f32", -0, -0],
  ["f64", "i32", 2.9, 2],
  ["f64", "i32", -2.9, -2],
  ["f64", "i32", 3e9, high],
  ["f64", "i32", -3e9, low],
  ["f64", "i32", NAN, 0],
  ["f64", "i32", Infinite, high],
  ["f64", "u32", -1, 0],
  ["f64", "u32", 5e9, 2 ** 32 - 1],
  ["f64", "u32", NAN, 0],
  ["f32", "u32", 3e9, 3e9],
  ["f64", "bool", 0, 0],
  ["f64", "bool", -0, 0],
  ["f64", "bool", NAN, 1],
  ["f64", "bool", 0.1, 1],
  ["i32", "bool", -3, 1],
  ["i32", "u32", -1, 2 ** 32 - 1],
  ["u32", "i32", 2 ** 31, low],
  ["u32", "f64", 2 ** 32 - 1, 2 ** 32 - 1],
  ["i32", "f32", 16777217, 16777216],
  ["bool", "i32", 1, 1],
  ["bool", "f32", 1, 1],
  ["bool", "u32", 0, 0],
];

test.each(casts)("cast from %s to %s of %d is %d", (from, to, x, out) => {
  const value = evaluate(cast(constant(x, { dtype: from }), to));
  expect([value.dtype, value.data[0]]).toEqual([to, out]);
});

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
    'exp: the dtype must be floating-point, got i32\n  x       constant  [1] i32  constant\n  help   cast(x, "f32")',
  ],
  [
    "a truth value as a number",
    () => node("neg", constant([true])),
    'neg: the dtype must be number, got bool\n  x       constant  [1] bool  constant\n  help   cast(x, "f32")',
  ],
  [
    "a float as bits",
    () => node("not", constant([1])),
    'not: the dtype must be bool or integer, got f32\n  x       constant  [1]     constant\n  help   cast(x, "bool")',
  ],
  [
    "two dtypes",
    () => node("add", constant([1]), constant([1], { dtype: "f64" })),
    'add: dtypes must agree, got f32 and f64\n  left    constant  [1]      constant\n  right   constant  [1] f64  constant\n  help   cast one of them, as in cast(x, "f64")',
  ],
  [
    "two shapes",
    () => node("add", constant([1]), constant([1, 2])),
    "add: shapes must be equal, got [1] and [2]\n  left    constant  [1]     constant\n  right   constant  [2]     constant\n  help   broadcastTo(x, shape) repeats an operand",
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
