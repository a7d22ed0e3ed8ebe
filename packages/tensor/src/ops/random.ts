// Random numbers as pure functions of a key: the same key gives the same numbers on every engine, bit for bit those
// of `jax.random` (threefry2x32, partitionable). A key is used once: split it or fold a number in for the next use.

import { isFloat, type DType } from "../dtype.ts";
import { InputError, ShapeError } from "../errors.ts";
import { requireKnownFields } from "../known-fields.ts";
import { random } from "../primitives/random.ts";
import { checkedShape, sameShape, showShape, type Shape } from "../shape.ts";
import { shownValue } from "../shown-value.ts";
import { apply, describeOperands, isTensor, type Tensor } from "../tensor.ts";
import { concat, slice } from "./blocks.ts";
import { add, cast, div, less, maximum, mul, xor } from "./elementwise.ts";
import { erfInverse } from "./erf-inverse.ts";
import { broadcastTo, reshape, squeeze } from "./movement.ts";
import { dtypeFrom, requireDType } from "./require.ts";
import { constant, type DTypeOption } from "./source.ts";

/** What randomness comes from: two words, `u32` [2]. */
export type RandomKey = Tensor<readonly [2]>;

const wordLimit = 2 ** 32;

function words(high: number, low: number): RandomKey {
  return constant([high, low], { dtype: "u32" });
}

/**
 * The key of a seed, equal to `jax.random.key(seed)` with 64-bit types enabled (without them JAX drops all but the
 * low 32 bits of the seed).
 * @param seed a whole number from 0 to 2⁵³ - 1
 * @throws InputError for any other seed.
 * @example
 * ```ts
 * import { evaluate, normal, randomKey, splitKey } from "@wengert/tensor";
 *
 * const [forWeights, forData] = splitKey(randomKey(0));
 * console.log(String(evaluate(normal(forWeights, [2, 2]))));
 * ```
 */
export function randomKey(seed: number): RandomKey {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new InputError(`randomKey: a seed is a whole number from 0 to 2^53 - 1, got ${shownValue(seed)}`);
  }
  return words(Math.floor(seed / wordLimit), seed % wordLimit);
}

/** The cipher's words for counters from `counter` on, one pair for every position of the shape. */
function cipher(op: string, key: Tensor, counter: Tensor, shape: Shape): Tensor {
  if (!isTensor(key) || key.dtype !== "u32" || !sameShape(key.shape, [2])) {
    const got = isTensor(key) ? `${key.dtype} ${showShape(key.shape)}` : typeof key;
    throw new ShapeError(`${op}: a key must be u32 [2], got ${got}`, { help: "randomKey(seed) makes a key" });
  }
  return apply(random.threefry2x32, [key, counter], Object.freeze({ shape: checkedShape(op, shape) }));
}

/**
 * New keys, each independent of the others and of the old one.
 * @throws InputError when the count is not a whole number from 0.
 */
export function splitKey(key: Tensor): readonly [RandomKey, RandomKey];
export function splitKey(key: Tensor, count: number): readonly RandomKey[];
export function splitKey(key: Tensor, count = 2): readonly RandomKey[] {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new InputError(`splitKey: the count must be a whole number from 0, got ${shownValue(count)}`);
  }
  const all = cipher("splitKey", key, words(0, 0), [count]);
  return Array.from({ length: count }, (_, i) => reshape(slice(all, [[i, i + 1]]), [2]));
}

/**
 * A new key from a key and a number, such as the count of training steps.
 * @param data a whole number from 0 to 2³² - 1, or an `i32` or `u32` scalar
 * @throws InputError for another number. @throws ShapeError for another tensor.
 */
export function foldIn(key: Tensor, data: number | Tensor): RandomKey {
  // A shape of no axes has one position: the pair of words is the key.
  return cipher("foldIn", key, counterOf(data), []) as RandomKey;
}

function counterOf(data: number | Tensor): Tensor {
  if (!isTensor(data)) {
    if (Number.isInteger(data) && data >= 0 && data < wordLimit) return words(0, data);
    throw new InputError(`foldIn: data must be a whole number from 0 to 2^32 - 1, got ${shownValue(data)}`);
  }
  if (data.shape.length > 0 || (data.dtype !== "i32" && data.dtype !== "u32")) {
    const got = `${data.dtype} ${showShape(data.shape)}`;
    throw new ShapeError(`foldIn: data must be an i32 or u32 scalar, got ${got}`, {
      context: describeOperands(["data"], [data]),
    });
  }
  return concat([constant([0], { dtype: "u32" }), reshape(cast(data, "u32"), [1])]);
}

/** The high and the low word of every position. */
function pairs(op: string, key: Tensor, shape: Shape): readonly [high: Tensor, low: Tensor] {
  const both = cipher(op, key, words(0, 0), shape);
  const whole = shape.map(() => null);
  const word = (i: number): Tensor => squeeze(slice(both, [...whole, [i, i + 1]]), [shape.length]);
  return [word(0), word(1)];
}

