// A graph is built once, of inputs, parameters and operations; it is evaluated for any number of examples.
// One learns: nodes, shapes with a named dimension, values, and how a graph looks when it is written down.

import { add, evaluate, graph, input, matmul, named, parameter, showShape, sigmoid } from "@wengert/tensor";

const X = input("X", [3, "m"]); // three features, m examples
const W = parameter("W", [2, 3]);
const b = parameter("b", [2, 1]);
const Z = named("Z", add(matmul(W, X), b));
const A = named("A", sigmoid(Z));

console.log(`A has shape ${showShape(A.shape)}`);

const parameters = {
  W: [
    [0.1, 0.2, -0.1],
    [0, 0.3, 0.2],
  ],
  b: [[0], [-1]],
};
console.log(String(evaluate(A, { ...parameters, X: [[1], [3], [5]] })));
console.log(
  String(
    evaluate(A, {
      ...parameters,
      X: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    }),
  ),
);

for (const [id, node] of Object.entries(graph(A).nodes)) {
  console.log(`${id} = ${node.primitive}(${node.inputs.join(", ")})  ${showShape(node.shape)}`);
}
