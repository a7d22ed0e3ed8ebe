// The rule for seeds of data: one word of a threefry key. Without it -1, 0.5 and NaN would silently be other seeds.

import { InputError } from "@wengert/tensor";

/** Refuses what is no seed. @throws InputError when the seed is not a whole number from 0 to 2³² - 1. */
export function requireSeed(op: string, seed: number): void {
  if (Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32) return;
  throw new InputError(`${op}: a seed is a whole number from 0 to 2^32 - 1, got ${seed}`);
}
