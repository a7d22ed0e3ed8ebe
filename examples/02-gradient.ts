// Gradients are nodes of the same kind of graph: they can be evaluated, printed, and differentiated again.
// One learns: gradients of several parameters at once, Hessians, and products with a Hessian.

import { gradient, hessian, hvp } from "@wengert/autodiff";
import {
  add,
  constant,
  evaluate,
  input,
  matmul,
  mean,
  parameter,
  square,
  sub,
  sum,
  tanh,
  type Tensor,
} from "@wengert/tensor";

const X = input("X", [2, "m"], { dtype: "f64" });
const Y = input("Y", [1, "m"], { dtype: "f64" });
const W = parameter("W", [1, 2], { dtype: "f64" });
const b = parameter("b", [1, 1], { dtype: "f64" });
const cost = mean(square(sub(tanh(add(matmul(W, X), b)), Y)));

// The gradients have the names and the shapes of what they are taken with respect to.
const { W: dW, b: db } = gradient(cost, { W, b });

const values = {
  X: [
    [1, 2, 3],
    [0, 1, 0],
  ],
  Y: [[1, 0, 1]],
  W: [[0.2, -0.3]],
  b: [[0.1]],
};
const result = evaluate({ cost, dW, db }, values);
console.log(`cost ${String(result.cost)}`);
console.log(`dW ${String(result.dW)}`);
console.log(`db ${String(result.db)}`);

// f(t) = Σ t⁴ has the Hessian diag(12 t²).
const f = (t: Tensor): Tensor => sum(square(square(t)));
const t = parameter("t", [2], { dtype: "f64" });
const v = constant([1, 0], { dtype: "f64" });
console.log(`Hessian ${String(evaluate(hessian(f)(t), { t: [1, 2] }))}`);
// The product of the Hessian with v, without the Hessian: for n parameters, n numbers instead of n².
console.log(`Hessian · v ${String(evaluate(hvp(f, t, v), { t: [1, 2] }))}`);

// Output:
// cost f64[] 0.232573
// dW f64[1, 2]
// [[-0.681696,  0.126457]]
// db f64[1, 1]
// [[-0.473322]]
// Hessian f64[2, 2]
// [[12,  0],
//  [ 0, 48]]
// Hessian · v f64[2]
// [12,  0]
