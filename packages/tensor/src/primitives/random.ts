// Counter-based random bits: a pure function of a key, so a graph with randomness is still a value.

import { InputError, ShapeError } from "../errors.ts";
import { elements, makeArray } from "../ndarray.ts";
import { sameShape, showShape, type Shape } from "../shape.ts";
import { threefryBits } from "../threefry.ts";
import { family, type Row } from "./rows.ts";

/**
 * Two 32-bit words for every position of `shape`, on a last axis of size 2
 * (threefry2x32 with 20 rounds, Salmon et al. 2011; the position is the counter).
 */
const threefry2x32: Row<{ readonly shape: Shape }> = {
  operands: ["key"],
  infer([key], { shape }) {
    if (key.dtype !== "u32" || !sameShape(key.shape, [2])) {
      throw new ShapeError(`threefry2x32: a key is u32 [2], got ${key.dtype} ${showShape(key.shape)}`);
    }
    return { shape: [...shape, 2], dtype: "u32" };
  },
  kernel([key], _, { shape, dtype }) {
    const words = key.data;
    if (!(words instanceof Uint32Array))
      throw new InputError("threefry2x32: a key is u32 [2], got other data");
    return makeArray(threefryBits(words, elements(shape) / 2), dtype, shape);
  },
};

/** Random primitives by name. */
export const random = family({ threefry2x32: threefry2x32 });
