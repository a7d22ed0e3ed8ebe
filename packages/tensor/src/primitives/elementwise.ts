// Operations on each element by itself. Operands have equal shapes; builders insert the broadcasts.
// Float results are computed in double precision and rounded once when stored.

import { allocate, convertNumber, isFloat, isInteger, type DType } from "../dtype.ts";
import { erf } from "../erf.ts";
import { makeArray, type NdArray } from "../ndarray.ts";
import type { KernelOutput } from "../tensor.ts";
import {
  addLoop,
  divLoop,
  greaterLoop,
  lessEqualLoop,
  mulLoop,
  negLoop,
  sqrtLoop,
  subLoop,
  type BinaryLoop,
  type UnaryLoop,
} from "./elementwise-loops.ts";
import { family, requireDomain, requireSameDtype, requireSameShape, type Domain, type Row } from "./rows.ts";

interface UnaryOptions {
  /** The dtype of the result where it is not that of the operand. */
  readonly result?: DType;
  /** A loop that does for floats what the function does for each. */
  readonly loop?: UnaryLoop;
}

/** One operand. */
function unary(domain: Domain, f: (x: number) => number, options: UnaryOptions = {}): Row {
  return {
    operands: ["x"],
    infer([x]) {
      requireDomain(x, domain);
      return { shape: x.shape, dtype: options.result ?? x.dtype };
    },
    kernel([x], _, output) {
      const from = x.data;
      const to = allocate(output.dtype, from.length);
      if (options.loop !== undefined && isFloat(x.dtype)) options.loop(from, to);
      else for (let i = 0; i < from.length; i++) to[i] = f(from[i]);
      return makeArray(to, output.dtype, output.shape);
    },
  };
}

/** Two operands of one dtype; `whole` where integers need a function of their own. */
function binary(domain: Domain, f: (x: number, y: number) => number, options: BinaryOptions = {}): Row {
  return {
    operands: ["left", "right"],
    infer([x, y]) {
      requireSameDtype(x, y);
      requireDomain(x, domain);
      requireSameShape(x, y);
      return { shape: x.shape, dtype: options.result ?? x.dtype };
    },
    kernel([x, y], _, output) {
      const apply = isFloat(x.dtype) ? f : (options.whole ?? f);
      const [a, b] = [x.data, y.data];
      const to = allocate(output.dtype, a.length);
      if (options.loop !== undefined && isFloat(x.dtype)) options.loop(a, b, to);
      else for (let i = 0; i < a.length; i++) to[i] = apply(a[i], b[i]);
      return makeArray(to, output.dtype, output.shape);
    },
  };
}

interface BinaryOptions {
  readonly result?: DType;
  readonly whole?: (x: number, y: number) => number;
  /** A loop that does for floats what the function does for each pair. */
  readonly loop?: BinaryLoop;
}

function compare(f: (x: number, y: number) => boolean, loop?: BinaryLoop): Row {
  const options = { result: "bool" } as const;
  return binary("any", (x, y) => (f(x, y) ? 1 : 0), loop === undefined ? options : { ...options, loop });
}

/** Halves go to the even neighbour (IEEE 754 roundTiesToEven). */
function roundHalfEven(x: number): number {
  const low = Math.floor(x);
  const rest = x - low;
  const up = rest > 0.5 || (rest === 0.5 && low % 2 !== 0);
  const rounded = up ? low + 1 : low;
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}

function sigmoid(x: number): number {
  // Of the two equal forms, the one whose exponential cannot overflow.
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

function power(x: number, y: number): number {
  // IEEE 754 pow: 1 to any power is 1, and so is -1 to an infinite one; ECMAScript says NaN.
  if (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY)) return 1;
  return x ** y;
}

/** Elements of `x` where the condition holds, else of `y`. */
const select: Row = {
  operands: ["condition", "x", "y"],
  infer([condition, x, y]) {
    requireDomain(condition, "bool");
    requireSameDtype(x, y);
    requireSameShape(x, y);
    requireSameShape(condition, x);
    return { shape: x.shape, dtype: x.dtype };
  },
  kernel([condition, x, y], _, output) {
    const to = allocate(output.dtype, x.data.length);
    for (let i = 0; i < to.length; i++) to[i] = condition.data[i] === 0 ? y.data[i] : x.data[i];
    return makeArray(to, output.dtype, output.shape);
  },
};

