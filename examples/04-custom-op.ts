// A primitive of one's own, whole in one file: shape rule, kernel, derivative. Nothing is registered anywhere.
// One learns: definePrimitive, differentiable, and how one line holds an op to the laws of derivatives.

import { differentiable, elementwise, gradient, hessian } from "@wengert/autodiff";
import { checkGradients } from "@wengert/autodiff/check";
import {
  apply,
  array,
  arrayFrom,
  definePrimitive,
  evaluate,
  exp,
  mul,
  parameter,
  sameShape,
  ShapeError,
  sub,
  sum,
  type Shape,
  type Tensor,
} from "@wengert/tensor";

// log(eˣ + eʸ), which overflows when it is composed of exp and log.
const primitive = definePrimitive({
  name: "logAddExp",
  operands: ["x", "y"],
  infer([x, y]) {
    if (!sameShape(x!.shape, y!.shape) || x!.dtype !== y!.dtype) {
      throw new ShapeError("logAddExp: operands must have one type, got different ones");
    }
    return { shape: x!.shape, dtype: x!.dtype };
  },
  kernel([x, y], _attributes, { shape }) {
    const result = x!.data.slice();
    for (const [i, a] of x!.data.entries()) {
      const b = y!.data[i]!;
      result[i] = Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
    }
    return arrayFrom(result, shape);
  },
});

// d log(eˣ + eʸ) = e^(x - out) dx + e^(y - out) dy: one line an operand serves both modes and every order.
const logAddExpPrimitive = differentiable(
  primitive,
  elementwise(
    (g, { x, out }) => mul(g, exp(sub(x, out))),
    (g, { y, out }) => mul(g, exp(sub(y, out))),
  ),
);

/** log(eˣ + eʸ), element by element, finite for every finite x and y. */
function logAddExp<S extends Shape>(x: Tensor<S>, y: Tensor<S>): Tensor<S> {
  return apply<S>(logAddExpPrimitive, [x, y]);
}

// Throws where a derivative, first or second, disagrees with differences or between the modes.
checkGradients(logAddExp, [array([0, 2]), array([1, -3])]);

const x = parameter("x", [3], { dtype: "f64" });
const y = parameter("y", [3], { dtype: "f64" });
const values = { x: [0, 1000, -1000], y: [0, 1000, 0] };
const out = logAddExp(x, y);
console.log(`logAddExp ${String(evaluate(out, values))}`);
console.log(`gradient ${String(evaluate(gradient(sum(out), x), values))}`);

const at = parameter("at", [2], { dtype: "f64" });
const second = hessian((t) => sum(logAddExp(t, mul(t, 2))))(at);
console.log(`Hessian ${String(evaluate(second, { at: [0, 1] }))}`);

// Output:
// logAddExp f64[3]
// [0.693147,  1000.69,        0]
// gradient f64[3]
// [0.5, 0.5,   0]
// Hessian f64[2, 2]
// [[    0.25,        0],
//  [       0, 0.196612]]
