// For every primitive of the table how an engine is tested with it: dtypes, operands for a shape, and how near its
// values are to those of the reference evaluator. Total by type.

import {
  all,
  any,
  apply,
  argMax,
  argMin,
  concat,
  constant,
  cumulativeSum,
  dot,
  elements,
  gather,
  iota,
  max,
  min,
  padInto,
  permute,
  primitives,
  prod,
  reshape,
  reverse,
  scatterAdd,
  size,
  slice,
  stopGradient,
  sum,
  where,
  type DType,
  type NdArray,
  type PrimitiveName,
  type Tensor,
} from "@wengert/tensor";
import { anyArray, filled, indexArray, pickOf, randomFrom, tameArray, type Random } from "./elements.ts";

/** A node to compute, for operands of one shape or other. */
export interface EngineSample {
  readonly inputs: readonly NdArray[];
  readonly build: (inputs: readonly Tensor[]) => Tensor;
  /** Roundings that a term of a sum can meet. */
  readonly operations?: number;
}

/** How an engine is tested with a primitive. */
export interface EngineCase {
  readonly dtypes: readonly DType[];
  /** For floats; all else is the same to the bit. */
  readonly floats: "bits" | "ulps" | "terms";
  readonly sample: (dtype: DType, shape: readonly number[], random: Random) => EngineSample;
}

const floats = ["f32", "f64"] as const;
const numeric = ["f32", "f64", "i32", "u32"] as const;
const everything = ["f32", "f64", "i32", "u32", "bool"] as const;
const discrete = ["i32", "u32", "bool"] as const;

/** A primitive without attributes on operands of one dtype and shape. */
function plain(name: PrimitiveName, dtypes: readonly DType[], agreement: EngineCase["floats"]): EngineCase {
  const { length } = primitives[name].operands;
  return {
    dtypes,
    floats: agreement,
    sample: (dtype, shape, random) => ({
      inputs: Array.from({ length }, () => anyArray(dtype, shape, random)),
      build: (inputs) => apply(primitives[name], inputs),
    }),
  };
}

/** A comparison, among whose operands some are equal. */
function compared(name: PrimitiveName): EngineCase {
  return {
    dtypes: everything,
    floats: "bits",
    sample(dtype, shape, random) {
      const [x, y] = [anyArray(dtype, shape, random), anyArray(dtype, shape, random)];
      for (let i = 0; i < x.data.length; i++) if (random() < 0.3) y.data[i] = x.data[i]!;
      return { inputs: [x, y], build: (inputs) => apply(primitives[name], inputs) };
    },
  };
}

function someAxes(shape: readonly number[], random: Random): readonly number[] {
  return shape.flatMap((_, axis) => (random() < 0.5 ? [axis] : []));
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((a, b) => a * b, 1);
}

/** A fold along some axes. */
function folded(
  dtypes: readonly DType[],
  agreement: "bits" | "terms",
  f: (x: Tensor, axes: readonly number[]) => Tensor,
): EngineCase {
  return {
    dtypes,
    floats: agreement,
    sample(dtype, shape, random) {
      const axes = someAxes(shape, random);
      const array = agreement === "terms" ? tameArray : anyArray;
      return {
        inputs: [array(dtype, shape, random)],
        build: ([x]) => f(x!, axes),
        operations: product(axes.map((axis) => shape[axis]!)) + 1,
      };
    },
  };
}

/** An operation along one axis, of a shape that has one and is not empty along it. */
function along(
  dtypes: readonly DType[],
  agreement: "bits" | "terms",
  f: (x: Tensor, axis: number) => Tensor,
): EngineCase {
  return {
    dtypes,
    floats: agreement,
    sample(dtype, shape, random) {
      const sizes = shape.length === 0 ? [3] : shape;
      const axis = pickOf(random, sizes.length);
      const whole = sizes.with(axis, Math.max(1, sizes[axis]!));
      const array = agreement === "terms" ? tameArray : anyArray;
      const x = array(dtype, whole, random);
      // Equal elements, of which the first counts.
      if (x.data.length > 2 && random() < 0.5) x.data[x.data.length - 1] = x.data[0]!;
      return { inputs: [x], build: ([node]) => f(node!, axis), operations: whole[axis]! + 1 };
    },
  };
}

/** A node that only moves the elements of one operand. */
function moved(f: (x: Tensor, shape: readonly number[], random: Random) => Tensor): EngineCase {
  return {
    dtypes: everything,
    floats: "bits",
    sample(dtype, shape, random) {
      const seed = pickOf(random, 2 ** 31);
      return {
        inputs: [anyArray(dtype, shape, random)],
        build: ([x]) => f(x!, shape, randomFrom(seed)),
      };
    },
  };
}

function shuffled(count: number, random: Random): number[] {
  const turn = pickOf(random, Math.max(1, count));
  const order = Array.from({ length: count }, (_, i) => (i + turn) % count);
  return random() < 0.5 ? order : order.toReversed();
}

