// Counter-based random bits: a pure function of a key, so a graph with randomness is still a value.

import { InputError, ShapeError } from "../errors.ts";
import { makeArray, type NdArray } from "../ndarray.ts";
import { elements, sameShape, showShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { threefry2x32 as block, threefryBits } from "../threefry.ts";
import { family, type Row } from "./rows.ts";

function requireWords(what: string, tensor: Tensor): void {
  if (tensor.dtype === "u32" && sameShape(tensor.shape, [2])) return;
  throw new ShapeError(
    `threefry2x32: the ${what} must be u32 [2], got ${tensor.dtype} ${showShape(tensor.shape)}`,
  );
}

function wordsOf({ data }: NdArray): Uint32Array {
  if (data instanceof Uint32Array) return data;
  throw new InputError("threefry2x32: a key is u32 [2], got other data");
}

/** The words for `count` counters from a 64-bit start of two words, high and low. */
function bitsFrom(key: Uint32Array, high: number, low: number, count: number): Uint32Array {
  if (high === 0 && low === 0) return threefryBits(key, count);
  const to = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) {
    const sum = low + i;
    const carried = (high + Math.floor(sum / 2 ** 32)) % 2 ** 32;
    to.set(block([key[0], key[1]], [carried, sum % 2 ** 32]), 2 * i);
  }
  return to;
}

/**
 * Two 32-bit words for every position of `shape`, on a last axis of size 2: threefry2x32 with 20 rounds
 * (Salmon et al. 2011) of the 64-bit counter, high word first, plus the position in C order.
 */
const threefry2x32: Row<{ readonly shape: Shape }> = {
  operands: ["key", "counter"],
  infer([key, counter], { shape }) {
    requireWords("key", key);
    requireWords("counter", counter);
    return { shape: [...shape, 2], dtype: "u32" };
  },
  kernel([key, counter], _, { shape, dtype }) {
    const [high, low] = counter.data;
    return makeArray(bitsFrom(wordsOf(key), high, low, elements(shape) / 2), dtype, shape);
  },
};

/** Random primitives by name. */
export const random = family({ threefry2x32 });