/** 32 random bits at every position, as `u32`. */
export function randomBits<const S extends Shape>(key: Tensor, shape: S): Tensor<S> {
  return bits("randomBits", key, shape);
}

function bits<S extends Shape>(op: string, key: Tensor, shape: S): Tensor<S> {
  const [high, low] = pairs(op, key, shape);
  // Every word has the shape that was asked for.
  return xor(high, low) as Tensor<S>;
}

/** Numbers in [0, 1), multiples of 2⁻²³ in `f32` and of 2⁻⁵² in `f64`. */
function fractions(op: string, key: Tensor, shape: Shape, dtype: DType): Tensor {
  if (dtype === "f32") return mul(cast(div(bits(op, key, shape), 512), "f32"), 2 ** -23);
  const [high, low] = pairs(op, key, shape);
  return add(mul(cast(high, "f64"), 2 ** -32), mul(cast(div(low, 4096), "f64"), 2 ** -52));
}

/** The bounds of uniform numbers. */
export interface UniformOptions extends DTypeOption {
  /** The smallest possible number; default 0. */
  readonly minval?: number;
  /** The bound below which all numbers stay, up to rounding; default 1. */
  readonly maxval?: number;
}

/**
 * Uniform random numbers in [minval, maxval), equal to `jax.random.uniform` on a CPU; `f64` with bounds other than
 * 0 and 1 may differ by one rounding.
 * @throws InputError when the bounds are not in order.
 */
export function uniform<const S extends Shape>(
  key: Tensor,
  shape: S,
  options: UniformOptions = {},
): Tensor<S> {
  requireKnownFields("uniform", options, ["minval", "maxval", "dtype"]);
  const { minval = 0, maxval = 1, dtype = "f32" } = options;
  for (const bound of [minval, maxval] as readonly unknown[]) {
    if (typeof bound === "number") continue;
    throw new InputError(`uniform: minval and maxval are numbers, got ${shownValue(bound)}`);
  }
  if (!(minval <= maxval)) {
    throw new InputError(`uniform: minval must not exceed maxval, got ${minval} and ${maxval}`);
  }
  return between("uniform", key, shape, [minval, maxval, dtype]);
}

function between<S extends Shape>(
  op: string,
  key: Tensor,
  shape: S,
  [minval, maxval, dtype]: readonly [number, number, DType],
): Tensor<S> {
  requireFloatOption(op, dtype);
  const unit = fractions(op, key, shape, dtype);
  const rounded = dtype === "f32" ? Math.fround : Number;
  const [low, width] = [rounded(minval), rounded(rounded(maxval) - rounded(minval))];
  const scaled = low === 0 && width === 1 ? unit : maximum(scaledBy(unit, width, low), low);
  // Elementwise operations keep the shape of the words.
  return scaled as Tensor<S>;
}

/** unit · width + low with one rounding, as a fused multiply-add gives it; in `f64` with two. */
function scaledBy(unit: Tensor, width: number, low: number): Tensor {
  const exact = Number.isInteger(Math.log2(width)) || unit.dtype === "f64";
  if (exact) return add(mul(unit, width), low);
  // The product of two f32 numbers is exact in f64.
  return cast(add(mul(cast(unit, "f64"), width), low), "f32");
}

function requireFloatOption(op: string, dtype: DType): void {
  requireDType(op, dtype);
  if (!isFloat(dtype)) throw new ShapeError(`${op}: the dtype must be floating-point, got ${dtype}`);
}

/** The largest number below 1 in magnitude, negative. */
const nextAboveMinusOne = { f32: -(1 - 2 ** -24), f64: -(1 - 2 ** -53) } as const;

/**
 * Standard normal random numbers: √2 · erf⁻¹ of uniform ones in (-1, 1), as in `jax.random.normal` but for the last
 * places: 4 units in `f32`, and 32 in `f64`, most of which are JAX's own error.
 */
export function normal<const S extends Shape>(key: Tensor, shape: S, options: DTypeOption = {}): Tensor<S> {
  const dtype = dtypeFrom("normal", options, "f32");
  const low = nextAboveMinusOne[dtype === "f64" ? "f64" : "f32"];
  return mul(erfInverse(between("normal", key, shape, [low, 1, dtype])), Math.SQRT2);
}

/**
 * True with the given probability, independently at every position, as `bool`; equal to `jax.random.bernoulli`.
 * @param probability a number from 0 to 1, or a floating-point tensor that broadcasts to the shape
 */
export function bernoulli<const S extends Shape>(
  key: Tensor,
  probability: number | Tensor,
  shape: S,
): Tensor<S> {
  if (typeof probability === "number" && !(probability >= 0 && probability <= 1)) {
    throw new InputError(`bernoulli: a probability is from 0 to 1, got ${shownValue(probability)}`);
  }
  const dtype = isTensor(probability) ? probability.dtype : "f32";
  const numbers = between("bernoulli", key, shape, [0, 1, dtype]);
  return less(numbers, isTensor(probability) ? broadcastTo(probability, shape) : probability);
}
