import {
  add,
  constant,
  evaluate,
  exp,
  input,
  labelOf,
  matmul,
  mul,
  named,
  parameter,
  square,
  stopGradient,
  sum,
  tanh,
  toNested,
  type Structure,
  type Tensor,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { customJvp, customVjp } from "./custom.ts";
import { gradient } from "./gradient.ts";
import { hessian, jacobian } from "./jacobian.ts";
import { pullback } from "./pullback.ts";
import { pushforward } from "./pushforward.ts";
import { grad, hvp, jvp, valueAndGrad, vjp } from "./transforms.ts";

const f64 = { dtype: "f64" } as const;
const x = parameter("x", [], f64);
const w = parameter("w", [], f64);
const one = constant(1, f64);
const product = (a: Tensor, b: Tensor): Tensor => mul(a, b);

/** The numbers at x = 3, w = 5. */
function at(...tensors: readonly Tensor[]): unknown[] {
  const zero = mul(add(x, w), 0);
  return evaluate(
    tensors.map((t) => add(t, zero)),
    { x: 3, w: 5 },
  ).map(toNested);
}

describe("a function is differentiated by its arguments alone", () => {
  test("grad: the same node as another argument is held fixed", () => {
    expect(at(grad(product)(x, x))).toEqual([3]);
    const { value, gradient: slope } = valueAndGrad(product)(x, x);
    expect(at(value, slope)).toEqual([9, 3]);
  });

  test("grad: what the function closes over is held fixed, at every level", () => {
    expect(at(grad((t: Tensor) => mul(t, x))(x))).toEqual([3]);
    // d/dt t · d/ds (s t) = d/dt t² = 2 t
    expect(at(grad((t: Tensor) => mul(t, grad((s: Tensor) => mul(s, t))(t)))(x))).toEqual([6]);
    // Siskind and Pearlmutter's example: d/dx x · d/dy (x + y) at y = 1, x = 1.
    expect(at(grad((t: Tensor) => mul(t, grad((s: Tensor) => add(t, s))(one)))(one))).toEqual([1]);
  });

  test("vjp and jvp: one node for two arguments is two arguments", () => {
    expect(at(...vjp(product, [x, x]).pullback(one))).toEqual([3, 3]);
    expect(at(jvp(product, [x, x], [one, constant(10, f64)]).tangent)).toEqual([33]);
  });

  test("vjp and jvp: an argument that depends on another one does not move with it", () => {
    const Z = square(x);
    expect(at(...vjp(product, [x, Z]).pullback(one))).toEqual([9, 3]);
    expect(at(jvp(product, [x, Z], [one, constant(10, f64)]).tangent)).toEqual([39]);
  });

  test("jacobian, hessian and hvp: what the function closes over is held fixed", () => {
    const v = parameter("v", [2], f64);
    const f = (t: Tensor): Tensor => sum(mul(mul(t, t), v));
    const inputs = { v: [3, 4] };
    expect(toNested(evaluate(jacobian((t) => mul(t, v))(v), inputs))).toEqual([
      [3, 0],
      [0, 4],
    ]);
    expect(toNested(evaluate(hessian(f)(v), inputs))).toEqual([
      [6, 0],
      [0, 8],
    ]);
    expect(toNested(evaluate(hvp(f, v, constant([1, 2], f64)), inputs))).toEqual([6, 16]);
  });

  test("derivatives flow on through the primals", () => {
    const slope = grad((t: Tensor) => mul(square(t), t))(square(x));
    // 3 Z² at Z = x², so d/dx = 12 x³.
    expect(at(slope, gradient(slope, x))).toEqual([243, 324]);
  });

  test("an argument keeps its name in errors, and may be named anew", () => {
    const W = parameter("W", [2, 3]);
    expect(() => grad((t: Tensor) => matmul(t, t))(W)).toThrow(/left +W +\[2, 3\] +parameter/);
    const renamed = grad((t: Tensor) => square(named("again", t)))(x);
    expect(at(renamed)).toEqual([6]);
    const kept = vjp((t: Tensor) => named("out", named("again", t)), [x]).value;
    expect(labelOf(kept)).toBe("out");
  });
});

describe("nodes are differentiated by structure", () => {
  test("gradient: every node that is structurally equal to a source is that source", () => {
    const [Z, twin] = [square(x), square(parameter("x", [], f64))];
    expect(at(gradient(add(Z, mul(twin, 2)), Z))).toEqual([3]);
    expect(at(gradient(add(Z, mul(twin, 2)), named("Z", Z)))).toEqual([3]);
  });

  test("pushforward is the transpose of pullback where one source depends on another, or is given twice", () => {
    const Z = square(x);
    const out = mul(Z, x);
    const sources = [x, Z, x, parameter("x", [], f64)];
    const tangents = [1, 10, 100, 1000].map((t) => constant(t, f64));
    const [tangent] = pushforward(sources, tangents, [out]);
    const cotangents = pullback([out], [one], sources);
    // d(x² x) = 27 for x, 3 for Z.
    expect(at(...cotangents)).toEqual([27, 3, 27, 27]);
    expect(at(tangent as Tensor)).toEqual([27 + 30 + 2700 + 27000]);
  });
});

describe("structures", () => {
  test("hvp: a direction is taken by the names of its parts", () => {
    const f = ({ a, b }: { readonly a: Tensor; readonly b: Tensor }): Tensor => mul(square(a), b);
    const direction = { b: constant(100, f64), a: one };
    const { a, b } = hvp(f, { a: x, b: w }, direction);
    // H = [[2 b, 2 a], [2 a, 0]]
    expect(at(a, b)).toEqual([10 + 600, 6]);
    const wrong = { a: one, c: one } as unknown as typeof direction;
    expect(() => hvp(f, { a: x, b: w }, wrong)).toThrow(
      "hvp: a direction has the parts of the point, got a, c for a, b",
    );
  });

  test.each<[string, unknown]>([
    ["undefined", undefined],
    ["null", null],
    ["number", 3],
    ["number at b", { a: x, b: 3 }],
    ["a list at 1", [x, [x]]],
  ])("gradient: refuses to be taken with respect to %s", (got, wrt) => {
    expect(() => gradient(x, wrt as Structure)).toThrow(
      `gradient: takes a tensor, a list or a record of tensors, got ${got}`,
    );
  });
});

describe("custom rules are about arguments", () => {
  const byVjp = customVjp(
    (t: Tensor) => mul(t, exp(w)),
    (ct) => [mul(ct, exp(w))],
    { name: "scaled" },
  );
  const byJvp = customJvp(
    (t: Tensor) => mul(t, exp(w)),
    ([t]) => mul(t, exp(w)),
    { name: "scaled" },
  );

  test.each([
    ["customVjp", byVjp],
    ["customJvp", byJvp],
  ])("%s: a derivative with respect to what the function closes over is refused, not zero", (_, f) => {
    const text = "scaled: a rule of one's own is about arguments, got a derivative with respect to exp";
    expect(() => gradient(f(x), w)).toThrow(text);
    expect(() => pushforward([w], [one], [f(x)])).toThrow(text);
    expect(at(gradient(f(x), x))).toEqual([Math.exp(5)]);
  });

  test("what is closed over under stopGradient, or holds no input, is a constant", () => {
    const f = customVjp(
      (t: Tensor) => mul(mul(t, stopGradient(w)), 2),
      (ct) => [mul(ct, stopGradient(w))],
    );
    expect(at(gradient(add(f(x), w), [x, w])[0], gradient(add(f(x), w), w))).toEqual([5, 1]);
  });

  test("an argument that the function renames or returns is an argument", () => {
    const f = customVjp(
      (t: Tensor) => named("again", t),
      (ct) => [mul(ct, 7)],
    );
    expect(at(gradient(f(x), x))).toEqual([7]);
    const other = parameter("Y", [2], f64);
    const g = customJvp(
      (t: Tensor) => tanh(named("again", t)),
      ([t]) => t,
    );
    expect(toNested(evaluate(gradient(sum(g(other)), other), {}))).toEqual([1, 1]);
  });

  test("jvp and vjp of integers in a function are refused with the argument's name", () => {
    const labels = input("labels", [], { dtype: "i32" });
    expect(() => vjp((t: Tensor) => t, [labels])).not.toThrow();
    expect(() => vjp((t: Tensor) => t, [labels]).pullback(labels)).toThrow("got i32 labels []");
  });
});
