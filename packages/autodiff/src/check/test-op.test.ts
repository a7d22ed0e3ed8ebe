// A primitive of one's own in one file: its kernel, its rule, and its laws in one line.

import {
  arrayFrom,
  definePrimitive,
  div,
  equal,
  mul,
  neg,
  pow,
  referenceEngine,
  square,
  sub,
  where,
  cos,
  type Tensor,
} from "@wengert/tensor";
import { differentiable } from "../differentiable.ts";
import { elementwise } from "../rule.ts";
import { arrays, shapes } from "./arbitraries.ts";
import { testOp } from "./test-op.ts";

/** sin x / x, and 1 at 0. */
const sinc = differentiable(
  definePrimitive({
    name: "sinc",
    operands: ["x"],
    infer: ([x]) => x!,
    kernel: ([x]) =>
      arrayFrom(
        x!.data.map((each) => (each === 0 ? 1 : Math.sin(each) / each)),
        x!.shape,
      ),
  }),
  elementwise((g, { x, out }) => mul(g, slope(x, out))),
);

/** d (sin x / x) = (cos x - sin x / x) / x, and 0 at 0. */
function slope(x: Tensor, out: Tensor): Tensor {
  const zero = equal(x, 0);
  return where(zero, 0, div(sub(cos(x), out), where(zero, 1, x)));
}

testOp({
  name: "sinc",
  primitive: sinc,
  samples: shapes().chain((shape) =>
    arrays(shape, { low: -6, high: 6, kinks: [0], distance: 0.2 }).map((x) => ({
      inputs: [x],
      attributes: {},
    })),
  ),
  reference: ([x]) => x!.data.map((each) => (2 * Math.sin(each / 2) * Math.cos(each / 2)) / each),
  kinks: [{ title: "is 0 at 0", at: [[0]], gradients: [[0]] }],
  engines: [referenceEngine],
});

testOp({
  name: "a function with an operand that is held fixed",
  f: ([x, y]) => mul(neg(square(x as Tensor)), pow(y as Tensor, 2)),
  samples: shapes({ maxRank: 2 }).chain((shape) =>
    arrays(shape).chain((x) => arrays(shape).map((y) => ({ inputs: [x, y], attributes: null }))),
  ),
  fixed: [1],
  order: 3,
});
