import {
  abs,
  add,
  apply,
  array,
  arrayFrom,
  cast,
  constant,
  definePrimitive,
  evaluate,
  exp,
  gather,
  greater,
  interpret,
  mul,
  referenceEngine,
  relu,
  sin,
  square,
  stopGradient,
  sum,
  tanh,
  where,
  type Engine,
  type Tensor,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { customJvp, customVjp } from "../custom.ts";
import { differentiable } from "../differentiable.ts";
import { elementwise, type Rule } from "../rule.ts";
import { checkGradients, type CheckOptions } from "./check-gradients.ts";
import {
  engineAgrees,
  namedEqualsNumbered,
  singlePrecisionAgrees,
  valueAgreesWithReference,
} from "./type-laws.ts";

const values = [array([1, 2, -3], { dtype: "f64" })];

/** The error of a check, or nothing. */
function refusal(f: (...inputs: Tensor[]) => Tensor, options: CheckOptions = {}): string {
  try {
    checkGradients(f, values, { name: "f", ...options });
  } catch (error) {
    return String(error);
  }
  return "";
}

/** A square that is a primitive of its own with the given rule. */
function squared(rule: Rule): (x: Tensor) => Tensor {
  const primitive = definePrimitive({
    name: "squared",
    operands: ["x"],
    infer: ([x]) => x!,
    kernel: ([x]) =>
      arrayFrom(
        x!.data.map((each) => each * each),
        x!.shape,
      ),
  });
  return (x) => apply(differentiable(primitive, rule), [x]);
}

const right: Rule = elementwise((g, { x }) => mul(g, mul(x, 2)));

describe("checkGradients", () => {
  test("takes several arguments, a record, f32, integers and what is held fixed", () => {
    const index = arrayFrom(Int32Array.of(1, 0), [2]);
    expect(() => checkGradients((x, i) => gather(tanh(x), i, 0), [array([1, 2]), index])).not.toThrow();
    const f = ({ W, b }: { readonly W: Tensor; readonly b: Tensor }): Tensor => tanh(add(mul(W, W), b));
    expect(() => checkGradients(f, { W: array([1, 2]), b: array([3, 4]) }, { order: 3 })).not.toThrow();
    const half = (x: Tensor, y: Tensor): Tensor => mul(x, stopGradient(y));
    expect(() => checkGradients(half, [array([1]), array([2])])).toThrow(
      "JVP agrees with a central difference",
    );
    expect(() => checkGradients(half, [array([1]), array([2])], { fixed: [1] })).not.toThrow();
    expect(() => checkGradients(half, [array([1])], { fixed: ["y"], name: "half" })).toThrow(
      "half: fixed inputs are among 0, got y",
    );
  });

  test("names the function, the law, the element, both numbers, the tolerance, inputs, direction and seed", () => {
    const f = ({ a, b }: { readonly a: Tensor; readonly b: Tensor }): Tensor =>
      mul(square(a), stopGradient(b));
    const inputs = { a: array([[1], [2]]), b: array([[3], [4]]) };
    const check = (seed: number) => (): void => checkGradients(f, inputs, { name: "f", seed });
    expect(check(7)).toThrow(
      /^f: JVP agrees with a central difference, got -?[\d.]+ for -?[\d.]+\n {2}at {4}element \[0, 0\] of the tangent\n {2}off {3}[\d.]+, tolerance [\d.e-]+\n {2}a {2}f32\[2, 1\] \[\[1\], \[2\]\]\n {2}b {2}f32\[2, 1\] \[\[3\], \[4\]\]\n {2}tangent of a {2}f64\[2, 1\] .*\n {2}tangent of b {2}f64\[2, 1\] .*\n {2}seed {2}7$/,
    );
    const text = (seed: number): string => {
      try {
        check(seed)();
      } catch (error) {
        return String(error);
      }
      return "";
    };
    expect(text(7)).toBe(text(7));
    expect(text(8)).not.toBe(text(7));
  });

  test.each<[string, Rule | ((x: Tensor) => Tensor), string]>([
    ["a right rule", right, ""],
    ["a JVP that is wrong", { ...right, jvp: (_, [t]) => t }, "JVP agrees with a central difference"],
    ["a VJP that is wrong", { ...right, vjp: (_, ct) => [ct] }, "VJP agrees with JVP"],
    ["a VJP that is not linear", { ...right, vjp: (out, ct) => [abs(right.vjp(out, ct)[0]!)] }, "VJP"],
    [
      "a rule that is right to the first order alone",
      {
        ...right,
        vjp: (out, ct) => [mul(ct, stopGradient(mul(out.inputs[0]!, 2)))],
        jvp: (out, [t]) => t && mul(t, stopGradient(mul(out.inputs[0]!, 2))),
      },
      "derivative of f for input 1: JVP agrees with a central difference",
    ],
    [
      "a derivative that is off by a billionth",
      (x) => offBy(x, 1e-9),
      "JVP agrees with a central difference",
    ],
  ])("finds %s", (_, rule, law) => {
    const text = refusal(typeof rule === "function" ? rule : squared(rule));
    expect(text).toContain(law);
    expect(text === "").toBe(law === "");
  });

  test("does not take a kink for a derivative", () => {
    const at = [array([0, 1])];
    expect(() => checkGradients((x) => relu(x), at)).toThrow("JVP agrees with a central difference");
    expect(() => checkGradients((x) => where(greater(x, 0), x, 0), [array([0.5, -1])])).not.toThrow();
  });

  test.each([1e-3, 1, 1e3])("has the right step where a function varies on a scale of %s", (scale) => {
    const f = (x: Tensor): Tensor => mul(sin(mul(x, 1 / scale)), scale);
    const x = array([0.3 * scale, -2 * scale], { dtype: "f64" });
    expect(() => checkGradients(f, [x])).not.toThrow();
    const wrong = customVjp(f, (ct, _, t) => [mul(ct, mul(sin(mul(t, 1 / scale)), 1.0001))]);
    expect(() => checkGradients(wrong, [x])).toThrow("JVP agrees");
  });
});

/** A square whose derivative is a little too large. */
function offBy(x: Tensor, factor: number): Tensor {
  return customJvp(
    (t: Tensor) => square(t),
    ([t], _, y) => mul(t, mul(y, 2 * (1 + factor))),
  )(x);
}

describe("laws about types", () => {
  const subject = { name: "f", f: (x: Tensor) => exp(x), inputs: values };

  test("a formula of the value", () => {
    expect(() => valueAgreesWithReference(([x]) => x!.data.map(Math.exp))(subject, 0)).not.toThrow();
    expect(() => valueAgreesWithReference(([x]) => x!.data.map(Math.expm1))(subject, 0)).toThrow(
      "f: the value is that of the formula, got 2.718281828459045 for 1.718281828459045",
    );
    expect(() => valueAgreesWithReference(() => [1])(subject, 0)).toThrow("got 3 elements for 1");
  });

  test("a constant in double precision is found", () => {
    expect(() => singlePrecisionAgrees(subject, 0)).not.toThrow();
    const f = (x: Tensor): Tensor => cast(mul(cast(x, "f64"), constant([1, 2, 3], { dtype: "f64" })), "f64");
    expect(() => singlePrecisionAgrees({ ...subject, f }, 0)).toThrow("got f64 for f32 as the output");
  });

  test("a size that is taken for a number is found", () => {
    expect(() => namedEqualsNumbered(subject, 0)).not.toThrow();
    const f = (x: Tensor): Tensor => mul(sum(x), x.shape[0] === 3 ? 3 : 1);
    expect(() => namedEqualsNumbered({ ...subject, f }, 0)).toThrow(
      "named dimensions give the same as numbers",
    );
  });

  test("an engine that differs from the reference is found", async () => {
    await expect(engineAgrees(referenceEngine)(subject, 0)).resolves.toBeUndefined();
    const wrong: Engine = {
      name: "wrong",
      compile(document) {
        const program = interpret(document);
        const run = (inputs: Parameters<typeof program.run>[0]): ReturnType<typeof program.run> => {
          const { outputs, updates } = program.run(inputs);
          return { updates, outputs: { ...outputs, 1: evaluate(constant([0, 0, 0], { dtype: "f64" })) } };
        };
        return Promise.resolve({ ...program, run });
      },
    };
    await expect(engineAgrees(wrong)(subject, 0)).rejects.toThrow("wrong equals the reference, got 0 for");
  });
});
