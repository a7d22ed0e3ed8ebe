// Second derivatives by every composition of the modes agree, and matrices of derivatives agree with their products,
// over random graphs and over the cases of smooth operations.

import fc from "fast-check";
import {
  constant,
  evaluate,
  input,
  isFloat,
  mul,
  sum,
  type NdArray,
  type Tensor,
  type Values,
} from "@wengert/tensor";
import { grad, gradient, hessian, hvp, jacobian, jvp, vjp } from "@wengert/autodiff";
import { directions } from "@wengert/autodiff/check";
import { describe, expect, test } from "vitest";
import { randomGraph } from "../arbitraries/random-graph.ts";
import { expectClose } from "../arrays.ts";
import { compositeCases } from "./composite-cases.ts";
import { primitiveCases } from "./primitive-cases.ts";
import { substitute } from "./substitute.ts";

const numRuns = Number(process.env["RUNS"] ?? 10);

/** A function of one tensor at a point. */
interface At {
  readonly f: (x: Tensor) => Tensor;
  readonly x: Tensor;
  readonly values: Values;
}

/** A weighted sum: a scalar whose derivatives tell elements apart. */
function weighted(y: Tensor): Tensor {
  const shape = y.shape as readonly number[];
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float64Array.from({ length: count }, (_, i) => Math.sin(i + 1));
  return sum(mul(y, constant({ shape, dtype: "f64", data })));
}

/** All ways to the second derivative along a direction, and the Hessian, agree to the rounding of their sums. */
function expectModesAgree({ f, x, values }: At, direction: NdArray): void {
  const cost = (t: Tensor): Tensor => weighted(f(t));
  const d = constant(direction);
  const forwardOverReverse = jvp(grad(cost), [x], [d]).tangent;
  const reverseOverReverse = vjp(grad(cost), [x]).pullback(d)[0];
  const reverseOverForward = grad((t: Tensor) => jvp(cost, [t], [d]).tangent)(x);
  const ofNodes = gradient(sum(mul(gradient(cost(x), x), d)), x);
  const matrix = hessian(cost)(x);
  const byRows = jacobian(grad(cost), { mode: "reverse" })(x);
  const all = evaluate(
    {
      fr: forwardOverReverse,
      rr: reverseOverReverse,
      rf: reverseOverForward,
      ofNodes,
      matrix,
      byRows,
      hvp: hvp(cost, x, d),
    },
    values,
    { unused: "ignore" },
  );
  const { data, shape } = direction;
  const count = data.length;
  const product = {
    ...direction,
    data: Float64Array.from(data, (_, i) =>
      Array.from(data).reduce((total, v, k) => total + v * (all.matrix.data[i * count + k] as number), 0),
    ),
  };
  const largest = Math.max(0, ...all.matrix.data.map(Math.abs));
  const tolerance = 1e-12 * (1 + largest) * Math.max(1, count);
  for (const each of [all.rr, all.rf, all.ofNodes, all.hvp, product]) expectClose(each, all.fr, tolerance);
  expectClose(all.byRows, all.matrix, tolerance);
  expect(all.matrix.shape).toEqual([...shape, ...shape]);
}

/** The Jacobian by rows, by columns and as vjp and jvp of units. */
function expectJacobiansAgree({ f, x, values }: At): void {
  const { rows, columns } = evaluate(
    { rows: jacobian(f, { mode: "reverse" })(x), columns: jacobian(f, { mode: "forward" })(x) },
    values,
    { unused: "ignore" },
  );
  const largest = Math.max(0, ...rows.data.map(Math.abs));
  expectClose(columns, rows, 1e-12 * (1 + largest));
}

test("random graphs: second derivatives of all modes agree, and Jacobians by rows and columns", () => {
  const samples = randomGraph({ smooth: true, maxNodes: 25 }).chain((graph) => {
    const at = fc.constantFrom(...graph.sources);
    return at.chain((x) => directions(x.shape as readonly number[]).map((d) => ({ ...graph, x, d })));
  });
  const law = fc.property(samples, ({ outputs, x, d, values }) => {
    fc.pre(outputs.length > 0);
    const out = outputs.at(-1) as Tensor;
    const f = (t: Tensor): Tensor => substitute(out, [x], [t]);
    expectModesAgree({ f, x, values }, d);
    expectJacobiansAgree({ f, x, values });
  });
  fc.assert(law, { numRuns: numRuns * 2 });
});

describe("operations: second derivatives of all modes agree, and Jacobians by rows and columns", () => {
  const cases = Object.entries({ ...primitiveCases, ...compositeCases }).flatMap(([name, each]) =>
    "samples" in each ? [{ name, each }] : [],
  );
  test.each(cases)("$name", ({ each }) => {
    const small = each.samples.filter(
      ({ inputs }) =>
        inputs.some(({ dtype }) => isFloat(dtype)) && inputs.every(({ data }) => data.length <= 12),
    );
    const withDirection = small.chain((sample) => {
      const place = sample.inputs.findIndex(({ dtype }) => isFloat(dtype));
      return directions((sample.inputs[place] as NdArray).shape).map((d) => ({ ...sample, place, d }));
    });
    const law = fc.property(withDirection, ({ inputs, attributes, place, d }) => {
      const nodes = inputs.map((value, i) => input(`x${i}`, value.shape, { dtype: value.dtype }));
      const values = Object.fromEntries(inputs.map((value, i) => [`x${i}`, value]));
      const f = (t: Tensor): Tensor => each.f((nodes as readonly Tensor[]).with(place, t), attributes);
      const at = { f, x: nodes[place] as Tensor, values };
      expectModesAgree(at, d);
      expectJacobiansAgree(at);
    });
    fc.assert(law, { numRuns: Math.ceil(numRuns / 3) });
  });
});
