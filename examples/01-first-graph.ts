// A graph is built once, of inputs, parameters and operations; it is evaluated for any number of examples.
// One learns: nodes, shapes with a named dimension, values, and how a graph looks when it is written down.

import {
  add,
  evaluate,
  graph,
  input,
  matmul,
  named,
  parameter,
  print,
  showShape,
  sigmoid,
} from "@wengert/tensor";

// Nothing is computed here: these are nodes. "m" is a dimension whose size the values will tell.
const X = input("X", [3, "m"]); // three features, m examples
const W = parameter("W", [2, 3]);
const b = parameter("b", [2, 1]);
const Z = named("Z", add(matmul(W, X), b)); // b is broadcast along m
const A = named("A", sigmoid(Z));
console.log(`A has shape ${showShape(A.shape)}`);

const parameters = {
  W: [
    [0.1, 0.2, -0.1],
    [0, 0.3, 0.2],
  ],
  b: [[0], [-1]],
};
const oneExample = [[1], [3], [5]];
const twoExamples = [
  [1, 2],
  [3, 4],
  [5, 6],
];
console.log(`one example: ${String(evaluate(A, { ...parameters, X: oneExample }))}`);
console.log(`two examples: ${String(evaluate(A, { ...parameters, X: twoExamples }))}`);

// The same graph as a document: every node with its dtype, its shape and what it is made of.
console.log(print(graph({ A })));

// Output:
// A has shape [2, m]
// one example: f32[2, 1]
// [[0.549834],
//  [ 0.71095]]
// two examples: f32[2, 2]
// [[0.549834, 0.598688],
//  [ 0.71095, 0.802184]]
// graph 1
// %W: f32[2, 3] = parameter()
// %X: f32[3, m] = input()
// %2: f32[2, m] = dot(%W, %X, contract=[[1], [0]], batch=[[], []])
// %b: f32[2, 1] = parameter()
// %4: f32[2, m] = broadcast(%b, shape=[2, "m"], axes=[0, 1])
// %Z: f32[2, m] = add(%2, %4)
// %A: f32[2, m] = sigmoid(%Z)
// output "A" = %A
