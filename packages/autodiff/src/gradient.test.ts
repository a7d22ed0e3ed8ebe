import {
  argMax,
  cast,
  evaluate,
  floor,
  graph,
  input,
  matmul,
  max,
  maximum,
  mean,
  mul,
  named,
  parameter,
  pow,
  abs,
  relu,
  reshape,
  sqrt,
  stopGradient,
  sum,
  tanh,
  add,
  definePrimitive,
  apply,
  constant,
  toNested,
  where,
  greater,
  sin,
  type Tensor,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { gradient } from "./gradient.ts";
import { hessian, jacobian } from "./jacobian.ts";
import { pushforward } from "./pushforward.ts";
import { grad, hvp, jvp, valueAndGrad, vjp } from "./transforms.ts";

const f64 = { dtype: "f64" } as const;
const x = parameter("x", [3], f64);
const at = { x: [1, 2, 3] };

/** The error that a function throws, as text. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return String(error);
  }
  return "no error";
}

describe("gradient: structures", () => {
  test("returns a node for a node, a list for a list, a record for a record", () => {
    const y = parameter("y", [], f64);
    const cost = sum(mul(mul(x, x), y));
    expect(toNested(evaluate(gradient(cost, x), { ...at, y: 2 }))).toEqual([4, 8, 12]);
    const [dx, dy] = gradient(cost, [x, y]);
    const record = gradient(cost, { a: y, b: x });
    const values = evaluate({ dx, dy, a: record.a, b: record.b }, { ...at, y: 2 });
    expect(toNested(values.dx)).toEqual([4, 8, 12]);
    expect([toNested(values.dy), toNested(values.a)]).toEqual([14, 14]);
    expect(values.b).toEqual(values.dx);
  });

  test("reaches intermediates and leaves in one call, with total derivatives", () => {
    const Z = mul(x, x);
    const cost = sum(mul(Z, Z));
    const slopes = gradient(cost, { Z, x });
    const { dZ, dx } = evaluate({ dZ: slopes.Z, dx: slopes.x }, at);
    expect([toNested(dZ), toNested(dx)]).toEqual([
      [2, 8, 18],
      [4, 32, 108],
    ]);
  });

  test("sums over every use of a source", () => {
    expect(toNested(evaluate(gradient(sum(add(mul(x, x), mul(x, 3))), x), at))).toEqual([5, 7, 9]);
  });

  test("takes structurally equal nodes for one", () => {
    const again = parameter("x", [3], f64);
    expect(toNested(evaluate(gradient(sum(mul(x, again)), x), at))).toEqual([2, 4, 6]);
    const Z = mul(x, x);
    expect(toNested(evaluate(gradient(sum(mul(Z, Z)), named("Z", Z)), at))).toEqual([2, 8, 18]);
    expect(toNested(evaluate(gradient(sum(Z), [x, again])[1], at))).toEqual([2, 4, 6]);
  });

  test("is zero, of the right type, where the cost does not depend on a node", () => {
    const other = parameter("other", [2, "m"]);
    const zero = gradient(sum(x), other);
    expect([zero.shape, zero.dtype]).toEqual([[2, "m"], "f32"]);
    expect(toNested(evaluate(gradient(sum(x), parameter("y", [2], f64))))).toEqual([0, 0]);
    expect(toNested(evaluate(gradient(sum(mul(x, stopGradient(x))), x), at))).toEqual([1, 2, 3]);
  });

  test("works with named dimensions, for every size", () => {
    const X = input("X", [2, "m"], f64);
    const W = parameter("W", [1, 2], f64);
    const dW = gradient(mean(matmul(W, X)), W);
    expect(
      toNested(
        evaluate(dW, {
          X: [
            [1, 3],
            [5, 7],
          ],
        }),
      ),
    ).toEqual([[2, 6]]);
    expect(toNested(evaluate(dW, { X: [[1], [5]] }))).toEqual([[1, 5]]);
  });
});

describe("gradient: kinks, as documented", () => {
  const slope = (f: (t: Tensor) => Tensor, value: number): unknown => {
    const t = parameter("t", [], f64);
    const d = gradient(f(t), t);
    const used = Object.values(graph(d).nodes).some(({ primitive }) => primitive === "parameter");
    // Adding 0 takes the sign of a zero away.
    return (toNested(evaluate(d, used ? { t: value } : {})) as number) + 0;
  };

  test.each<[string, (t: Tensor) => Tensor, readonly (readonly [number, number])[]]>([
    [
      "abs",
      abs,
      [
        [-2, -1],
        [0, 0],
        [2, 1],
      ],
    ],
    [
      "relu",
      relu,
      [
        [-2, 0],
        [0, 0],
        [2, 1],
      ],
    ],
    [
      "maximum of equals shares",
      (t) => maximum(t, 1),
      [
        [0.5, 0],
        [1, 0.5],
        [2, 1],
      ],
    ],
    [
      "floor",
      floor,
      [
        [0.5, 0],
        [1, 0],
      ],
    ],
    [
      "a square by pow",
      (t) => pow(t, 2),
      [
        [-3, -6],
        [0, 0],
        [3, 6],
      ],
    ],
    [
      "a zeroth power",
      (t) => pow(t, 0),
      [
        [-3, 0],
        [0, 0],
      ],
    ],
    [
      "where takes the branch that is taken",
      (t) => where(greater(t, 0), mul(t, 3), mul(t, 5)),
      [
        [-1, 5],
        [0, 5],
        [1, 3],
      ],
    ],
    [
      "the square root at 0",
      sqrt,
      [
        [0, Number.POSITIVE_INFINITY],
        [4, 0.25],
      ],
    ],
  ])("%s", (_, f, cases) => {
    for (const [point, wanted] of cases) expect(slope(f, point), String(point)).toBe(wanted);
  });

  test("ties of max share equally, in both modes", () => {
    const ties = { x: [3, 1, 3] };
    expect(toNested(evaluate(gradient(max(x), x), ties))).toEqual([0.5, 0, 0.5]);
    const [tangent] = pushforward([x], [constant([1, 10, 2], f64)], [max(x)]);
    expect(toNested(evaluate(tangent as Tensor, ties))).toBe(1.5);
  });
});

describe("gradient: refusals", () => {
  test("of a cost that is not a scalar", () => {
    expect(refusal(() => gradient(mul(x, x), x))).toBe(
      "DerivativeError: gradient: the cost must be a scalar, got shape [3]\n  help   sum(x) or mean(x) makes one",
    );
  });

  test("of an integer cost, and with respect to an integer", () => {
    const i = input("labels", [2], { dtype: "i32" });
    expect(refusal(() => gradient(sum(i), i))).toBe(
      'DerivativeError: gradient: only f32 and f64 have derivatives, got i32 sum []\n  help   cast(x, "f32") before it is used',
    );
    expect(refusal(() => gradient(sum(x), i))).toContain("got i32 labels [2]");
  });

  test("through argMax, with the path", () => {
    const logits = input("logits", [4], f64);
    const loss = named("loss", mean(cast(argMax(reshape(tanh(logits), [2, 2]), 0), "f64")));
    expect(refusal(() => gradient(loss, logits))).toBe(
      [
        "DerivativeError: gradient: argMax has no derivative (its output is an index)",
        "  path   loss ← sum ← cast ← argMax ← reshape",
        "  help   stopGradient(x) if this is intended, or a smooth function such as softmax",
      ].join("\n"),
    );
  });

  test("not where an index is only used to pick", () => {
    expect(toNested(evaluate(gradient(sum(mul(x, cast(stopGradient(argMax(x, 0)), "f64"))), x), at))).toEqual(
      [2, 2, 2],
    );
  });

  test("of a primitive without a rule", () => {
    const primitive = definePrimitive({
      name: "mystery",
      operands: ["x"],
      infer: ([t]) => t!,
      kernel: ([t]) => t!,
    });
    expect(refusal(() => gradient(sum(apply(primitive, [x])), x))).toBe(
      "DerivativeError: gradient: a primitive needs a derivative rule, got none for mystery\n  help   differentiable(mystery, rule) attaches one",
    );
  });

  test("of tangents and cotangents of another type", () => {
    expect(refusal(() => pushforward([x], [constant([1, 2], f64)], [sum(x)]))).toBe(
      "DerivativeError: jvp: tangent 1 must have the type of its primal, got f64 [2] for f64 [3]",
    );
    expect(refusal(() => vjp(tanh, [x]).pullback(constant([1, 2, 3])))).toBe(
      "DerivativeError: vjp: cotangent 1 must have the type of its primal, got f32 [3] for f64 [3]",
    );
    expect(refusal(() => jacobian((t) => t)(input("X", ["m"], f64)))).toContain(
      "jacobian: every size must be a number, got [m]",
    );
  });
});

describe("transformations", () => {
  const cost = (t: Tensor): Tensor => sum(mul(sin(t), mul(t, t)));

  test("grad and valueAndGrad differentiate by the first argument", () => {
    const scaled = grad((t: Tensor, factor: Tensor) => sum(mul(mul(t, t), factor)));
    expect(toNested(evaluate(scaled(x, constant(2, f64)), at))).toEqual([4, 8, 12]);
    const { value, gradient: slope } = valueAndGrad((t: Tensor) => sum(mul(t, t)))(x);
    expect(evaluate([value, slope], at).map(toNested)).toEqual([14, [2, 4, 6]]);
  });

  test("a Jacobian is the same by rows and by columns", () => {
    const f = (t: Tensor): Tensor => matmul(reshape(tanh(t), [3, 1]), reshape(mul(t, t), [1, 3]));
    const [rows, columns] = (["reverse", "forward"] as const).map((mode) =>
      evaluate(jacobian(f, { mode })(x), at),
    );
    expect(rows!.shape).toEqual([3, 3, 3]);
    for (const [i, value] of rows!.data.entries()) expect(value).toBeCloseTo(columns!.data[i]!, 14);
  });

  test("Hessians agree, forward over reverse, reverse over reverse and reverse over forward", () => {
    const direction = constant([0.3, -1, 2], f64);
    const reverseOverReverse = jacobian((t) => gradient(cost(t), t), { mode: "reverse" })(x);
    const reverseOverForward = gradient(jvp(cost, [x], [direction]).tangent, x);
    const all = evaluate(
      { h: hessian(cost)(x), rr: reverseOverReverse, rf: reverseOverForward, hv: hvp(cost, x, direction) },
      at,
    );
    for (const [i, value] of all.h.data.entries()) expect(value).toBeCloseTo(all.rr.data[i]!, 13);
    for (const [i, value] of all.hv.data.entries()) {
      const product = [0.3, -1, 2].reduce((total, d, k) => total + d * all.h.data[3 * i + k]!, 0);
      expect(value).toBeCloseTo(product, 12);
      expect(value).toBeCloseTo(all.rf.data[i]!, 12);
    }
  });

  test("derivatives of any order follow", () => {
    const t = parameter("t", [], f64);
    let derivative: Tensor = sin(t);
    const values: number[] = [];
    for (let order = 0; order < 6; order++) {
      values.push(toNested(evaluate(derivative, { t: 0.7 })) as number);
      derivative = gradient(derivative, t);
    }
    const [s, c] = [Math.sin(0.7), Math.cos(0.7)];
    for (const [i, wanted] of [s, c, -s, -c, s, c].entries()) expect(values[i]).toBeCloseTo(wanted, 14);
  });
});

test("a chain of 100,000 nodes differentiates in both modes", () => {
  const t = parameter("t", [], f64);
  let last: Tensor = t;
  for (let i = 0; i < 100_000; i++) last = mul(last, 1.00001);
  const [tangent] = pushforward([t], [constant(1, f64)], [last]);
  const { reverse, forward } = evaluate({ reverse: gradient(last, t), forward: tangent as Tensor });
  expect(toNested(reverse)).toBeCloseTo(Math.E, 4);
  expect(toNested(forward)).toBeCloseTo(Math.E, 4);
});