const dotCase: EngineCase = {
  dtypes: numeric,
  floats: "terms",
  sample(dtype, shape, random) {
    const depth = elements(shape) > 4096 ? 70 : 1 + pickOf(random, 9);
    const few = (): number => (elements(shape) > 4096 ? 65 + pickOf(random, 20) : pickOf(random, 8));
    const batch = random() < 0.3 ? [2] : [];
    const [rows, columns] = [few(), few()];
    const contracted = depth % 2 === 0 && random() < 0.4 ? [2, depth / 2] : [depth];
    const [left, right] = [
      [...batch, rows, ...contracted],
      [...batch, ...contracted, columns],
    ];
    const first = batch.length;
    const axes = contracted.map((_, i) => i);
    const options = {
      batch: [batch.map(() => 0), batch.map(() => 0)] as const,
      contract: [axes.map((i) => first + 1 + i), axes.map((i) => first + i)] as const,
    };
    return {
      inputs: [tameArray(dtype, left, random), tameArray(dtype, right, random)],
      build: ([x, y]) => dot(x!, y!, options),
      operations: depth + 1,
    };
  },
};

const gatherCase: EngineCase = {
  dtypes: everything,
  floats: "bits",
  sample(dtype, shape, random) {
    const sizes = shape.length === 0 ? [3] : shape;
    const axis = pickOf(random, sizes.length);
    const count = Math.max(1, sizes[axis]!);
    const picked = [[], [5], [2, 3], [0]][pickOf(random, 4)]!;
    const indices = indexArray(random() < 0.5 ? "i32" : "u32", { shape: picked, count }, random);
    const x = anyArray(dtype, sizes.with(axis, count), random);
    return { inputs: [x, indices], build: ([node, at]) => gather(node!, at!, axis) };
  },
};

const scatterCase: EngineCase = {
  dtypes: numeric,
  floats: "terms",
  sample(dtype, shape, random) {
    const sizes = shape.length === 0 ? [3] : shape;
    const axis = pickOf(random, sizes.length);
    const count = 1 + pickOf(random, 5);
    const indices = indexArray(random() < 0.5 ? "i32" : "u32", { shape: [sizes[axis]!], count }, random);
    return {
      inputs: [tameArray(dtype, sizes, random), indices],
      build: ([x, at]) => scatterAdd(x!, at!, { size: count, axis }),
      operations: sizes[axis]! + 1,
    };
  },
};

const concatCase: EngineCase = {
  dtypes: everything,
  floats: "bits",
  sample(dtype, shape, random) {
    const sizes = shape.length === 0 ? [3] : shape;
    const axis = pickOf(random, sizes.length);
    const others = [sizes.with(axis, pickOf(random, 4)), sizes, sizes.with(axis, 1)];
    return {
      inputs: others.map((each) => anyArray(dtype, each, random)),
      build: (parts) => concat(parts, axis),
    };
  },
};

const padCase = moved((x, shape, random) => {
  const steps = shape.map(() => 1 + pickOf(random, 3));
  const starts = shape.map(() => pickOf(random, 3));
  const sizes = shape.map((n, i) => starts[i]! + Math.max(0, n - 1) * steps[i]! + (n > 0 ? 1 : 0) + 1);
  return padInto(x, sizes, starts, steps);
});

const broadcastCase = moved((x, shape, random) => {
  const sizes = shape.map((n) => (n === 1 ? 1 + pickOf(random, 5) : n));
  const axes = shape.map((_, axis) => axis + 1);
  return apply(primitives.broadcast, [x], { shape: [pickOf(random, 4), ...sizes], axes });
});

const sliceCase = moved((x, shape, random) => {
  const ranges = shape.map((n) => {
    const start = pickOf(random, n + 1);
    return random() < 0.3 ? ([n, 0, -2] as const) : ([start, n, 1 + pickOf(random, 3)] as const);
  });
  return slice(x, ranges);
});

const prodCase: EngineCase = {
  dtypes: numeric,
  floats: "terms",
  sample(dtype, shape, random) {
    const axes = someAxes(shape, random);
    // Factors about 1, for no product of all of them may overflow on its way.
    const near = (): number => (random() < 0.5 ? -1 : 1) * (1 + (random() - 0.5) / 8);
    const x =
      dtype === "f32" || dtype === "f64" ? filled(dtype, shape, near) : anyArray(dtype, shape, random);
    return {
      inputs: [x],
      build: ([node]) => prod(node!, axes),
      operations: product(axes.map((axis) => shape[axis]!)) + 1,
    };
  },
};

/** A primitive that takes nothing: what it gives has the shape. */
function source(
  dtypes: readonly DType[],
  node: (shape: readonly number[], dtype: DType) => Tensor,
): EngineCase {
  return {
    dtypes,
    floats: "bits",
    sample: (dtype, shape) => ({ inputs: [], build: () => node(shape.length === 0 ? [2] : shape, dtype) }),
  };
}

const identity: EngineCase = moved((x) => x);

