// Builders of elementwise operations: numbers, broadcasting, `where`, `cast`, and every refusal.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arraysOf,
  at,
  expectSame,
  property,
  refuses,
  shapes,
  tabulate,
  tame,
  valueOf,
} from "../../../../test/arrays.ts";
import * as tensor from "../index.ts";
import {
  add,
  cast,
  constant,
  evaluate,
  input,
  less,
  sub,
  where,
  type DType,
  type NdArray,
  type Tensor,
} from "../index.ts";

/** Two or three shapes that broadcast: axes of a common shape, some of size 1, some left out in front. */
const broadcasting = (count: number) =>
  shapes({ maxRank: 4 }).chain((common) =>
    fc.tuple(
      fc.constant(common),
      fc.array(
        fc
          .tuple(fc.nat(common.length), fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }))
          .map(([skip, ones]) => common.map((size, axis) => (ones[axis] === true ? 1 : size)).slice(skip)),
        { minLength: count, maxLength: count },
      ),
    ),
  );

const element = (x: NdArray, position: readonly number[]): number => {
  const own = position.slice(position.length - x.shape.length);
  return at(
    x,
    own.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
  );
};

/** The shape that numpy gives. */
function together(...arrays: readonly NdArray[]): number[] {
  const rank = Math.max(...arrays.map((x) => x.shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = arrays.map((x) => x.shape[axis - rank + x.shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}

property(
  "operands broadcast by numpy's rule",
  broadcasting(2).chain(([, [a, b]]) => fc.tuple(arraysOf(a!, "f64", tame), arraysOf(b!, "f64", tame))),
  ([x, y]) => {
    const wanted = tabulate(together(x, y), "f64", (position) => element(x, position) - element(y, position));
    expectSame(
      valueOf((a, b) => sub(a, b), [x, y]),
      wanted,
    );
  },
);

property(
  "where broadcasts its three operands",
  broadcasting(3).chain(([, [c, a, b]]) => fc.tuple(arraysOf(c!, "bool"), arraysOf(a!), arraysOf(b!))),
  ([c, x, y]) => {
    const wanted = tabulate(together(c, x, y), "f64", (p) =>
      element(c, p) === 1 ? element(x, p) : element(y, p),
    );
    expectSame(
      valueOf((...t) => where(t[0]!, t[1]!, t[2]!), [c, x, y]),
      wanted,
    );
  },
);

test("a number takes the dtype of the other operand, on either side", () => {
  const n = constant([5, 7], { dtype: "u32" });
  const values = [add(n, 1), sub(8, n), less(n, 6), where(less(n, 6), n, 0), where(less(n, 6), 0, n)].map(
    (t) => evaluate(t),
  );
  expect(values.map((v) => [v.dtype, ...v.data])).toEqual([
    ["u32", 6, 8],
    ["u32", 3, 1],
    ["bool", 1, 0],
    ["u32", 5, 0],
    ["u32", 0, 7],
  ]);
  const both = evaluate(where(less(n, 6), 1, 2));
  expect([both.dtype, ...both.data]).toEqual(["f32", 1, 2]);
});

test("operands of equal shapes are not broadcast", () => {
  const x = input("x", ["m"]);
  expect(add(x, x).inputs).toEqual([x, x]);
});

const same = (names: readonly string[]) => names.map((name) => [name] as const);
describe("each builder names its primitive", () => {
  const unary = [
    "neg",
    "abs",
    "sign",
    "exp",
    "expm1",
    "log",
    "log1p",
    "sqrt",
    "rsqrt",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "sigmoid",
    "erf",
    "floor",
    "ceil",
    "round",
    "isFinite",
  ];
  const binary = [
    "add",
    "sub",
    "mul",
    "div",
    "rem",
    "pow",
    "maximum",
    "minimum",
    "atan2",
    "equal",
    "notEqual",
    "less",
    "lessEqual",
    "greater",
    "greaterEqual",
  ];
  const bits = ["and", "or", "xor"];
  const builders = tensor as unknown as Readonly<Record<string, (...operands: Tensor[]) => Tensor>>;
  test.each(same(unary))("%s", (name) => expect(builders[name]!(input("x", [2])).primitive.name).toBe(name));
  test.each(same(binary))("%s", (name) => {
    const [x, y] = [input("x", [2]), input("y", [2])];
    expect([builders[name]!(x, y).primitive.name, builders[name]!(x, y).inputs]).toEqual([name, [x, y]]);
  });
  test.each(same(bits))("%s", (name) => {
    const [x, y] = [input("x", [2], { dtype: "bool" }), input("y", [2], { dtype: "bool" })];
    expect([builders[name]!(x, y).primitive.name, builders[name]!(x, y).inputs]).toEqual([name, [x, y]]);
  });
  test("not", () => expect(tensor.not(input("x", [1], { dtype: "bool" })).primitive.name).toBe("not"));
});

const x = input("x", [3, "m"]);
const loose = x as Tensor;
const whole = input("n", [3], { dtype: "i32" });
const help = "\n  help   cast the tensor, or write a number that fits";

refuses([
  [
    "shapes that do not broadcast",
    () => add(loose, input("y", [4, "m"])),
    "add: shapes do not broadcast: [3, m] with [4, m]\n  left   x       [3, m]  input\n  right  y       [4, m]  input",
  ],
  [
    "two names for one axis",
    () => sub(loose, input("y", [3, "n"])),
    "sub: shapes do not broadcast: [3, m] with [3, n]\n  left   x       [3, m]  input\n  right  y       [3, n]  input",
  ],
  [
    "a condition that does not broadcast",
    () => where(input("c", [2], { dtype: "bool" }) as Tensor, loose, 0),
    "where: shapes do not broadcast: [2] with [3, m] with []\n  condition  c         [2] bool  input\n  x          x         [3, m]    input\n  y          constant  []        constant",
  ],
  [
    "a condition that is no truth value",
    () => where(whole, 1, 0),
    'where: the condition must be bool, got i32\n  condition  n         [3] i32  input\n  x          constant  []       constant\n  y          constant  []       constant\n  help   cast(condition, "bool"), or a comparison such as greater(x, 0)',
  ],
  [
    "branches of unequal dtypes",
    () => where(less(whole, 0), whole, x as Tensor),
    'where: dtypes must agree, got i32 and f32\n  x      n       [3] i32  input\n  y      x       [3, m]   input\n  help   cast one of them, as in cast(x, "f32")',
  ],
  [
    "a fraction beside integers",
    () => add(whole, 0.5),
    `add: a number must be a value of the other operand's dtype i32, got 0.5${help}`,
  ],
  [
    "a negative number beside u32",
    () => less(-1, cast(whole, "u32")),
    `less: a number must be a value of the other operand's dtype u32, got -1${help}`,
  ],
  [
    "a fraction as a branch",
    () => where(less(whole, 0), whole, 0.5),
    `where: a number must be a value of the other operand's dtype i32, got 0.5${help}`,
  ],
  [
    "a cast to no dtype",
    () => cast(x, "int" as DType),
    'cast: the dtype must be one of f32, f64, i32, u32, bool, got "int"',
  ],
  [
    "what is no tensor",
    () => add(loose, [1] as unknown as Tensor),
    "add: operand 2 must be a tensor, got a list\n  help   constant(...) makes a tensor of numbers or of an array",
  ],
]);
