// Shapes in the types of every builder, for literal sizes, names, unknown sizes, unknown ranks, and inside callers
// that are generic in their dimensions.

import { describe, expectTypeOf, test } from "vitest";
import {
  add,
  argMax,
  broadcastTo,
  concat,
  constant,
  cumulativeSum,
  diagonal,
  diagonalMatrix,
  div,
  equal,
  evaluate,
  expandDims,
  foldIn,
  full,
  gather,
  gelu,
  identityMatrix,
  inner,
  input,
  iota,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  mean,
  mul,
  norm,
  normal,
  oneHot,
  outer,
  parameter,
  permute,
  randomKey,
  relu,
  reshape,
  roll,
  scalar,
  size,
  softmax,
  splitKey,
  squeeze,
  stack,
  standardDeviation,
  stopGradient,
  sub,
  sum,
  swapAxes,
  trace,
  transpose,
  tril,
  uniform,
  variance,
  where,
  type Dim,
  type NdArray,
  type RandomKey,
  type Shape,
  type Tensor,
} from "./index.ts";

const X = input("X", [3, "m"]);
const W = parameter("W", [4, 3]);
const b = parameter("b", [4, 1]);
const row = input("row", [1, 5]);
const column = input("column", [4, 1]);
const cube = input("cube", [2, 4, 5]);
const flags = input("flags", [3, "m"], { dtype: "bool" });
const open: Tensor = X;
const sized = input("sized", [3, 7] as readonly [number, number]);
const loose = input("loose", ["m", 7] as readonly [Dim, Dim]);

type T<S extends Shape> = Tensor<S>;

test("sources hold their literal shapes", () => {
  expectTypeOf(X).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(W).toEqualTypeOf<T<readonly [4, 3]>>();
  expectTypeOf(full([2, "m"], 0)).toEqualTypeOf<T<readonly [2, "m"]>>();
  expectTypeOf(iota([4])).toEqualTypeOf<T<readonly [4]>>();
  expectTypeOf(scalar(1, "f32")).toEqualTypeOf<T<readonly []>>();
  expectTypeOf(size(X, 1)).toEqualTypeOf<T<readonly []>>();
});