/** Every primitive. */
export const engineCases: Readonly<Record<PrimitiveName, EngineCase>> = {
  input: identity,
  parameter: identity,
  constant: {
    dtypes: everything,
    floats: "bits",
    sample(dtype, shape, random) {
      const value = anyArray(dtype, shape, random);
      return { inputs: [], build: () => constant(value) };
    },
  },
  iota: source(numeric, (shape, dtype) => iota(shape, shape.length - 1, { dtype })),
  size: source(numeric, (shape, dtype) => size(constant(Array<number>(shape[0]!).fill(1), { dtype }), 0)),
  neg: plain("neg", numeric, "bits"),
  abs: plain("abs", numeric, "bits"),
  sign: plain("sign", numeric, "bits"),
  exp: plain("exp", floats, "ulps"),
  expm1: plain("expm1", floats, "ulps"),
  log: plain("log", floats, "ulps"),
  log1p: plain("log1p", floats, "ulps"),
  sqrt: plain("sqrt", floats, "bits"),
  rsqrt: plain("rsqrt", floats, "ulps"),
  sin: plain("sin", floats, "ulps"),
  cos: plain("cos", floats, "ulps"),
  tan: plain("tan", floats, "ulps"),
  asin: plain("asin", floats, "ulps"),
  acos: plain("acos", floats, "ulps"),
  atan: plain("atan", floats, "ulps"),
  sinh: plain("sinh", floats, "ulps"),
  cosh: plain("cosh", floats, "ulps"),
  tanh: plain("tanh", floats, "ulps"),
  sigmoid: plain("sigmoid", floats, "ulps"),
  erf: plain("erf", floats, "ulps"),
  floor: plain("floor", floats, "bits"),
  ceil: plain("ceil", floats, "bits"),
  round: plain("round", floats, "bits"),
  isFinite: plain("isFinite", floats, "bits"),
  add: plain("add", numeric, "bits"),
  sub: plain("sub", numeric, "bits"),
  mul: plain("mul", numeric, "bits"),
  div: plain("div", numeric, "bits"),
  rem: plain("rem", numeric, "bits"),
  pow: plain("pow", floats, "ulps"),
  maximum: plain("maximum", numeric, "bits"),
  minimum: plain("minimum", numeric, "bits"),
  atan2: plain("atan2", floats, "ulps"),
  equal: compared("equal"),
  notEqual: compared("notEqual"),
  less: compared("less"),
  lessEqual: compared("lessEqual"),
  greater: compared("greater"),
  greaterEqual: compared("greaterEqual"),
  and: plain("and", discrete, "bits"),
  or: plain("or", discrete, "bits"),
  xor: plain("xor", discrete, "bits"),
  not: plain("not", discrete, "bits"),
  select: {
    dtypes: everything,
    floats: "bits",
    sample: (dtype, shape, random) => ({
      inputs: [anyArray("bool", shape, random), ...[0, 1].map(() => anyArray(dtype, shape, random))],
      build: ([condition, x, y]) => where(condition!, x!, y!),
    }),
  },
  cast: {
    dtypes: everything,
    floats: "bits",
    sample(dtype, shape, random) {
      const from = everything[pickOf(random, everything.length)]!;
      return {
        inputs: [anyArray(from, shape, random)],
        build: (inputs) => apply(primitives.cast, inputs, { dtype }),
      };
    },
  },
  sum: folded(numeric, "terms", (x, axes) => sum(x, axes)),
  prod: prodCase,
  max: folded(numeric, "bits", (x, axes) => max(x, axes)),
  min: folded(numeric, "bits", (x, axes) => min(x, axes)),
  argMax: along(numeric, "bits", (x, axis) => argMax(x, axis)),
  argMin: along(numeric, "bits", (x, axis) => argMin(x, axis)),
  any: folded(["bool"], "bits", (x, axes) => any(x, axes)),
  all: folded(["bool"], "bits", (x, axes) => all(x, axes)),
  cumulativeSum: along(numeric, "terms", (x, axis) => cumulativeSum(x, axis)),
  dot: dotCase,
  reshape: moved((x, shape, random) => {
    const turned = shuffled(shape.length, random).map((axis) => shape[axis]!);
    // Of a permuted operand, since a plain reshape moves nothing.
    return reshape(
      permute(x, shuffled(shape.length, random)),
      random() < 0.5 ? turned : [1, elements(shape)],
    );
  }),
  permute: moved((x, shape, random) => permute(x, shuffled(shape.length, random))),
  broadcast: broadcastCase,
  slice: sliceCase,
  pad: padCase,
  concat: concatCase,
  reverse: moved((x, shape, random) => reverse(x, someAxes(shape, random))),
  gather: gatherCase,
  scatterAdd: scatterCase,
  threefry2x32: {
    dtypes: ["u32"],
    floats: "bits",
    sample: (_, shape, random) => ({
      inputs: [anyArray("u32", [2], random), anyArray("u32", [2], random)],
      build: (inputs) => apply(primitives.threefry2x32, inputs, { shape }),
    }),
  },
  stopGradient: moved((x) => stopGradient(x)),
  customDerivative: moved((x) => apply(primitives.customDerivative, [x])),
};
