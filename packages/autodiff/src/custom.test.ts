import {
  add,
  argMax,
  apply,
  arrayFrom,
  cast,
  constant,
  definePrimitive,
  evaluate,
  exp,
  fromJSON,
  gather,
  graph,
  mul,
  parameter,
  parse,
  print,
  rebuild,
  scatterAdd,
  stack,
  sub,
  sum,
  tanh,
  toJSON,
  toNested,
  where,
  greater,
  type Tensor,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { checkGradients } from "./check/index.ts";
import { customJvp, customVjp } from "./custom.ts";
import { differentiable } from "./differentiable.ts";
import { gradient } from "./gradient.ts";
import { hessian } from "./jacobian.ts";
import { elementwise } from "./rule.ts";
import { jvp } from "./transforms.ts";

const f64 = { dtype: "f64" } as const;
const x = parameter("x", [3], f64);
const at = { x: [1, 2, 3] };
const ones = constant([1, 1, 1], f64);
const square = (t: Tensor): Tensor => mul(t, t);

describe("customVjp", () => {
  // Three times the true derivative, so that one sees which rule was taken.
  const tripled = customVjp(square, (ct, _, t) => [mul(ct, mul(t, 6))], { name: "tripled" });

  test("keeps the value and replaces the derivative, in both modes and every order", () => {
    expect(toNested(evaluate(tripled(x), at))).toEqual([1, 4, 9]);
    expect(toNested(evaluate(gradient(sum(tripled(x)), x), at))).toEqual([6, 12, 18]);
    expect(toNested(evaluate(jvp(tripled, [x], [ones]).tangent, at))).toEqual([6, 12, 18]);
    expect(toNested(evaluate(hessian((t) => sum(tripled(t)))(x)))).toEqual([
      [6, 0, 0],
      [0, 6, 0],
      [0, 0, 6],
    ]);
  });

  test("obeys the laws where its rule is true", () => {
    const f = customVjp(tanh as (t: Tensor) => Tensor, (ct, out) => [mul(ct, mul(add(out, 1), sub(1, out)))]);
    expect(() => checkGradients(f, [arrayFrom(Float64Array.of(0.1, -0.7), [2])], { order: 3 })).not.toThrow();
  });

  test("null is the zero cotangent", () => {
    const y = parameter("y", [3], f64);
    const f = customVjp(
      (a: Tensor, b: Tensor): Tensor => mul(a, b),
      (ct, _out, _a, b) => [mul(ct, b), null],
    );
    const { da, db } = evaluate(
      { da: gradient(sum(f(x, y)), x), db: gradient(sum(f(x, y)), y) },
      { y: [4, 5, 6] },
    );
    expect([toNested(da), toNested(db)]).toEqual([
      [4, 5, 6],
      [0, 0, 0],
    ]);
  });

  test.each<[string, (ct: Tensor, out: Tensor, t: Tensor) => readonly (Tensor | null)[]]>([
    ["bad: a rule returns one cotangent an input (null for zero), got 2 for 1", (ct) => [ct, ct]],
    [
      "bad: the cotangent for input 1 must have the type of its primal, got f64 [] for f64 [3]",
      (ct) => [sum(ct)],
    ],
    [
      "bad: the cotangent for input 1 must have the type of its primal, got f32 [3] for f64 [3]",
      () => [constant([1, 1, 1])],
    ],
  ])("refuses while the graph is built: %s", (message, backward) => {
    const f = customVjp(square, backward, { name: "bad" });
    expect(() => gradient(sum(f(x)), x)).toThrow(message);
  });

  test("refuses a rule that is not linear, where linearity is needed", () => {
    const f = customVjp(square, (ct) => [mul(ct, ct)], { name: "bad" });
    expect(() => jvp(f, [x], [ones])).toThrow(
      "bad: the rule must be linear in its cotangent, got one that is not",
    );
  });
});

describe("customJvp", () => {
  const tripled = customJvp(square, ([t], _, a) => mul(t, mul(a, 6)), { name: "tripled" });

  test("keeps the value and replaces the derivative, in both modes and every order", () => {
    expect(toNested(evaluate(tripled(x), at))).toEqual([1, 4, 9]);
    expect(toNested(evaluate(jvp(tripled, [x], [ones]).tangent, at))).toEqual([6, 12, 18]);
    expect(toNested(evaluate(gradient(sum(tripled(x)), x), at))).toEqual([6, 12, 18]);
    expect(toNested(evaluate(hessian((t) => sum(tripled(t)))(x)))).toEqual([
      [6, 0, 0],
      [0, 6, 0],
      [0, 0, 6],
    ]);
  });

  test("refuses a tangent of another type, and a rule that is not linear", () => {
    const short = customJvp(square, ([t]) => sum(t), { name: "bad" });
    expect(() => jvp(short, [x], [ones])).toThrow(
      "bad: the tangent must have the type of its primal, got f64 [] for f64 [3]",
    );
    const bent = customJvp(square, ([t]) => mul(t, t), { name: "bad" });
    expect(() => gradient(sum(bent(x)), x)).toThrow(
      "bad: the rule must be linear in its tangents, got one that is not",
    );
    const branched = customJvp(square, ([t]) => where(greater(t, 0), t, 0), { name: "bad" });
    expect(() => gradient(sum(branched(x)), x)).toThrow("bad: the rule must be linear in its tangents");
  });
});

describe("customVjp and customJvp", () => {
  const floorRule = (t: Tensor): Tensor => mul(t, 3);

  test("the output that a rule sees has the rule's derivative, not the one of its formula", () => {
    // f = eˣ with the derivative 2 f, so that the second one is 4 f.
    const byVjp = customVjp(
      (t: Tensor) => exp(t),
      (ct, out) => [mul(ct, mul(out, 2))],
    );
    const byJvp = customJvp(
      (t: Tensor) => exp(t),
      ([t], out) => mul(t, mul(out, 2)),
    );
    for (const f of [byVjp, byJvp]) {
      const second = gradient(sum(gradient(sum(f(x)), x)), x);
      expect(toNested(evaluate(second, at))).toEqual([1, 2, 3].map((v) => 4 * Math.exp(v)));
    }
  });

  test("a function without a derivative of its own gets one, of any order", () => {
    const f = customJvp(
      (t: Tensor) => cast(argMax(stack([t, square(t)], 0), 0), "f64"),
      ([t], out) => mul(t, add(out, 1)),
    );
    expect(toNested(evaluate(gradient(sum(gradient(sum(f(x)), x)), x), { x: [0.5, 2, 3] }))).toEqual([
      1, 2, 2,
    ]);
  });

  test("integer arguments have no derivative and are no obstacle, in both modes", () => {
    const index = constant([2, 0, 1], { dtype: "i32" });
    const take = (t: Tensor, i: Tensor): Tensor => gather(t, i, 0);
    const byJvp = customJvp(take, ([t], _, __, i) => floorRule(gather(t, i, 0)));
    const byVjp = customVjp(take, (ct, _, t, i) => [
      floorRule(scatterAdd(ct, i, { axis: 0, size: t.shape[0]! })),
      null,
    ]);
    const weights = constant([1, 10, 100], f64);
    for (const f of [byJvp, byVjp]) {
      expect(toNested(evaluate(gradient(sum(mul(f(x, index), weights)), x), {}))).toEqual([30, 300, 3]);
      expect(toNested(evaluate(jvp((t) => f(t, index), [x], [weights]).tangent, {}))).toEqual([300, 3, 30]);
    }
  });
});

test("a document keeps a custom function's value, and refuses to differentiate it", () => {
  const f = customVjp(square, (ct) => [ct], { name: "f" });
  const document = fromJSON(JSON.parse(JSON.stringify(toJSON(graph(sum(f(x)))))));
  expect(print(parse(print(document)))).toBe(print(document));
  const again = rebuild(document).outputs["output"] as Tensor;
  expect(toNested(evaluate(again, at))).toBe(14);
  expect(() => gradient(again, x)).toThrow(
    "gradient: customDerivative has no derivative (its rule was a function, which a graph document does not keep)",
  );
});

test("differentiable: a primitive of one's own obeys the laws, to the third order", () => {
  const primitive = definePrimitive({
    name: "logAddExp",
    operands: ["x", "y"],
    infer: ([a]) => a!,
    kernel([a, b], _, { shape }) {
      const data = Float64Array.from(a!.data, (u, i) => {
        const v = b!.data[i]!;
        return Math.max(u, v) + Math.log1p(Math.exp(-Math.abs(u - v)));
      });
      return arrayFrom(data, shape);
    },
  });
  const own = differentiable(
    primitive,
    elementwise(
      (g, { x: a, out }) => mul(g, exp(sub(a, out))),
      (g, { y: b, out }) => mul(g, exp(sub(b, out))),
    ),
  );
  const inputs = [arrayFrom(Float64Array.of(0.3, -1), [2]), arrayFrom(Float64Array.of(0.5, 2), [2])];
  expect(() => checkGradients((a, b) => apply(own, [a, b]), inputs, { order: 3 })).not.toThrow();
});

test("customVjp: refuses what is no list of tensors", () => {
  const nothing = customVjp(square, () => undefined as never, { name: "bad" });
  expect(() => gradient(sum(nothing(x)), x)).toThrow(
    "bad: a rule returns one cotangent an input (null for zero), got undefined for 1",
  );
  const number = customVjp(square, () => [1 as never], { name: "bad" });
  expect(() => gradient(sum(number(x)), x)).toThrow(
    "bad: the cotangent for input 1 must be a tensor or null, got number",
  );
});