test("constants of nested literals have their shape", () => {
  expectTypeOf(constant(1)).toEqualTypeOf<T<readonly []>>();
  expectTypeOf(constant([1, 2, 3])).toEqualTypeOf<T<readonly [3]>>();
  expectTypeOf(
    constant([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  ).toEqualTypeOf<T<readonly [2, 3]>>();
  expectTypeOf(constant([[[true], [false]]])).toEqualTypeOf<T<readonly [1, 2, 1]>>();
  expectTypeOf(constant([1, 2] as number[])).toEqualTypeOf<Tensor>();
  expectTypeOf(constant({} as NdArray)).toEqualTypeOf<Tensor>();
});

describe("matmul", () => {
  test("multiplies literal and named sizes", () => {
    expectTypeOf(matmul(W, X)).toEqualTypeOf<T<readonly [4, "m"]>>();
    expectTypeOf(matmul(cube, input("k", [5, 6]))).toEqualTypeOf<T<readonly [2, 4, 6]>>();
    expectTypeOf(matmul(cube, input("k", [1, 5, 6]))).toEqualTypeOf<T<readonly [2, 4, 6]>>();
    expectTypeOf(matmul(input("k", [7, 1, 3, 4]), cube)).toEqualTypeOf<T<readonly [7, 2, 3, 5]>>();
  });
  test("lets pass what is not known", () => {
    expectTypeOf(matmul(open, X)).toEqualTypeOf<Tensor>();
    expectTypeOf(matmul(W, open)).toEqualTypeOf<Tensor>();
    expectTypeOf(matmul(W, sized)).toEqualTypeOf<T<readonly [4, number]>>();
    expectTypeOf(matmul(W, loose)).toEqualTypeOf<T<readonly [4, Dim]>>();
  });
  test("refuses what does not fit", () => {
    // @ts-expect-error inner dimensions differ
    matmul(X, W);
    // @ts-expect-error operands must be matrices
    matmul(W, input("v", [3]));
    // @ts-expect-error batch dimensions do not broadcast
    matmul(cube, input("k", [3, 5, 6]));
    expectTypeOf(matmul).toBeFunction();
  });
});

describe("arithmetic", () => {
  test("broadcasts", () => {
    expectTypeOf(add(matmul(W, X), b)).toEqualTypeOf<T<readonly [4, "m"]>>();
    expectTypeOf(add(column, row)).toEqualTypeOf<T<readonly [4, 5]>>();
    expectTypeOf(add(cube, row)).toEqualTypeOf<T<readonly [2, 4, 5]>>();
    expectTypeOf(sub(row, cube)).toEqualTypeOf<T<readonly [2, 4, 5]>>();
    expectTypeOf(mul(2, X)).toEqualTypeOf<T<readonly [3, "m"]>>();
    expectTypeOf(div(X, 2)).toEqualTypeOf<T<readonly [3, "m"]>>();
    expectTypeOf(mul(X, sum(X))).toEqualTypeOf<T<readonly [3, "m"]>>();
    expectTypeOf(equal(X, X)).toEqualTypeOf<T<readonly [3, "m"]>>();
  });
  test("lets pass what is not known", () => {
    expectTypeOf(add(open, X)).toEqualTypeOf<Tensor>();
    expectTypeOf(add(X, sized)).toExtend<Tensor>();
    expectTypeOf(add(sized, 1)).toEqualTypeOf<T<readonly [number, number]>>();
  });
  test("refuses what does not broadcast", () => {
    // @ts-expect-error 3 and 4
    add(X, W);
    // @ts-expect-error m and n
    add(X, input("n", [3, "n"]));
    // @ts-expect-error a bias of [4] lies along the columns
    add(matmul(W, X), input("bias", [4]));
    expectTypeOf(add).toBeFunction();
  });
});

test("where broadcasts three operands", () => {
  expectTypeOf(where(flags, X, 0)).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(where(flags, 0, X)).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(where(flags, 1, 0)).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(where(input("c", [4, 1], { dtype: "bool" }), row, 0)).toEqualTypeOf<T<readonly [4, 5]>>();
  // @ts-expect-error 3 and 4
  where(flags, W, 0);
  // @ts-expect-error 3 and 4
  where(flags, X, W);
});

test("reductions remove axes, or keep them with size 1", () => {
  expectTypeOf(sum(X)).toEqualTypeOf<T<readonly []>>();
  expectTypeOf(sum(X, 1)).toEqualTypeOf<T<readonly [3]>>();
  expectTypeOf(mean(X, -1)).toEqualTypeOf<T<readonly [3]>>();
  expectTypeOf(max(X, [0])).toEqualTypeOf<T<readonly ["m"]>>();
  expectTypeOf(sum(X, [0, 1])).toEqualTypeOf<T<readonly []>>();
  expectTypeOf(sum(X, [0, -1])).toEqualTypeOf<T<readonly []>>();
  expectTypeOf(logSumExp(X, 0, { keepDims: true })).toEqualTypeOf<T<readonly [1, "m"]>>();
  expectTypeOf(variance(X, 1, { correction: 1 })).toEqualTypeOf<T<readonly [3]>>();
  expectTypeOf(standardDeviation(X, 1, { correction: 1, keepDims: true })).toEqualTypeOf<
    T<readonly [3, 1]>
  >();
  expectTypeOf(norm(cube, [1, 2], { order: 1 })).toEqualTypeOf<T<readonly [2]>>();
  expectTypeOf(argMax(X, 0)).toEqualTypeOf<T<readonly ["m"]>>();
  expectTypeOf(sum(open, 1)).toEqualTypeOf<Tensor>();
  expectTypeOf(sum(X, 1 as number)).toEqualTypeOf<Tensor>();
  expectTypeOf(sum(X, 1, { keepDims: true as boolean })).toEqualTypeOf<Tensor>();
  // @ts-expect-error there is no axis 2
  sum(X, 2);
  // @ts-expect-error there is no axis -3
  mean(X, [0, -3]);
  // @ts-expect-error there is no axis 2
  argMax(X, 2);
});

test("functions along axes keep the shape", () => {
  expectTypeOf(softmax(X, 0)).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(logSoftmax(open, 0)).toEqualTypeOf<Tensor>();
  expectTypeOf(cumulativeSum(X, -1)).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(relu(X)).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(gelu(X, { approximation: "tanh" })).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(stopGradient(X)).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(roll(X, 1, 0)).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(tril(W)).toEqualTypeOf<T<readonly [4, 3]>>();
  // @ts-expect-error there is no axis 2
  softmax(X, 2);
  // @ts-expect-error there is no axis -3
  cumulativeSum(X, -3);
});

test("axes change places", () => {
  expectTypeOf(transpose(X)).toEqualTypeOf<T<readonly ["m", 3]>>();
  expectTypeOf(transpose(cube)).toEqualTypeOf<T<readonly [5, 4, 2]>>();
  expectTypeOf(transpose(open)).toEqualTypeOf<Tensor>();
  expectTypeOf(permute(X, [1, 0])).toEqualTypeOf<T<readonly ["m", 3]>>();
  expectTypeOf(permute(cube, [-1, 0, 1])).toEqualTypeOf<T<readonly [5, 2, 4]>>();
  expectTypeOf(permute(open, [1, 0])).toEqualTypeOf<Tensor>();
  expectTypeOf(permute(X, [1, 0] as number[])).toEqualTypeOf<Tensor>();
  expectTypeOf(swapAxes(cube, 0, -1)).toEqualTypeOf<T<readonly [5, 4, 2]>>();
  // @ts-expect-error three axes for a matrix
  permute(X, [1, 0, 2]);
  // @ts-expect-error one axis twice
  permute(X, [1, 1]);
  // @ts-expect-error one axis twice, from both ends
  permute(X, [1, -1]);
  // @ts-expect-error one axis for a matrix
  permute(X, [0]);
  // @ts-expect-error there is no axis 3
  swapAxes(cube, 0, 3);
});

test("axes come and go", () => {
  expectTypeOf(expandDims(X, 0)).toEqualTypeOf<T<readonly [1, 3, "m"]>>();
  expectTypeOf(expandDims(X, 1)).toEqualTypeOf<T<readonly [3, 1, "m"]>>();
  expectTypeOf(expandDims(X, -1)).toEqualTypeOf<T<readonly [3, "m", 1]>>();
  expectTypeOf(expandDims(open, 0)).toEqualTypeOf<Tensor>();
  expectTypeOf(squeeze(b)).toEqualTypeOf<T<readonly [4]>>();
  expectTypeOf(squeeze(b, 1)).toEqualTypeOf<T<readonly [4]>>();
  expectTypeOf(squeeze(b, -1)).toEqualTypeOf<T<readonly [4]>>();
  expectTypeOf(squeeze(sized)).toEqualTypeOf<Tensor>();
  expectTypeOf(squeeze(open, 0)).toEqualTypeOf<Tensor>();
  // @ts-expect-error there is no axis 3
  expandDims(X, 3);
  // @ts-expect-error the axis has size 4
  squeeze(b, 0);
  // @ts-expect-error there is no axis 2
  squeeze(b, 2);
});

test("reshape has the shape that is asked for; a size that is found is not known", () => {
  expectTypeOf(reshape(W, [2, 6])).toEqualTypeOf<T<readonly [2, 6]>>();
  expectTypeOf(reshape(W, [2, -1])).toEqualTypeOf<T<readonly [2, Dim]>>();
  expectTypeOf(reshape(W, [12] as Shape)).toEqualTypeOf<Tensor>();
  expectTypeOf(broadcastTo(row, [4, 5])).toEqualTypeOf<T<readonly [4, 5]>>();
});

test("lists of tensors", () => {
  expectTypeOf(stack([X, X])).toEqualTypeOf<T<readonly [2, 3, "m"]>>();
  expectTypeOf(stack([X, X, X], -1)).toEqualTypeOf<T<readonly [3, "m", 3]>>();
  expectTypeOf(stack([X, X] as readonly Tensor[])).toEqualTypeOf<Tensor>();
  expectTypeOf(stack([X, X] as readonly T<readonly [3, "m"]>[])).toEqualTypeOf<
    T<readonly [number, 3, "m"]>
  >();
  expectTypeOf(concat([W, input("V", [2, 3])])).toEqualTypeOf<T<readonly [number, 3]>>();
  expectTypeOf(concat([W, input("V", [4, 1])], 1)).toEqualTypeOf<T<readonly [4, number]>>();
  expectTypeOf(concat([X])).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(concat([X, X] as readonly Tensor[])).toEqualTypeOf<Tensor>();
  // @ts-expect-error shapes differ
  stack([X, W]);
  // @ts-expect-error the other axes differ
  concat([X, W]);
  // @ts-expect-error ranks differ
  concat([cube, row]);
});

test("products and diagonals", () => {
  expectTypeOf(outer(input("u", [2]), X)).toEqualTypeOf<T<readonly [2, 3, "m"]>>();
  expectTypeOf(inner(input("u", [2]), input("v", [2]))).toEqualTypeOf<T<readonly []>>();
  expectTypeOf(diagonal(input("S", ["m", "m"]))).toEqualTypeOf<T<readonly ["m"]>>();
  expectTypeOf(trace(input("S", [3, 3]))).toEqualTypeOf<T<readonly []>>();
  expectTypeOf(diagonalMatrix(input("v", [3]))).toEqualTypeOf<T<readonly [3, 3]>>();
  expectTypeOf(identityMatrix("n")).toEqualTypeOf<T<readonly ["n", "n"]>>();
});

test("indices", () => {
  const labels = input("labels", ["m"], { dtype: "i32" });
  expectTypeOf(oneHot(labels, 10)).toEqualTypeOf<T<readonly [10, "m"]>>();
  expectTypeOf(gather(W, labels)).toEqualTypeOf<T<readonly ["m", 3]>>();
  expectTypeOf(gather(W, labels, 1)).toEqualTypeOf<Tensor>();
});

test("random numbers", () => {
  const key = randomKey(0);
  expectTypeOf(key).toEqualTypeOf<RandomKey>();
  expectTypeOf(splitKey(key)).toEqualTypeOf<readonly [RandomKey, RandomKey]>();
  expectTypeOf(splitKey(key, 3)).toEqualTypeOf<readonly RandomKey[]>();
  expectTypeOf(foldIn(key, 1)).toEqualTypeOf<RandomKey>();
  expectTypeOf(normal(key, [4, "m"])).toEqualTypeOf<T<readonly [4, "m"]>>();
  expectTypeOf(uniform(key, [4], { minval: -1 })).toEqualTypeOf<T<readonly [4]>>();
});

test("callers that are generic in their dimensions", () => {
  function layer<N extends Dim, K extends Dim, M extends Dim>(
    weights: T<readonly [N, K]>,
    bias: T<readonly [N, 1]>,
    activations: T<readonly [NoInfer<K>, M]>,
  ): T<readonly [N, M]> {
    return relu(add(matmul(weights, activations), bias));
  }
  function centred<N extends Dim, M extends Dim>(x: T<readonly [N, M]>): T<readonly [N, M]> {
    return sub(x, mean(x, 1, { keepDims: true }));
  }
  function rows<N extends Dim, M extends Dim>(x: T<readonly [N, M]>): T<readonly [N]> {
    return sum(x, 1);
  }
  function turned<N extends Dim, M extends Dim>(x: T<readonly [N, M]>): T<readonly [M, N]> {
    return permute(x, [1, 0]);
  }
  function masked<S extends Shape>(x: T<S>): T<S> {
    return where(equal(x, 0), 1, mul(x, 2));
  }
  function flat<N extends Dim>(x: T<readonly [N, 1]>): T<readonly [N]> {
    return reshape(x, [x.shape[0]]);
  }
  function likelihoods<N extends Dim, M extends Dim>(x: T<readonly [N, M]>): T<readonly [N, M]> {
    return softmax(x, 0);
  }
  expectTypeOf(layer(W, b, X)).toEqualTypeOf<T<readonly [4, "m"]>>();
  expectTypeOf(centred(X)).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(rows(X)).toEqualTypeOf<T<readonly [3]>>();
  expectTypeOf(turned(X)).toEqualTypeOf<T<readonly ["m", 3]>>();
  expectTypeOf(masked(X)).toEqualTypeOf<T<readonly [3, "m"]>>();
  expectTypeOf(flat(b)).toEqualTypeOf<T<readonly [4]>>();
  expectTypeOf(likelihoods(X)).toEqualTypeOf<T<readonly [3, "m"]>>();
  // @ts-expect-error the columns of the weights are not the rows of the activations
  layer(W, b, W);
});

test("values have the structure of what is evaluated", () => {
  expectTypeOf(evaluate(X, {})).toEqualTypeOf<NdArray>();
  expectTypeOf(evaluate({ loss: sum(X), X }, {})).toEqualTypeOf<{
    readonly loss: NdArray;
    readonly X: NdArray;
  }>();
  expectTypeOf(evaluate([X, W], {})).toEqualTypeOf<readonly [NdArray, NdArray]>();
});