/**
 * Another dtype: floats to integers truncate and saturate, NaN gives 0; integers to integers keep the low 32 bits;
 * anything but 0 is true, NaN too.
 */
const cast: Row<{ readonly dtype: DType }> = {
  operands: ["x"],
  infer: ([x], { dtype }) => ({ shape: x.shape, dtype }),
  kernel: ([x], _, output) => castArray(x, output),
};

function castArray(x: NdArray, output: KernelOutput): NdArray {
  const to = allocate(output.dtype, x.data.length);
  // Storing an integer in another integer array keeps its low bits.
  if (isInteger(x.dtype) && isInteger(output.dtype)) to.set(x.data);
  // Storing a number in a float array rounds it.
  else if (isFloat(output.dtype)) to.set(x.data);
  else for (let i = 0; i < to.length; i++) to[i] = convertNumber(x.data[i], output.dtype);
  return makeArray(to, output.dtype, output.shape);
}

/** The other truth value, or every bit flipped. */
const not: Row = {
  operands: ["x"],
  infer([x]) {
    requireDomain(x, "bool or integer");
    return { shape: x.shape, dtype: x.dtype };
  },
  kernel([x], _, output) {
    const to = allocate(output.dtype, x.data.length);
    const flip = output.dtype === "bool" ? 1 : -1;
    for (let i = 0; i < to.length; i++) to[i] = x.data[i] ^ flip;
    return makeArray(to, output.dtype, output.shape);
  },
};

/** Elementwise primitives by name. */
export const elementwise = family({
  neg: unary("number", (x) => -x, { loop: negLoop }),
  abs: unary("number", Math.abs),
  sign: unary("number", Math.sign),
  exp: unary("floating-point", Math.exp),
  expm1: unary("floating-point", Math.expm1),
  log: unary("floating-point", Math.log),
  log1p: unary("floating-point", Math.log1p),
  sqrt: unary("floating-point", Math.sqrt, { loop: sqrtLoop }),
  rsqrt: unary("floating-point", (x) => 1 / Math.sqrt(x)),
  sin: unary("floating-point", Math.sin),
  cos: unary("floating-point", Math.cos),
  tan: unary("floating-point", Math.tan),
  asin: unary("floating-point", Math.asin),
  acos: unary("floating-point", Math.acos),
  atan: unary("floating-point", Math.atan),
  sinh: unary("floating-point", Math.sinh),
  cosh: unary("floating-point", Math.cosh),
  tanh: unary("floating-point", Math.tanh),
  sigmoid: unary("floating-point", sigmoid),
  erf: unary("floating-point", erf),
  floor: unary("floating-point", Math.floor),
  ceil: unary("floating-point", Math.ceil),
  round: unary("floating-point", roundHalfEven),
  isFinite: unary("floating-point", (x) => (Number.isFinite(x) ? 1 : 0), { result: "bool" }),
  add: binary("number", (x, y) => x + y, { loop: addLoop }),
  sub: binary("number", (x, y) => x - y, { loop: subLoop }),
  mul: binary("number", (x, y) => x * y, { whole: Math.imul, loop: mulLoop }),
  // Integers truncate towards zero; a zero divisor gives 0, so that no value can stop a program.
  div: binary("number", (x, y) => x / y, {
    whole: (x, y) => (y === 0 ? 0 : Math.trunc(x / y)),
    loop: divLoop,
  }),
  rem: binary("number", (x, y) => x % y, { whole: (x, y) => (y === 0 ? 0 : x % y) }),
  pow: binary("floating-point", power),
  // IEEE 754-2019 maximum and minimum: NaN wins, and -0 is below 0.
  maximum: binary("number", Math.max),
  minimum: binary("number", Math.min),
  atan2: binary("floating-point", Math.atan2),
  equal: compare((x, y) => x === y),
  notEqual: compare((x, y) => x !== y),
  less: compare((x, y) => x < y),
  lessEqual: compare((x, y) => x <= y, lessEqualLoop),
  greater: compare((x, y) => x > y, greaterLoop),
  greaterEqual: compare((x, y) => x >= y),
  and: binary("bool or integer", (x, y) => x & y),
  or: binary("bool or integer", (x, y) => x | y),
  xor: binary("bool or integer", (x, y) => x ^ y),
  not,
  select,
  cast,
});
