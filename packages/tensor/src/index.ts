/**
 * Computation graphs as immutable values: nodes, shapes, primitives, the graph document and the reference evaluator.
 *
 * @packageDocumentation
 */

// Values
export { array, arrayFrom, copyArray, sameArray, toNested, toNumber } from "./ndarray.ts";
export type { NdArray, Nested } from "./ndarray.ts";
export { allocate, bytesPerElement, dtypes, isFloat, isInteger } from "./dtype.ts";
export type { DType, TypedArray } from "./dtype.ts";
export { formatArray, formatNumber } from "./format.ts";
export type { FormatOptions } from "./format.ts";

// Nodes
export { apply, definePrimitive, isTensor, labelOf, named } from "./tensor.ts";
export type { Attributes, KernelOutput, Primitive, Tensor, TensorType } from "./tensor.ts";
export {
  broadcastShapes,
  concreteShape,
  normalAxes,
  normalAxis,
  elements,
  requireSizes,
  sameShape,
  showShape,
  stridesOf,
} from "./shape.ts";
export type { Dim, Shape, Sizes } from "./shape.ts";
export { primitives } from "./primitives/index.ts";
export type { PrimitiveFamilies, PrimitiveName } from "./primitives/index.ts";
export { freeAxes } from "./primitives/contraction.ts";
export type { DotAttributes } from "./primitives/contraction.ts";
export type { BlockAttributes } from "./primitives/movement.ts";
export type { AxesAttributes, AxisAttributes } from "./primitives/reduction.ts";

// Inputs, parameters and constants
export {
  constant,
  full,
  input,
  iota,
  ones,
  onesLike,
  parameter,
  scalar,
  size,
  zeros,
  zerosLike,
} from "./ops/source.ts";
export type { DTypeOption } from "./ops/source.ts";

// Elementwise operations
export {
  abs,
  acos,
  add,
  and,
  asin,
  atan,
  atan2,
  cast,
  ceil,
  cos,
  cosh,
  div,
  equal,
  erf,
  exp,
  expm1,
  floor,
  greater,
  greaterEqual,
  isFinite,
  less,
  lessEqual,
  log,
  log1p,
  maximum,
  minimum,
  mul,
  neg,
  not,
  notEqual,
  or,
  pow,
  rem,
  round,
  rsqrt,
  sigmoid,
  sign,
  sin,
  sinh,
  sqrt,
  sub,
  tan,
  tanh,
  where,
  xor,
} from "./ops/elementwise.ts";
export type { Binary, Unary } from "./ops/elementwise.ts";

// Reductions
export { all, any, argMax, argMin, cumulativeSum, max, min, prod, sum } from "./ops/reduction.ts";
export type { KeepDims, Reduction } from "./ops/reduction.ts";

// Products
export { dot, inner, matmul, outer } from "./ops/contraction.ts";
export type { DotOptions } from "./ops/contraction.ts";
export { einsum } from "./ops/einsum.ts";

// Movement of axes and elements
export {
  broadcastAlong,
  broadcastTo,
  expandDims,
  permute,
  reshape,
  reverse,
  squeeze,
  swapAxes,
  transpose,
} from "./ops/movement.ts";
export { concat, pad, padInto, slice, sliceBlock, split, stack } from "./ops/blocks.ts";
export type { Range } from "./ops/blocks.ts";
export { moveAxis, repeat, roll, tile } from "./ops/arrangement.ts";
export { diagonal, diagonalMatrix, identityMatrix, trace, tril, triu } from "./ops/diagonal.ts";
export type { DiagonalOptions } from "./ops/diagonal.ts";

// Indexing
export { gather, oneHot, scatterAdd } from "./ops/indexing.ts";

// Statistics
export { logSoftmax, logSumExp, mean, norm, softmax, standardDeviation, variance } from "./ops/statistics.ts";
export type { AlongAxes, NormOptions, VarianceOptions } from "./ops/statistics.ts";

// Activations and special functions
export {
  clip,
  elu,
  gelu,
  isNaN,
  leakyRelu,
  logSigmoid,
  reciprocal,
  relu,
  selu,
  silu,
  softplus,
  square,
} from "./ops/activation.ts";
export type { Bound, GeluOptions } from "./ops/activation.ts";
export { erfInverse } from "./ops/erf-inverse.ts";

// Random numbers
export { bernoulli, foldIn, normal, randomBits, randomKey, splitKey, uniform } from "./ops/random.ts";
export type { RandomKey, UniformOptions } from "./ops/random.ts";
export { threefryBits } from "./threefry.ts";

// Control of derivatives
export { stopGradient } from "./ops/control.ts";

// Shapes in the types
export type {
  Broadcast,
  BroadcastOperand,
  MatmulOperand,
  MatmulShape,
  NestedShape,
  WhereOperand,
} from "./shape-types.ts";
export type {
  Axes,
  AxesOperand,
  AxisOperand,
  ExpandedShape,
  GatheredShape,
  InferredShape,
  OrderOperand,
  PermutedShape,
  ReducedShape,
  ReversedShape,
  SqueezedShape,
  SqueezeOperand,
  SwappedShape,
} from "./axis-types.ts";
export type { ConcatOperand, ConcatShape, StackedShape, StackOperand } from "./list-types.ts";

// Graph documents
export { dimensionsOf, feedsOf, graph, nodesOf, primitiveOf, topological } from "./graph.ts";
export type { Graph, GraphNode, GraphOptions, NodeId, Structure } from "./graph.ts";
export { structuralKeys } from "./structural-key.ts";
export type { Keyed } from "./structural-key.ts";
export { rebuild } from "./rebuild.ts";
export type { Rebuilt } from "./rebuild.ts";
export { check, requireDocument } from "./check.ts";
export { print } from "./print.ts";
export type { PrintOptions } from "./print.ts";
export { parse } from "./parse.ts";
export type { DefinitionsOption } from "./parse.ts";
export { fromJSON, toJSON } from "./json.ts";
export type { GraphJSON } from "./json.ts";

// Evaluation
export { evaluate, interpret, referenceEngine } from "./interpret.ts";
export type { EvaluateOptions, Evaluated } from "./interpret.ts";
export type { Arrays, Engine, Program, Resident, RunOptions, RunResult } from "./engine.ts";
export { binderOf } from "./values.ts";
export type { Binder, BoundValues, KnownSizes, Values } from "./values.ts";

// Passes
export { simplify } from "./passes/simplify.ts";
export { foldConstants } from "./passes/fold-constants.ts";
export { shareSubexpressions } from "./passes/share-subexpressions.ts";
export { removeDead } from "./passes/remove-dead.ts";
export { optimise, passes } from "./passes/optimise.ts";
export { replay, revert } from "./passes/pass.ts";
export type { Pass, PassRecord, Rewrite } from "./passes/pass.ts";
export { explain } from "./explain.ts";
export type { ExplainOptions } from "./explain.ts";

// Errors
export { CompileError, DerivativeError, GraphError, InputError, ShapeError } from "./errors.ts";
export type { ErrorDetails } from "./errors.ts";
export { requireKnownFields } from "./known-fields.ts";
export { shownValue } from "./shown-value.ts";
