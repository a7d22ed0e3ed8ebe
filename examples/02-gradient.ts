// Gradients are nodes of the same kind of graph: they can be evaluated, printed, and differentiated again.
// One learns: gradients of several parameters at once, second derivatives, and products with a Hessian.

import { add, constant, evaluate, input, matmul, mean, parameter, square, sub, tanh } from "@wengert/tensor";
import { gradient, hessian, hvp } from "@wengert/autodiff";

const X = input("X", [2, "m"], { dtype: "f64" });
const Y = input("Y", [1, "m"], { dtype: "f64" });
const W = parameter("W", [1, 2], { dtype: "f64" });
const b = parameter("b", [1, 1], { dtype: "f64" });
const cost = mean(square(sub(tanh(add(matmul(W, X), b)), Y)));

const values = {
  X: [
    [1, 2, 3],
    [0, 1, 0],
  ],
  Y: [[1, 0, 1]],
  W: [[0.2, -0.3]],
  b: [[0.1]],
};
const { W: dW, b: db } = gradient(cost, { W, b });
const result = evaluate({ cost, dW, db }, values);
console.log(`cost ${String(result.cost)}`);
console.log(`dW ${String(result.dW)}`);
console.log(`db ${String(result.db)}`);

// x⁴ has the second derivative 12 x².
const x = parameter("x", [2], { dtype: "f64" });
const quartic = (t: typeof x) => mean(square(square(t)));
console.log(`Hessian ${String(evaluate(hessian((t) => mean(square(square(t))))(x), { x: [1, 2] }))}`);
const direction = constant([1, 0], { dtype: "f64" });
console.log(`Hessian · v ${String(evaluate(hvp(quartic, x, direction), { x: [1, 2] }))}`);

// Output:
// cost f64[] 0.232573
// dW f64[1, 2]
// [[-0.681696,  0.126457]]
// db f64[1, 1]
// [[-0.473322]]
// Hessian f64[2, 2]
// [[ 6,  0],
//  [ 0, 24]]
// Hessian · v f64[2]
// [6, 0]
