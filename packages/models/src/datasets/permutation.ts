// Orders by seed: every position gets random bits, and the positions are sorted by them.

import { threefryBits } from "@wengert/tensor";
import { requireSeed } from "./seed.ts";

/**
 * The numbers 0 to `count - 1` in random order; the same seeds give the same order.
 * @param seeds two whole numbers below 2³², such as a seed and an epoch
 * @throws InputError when a seed is another number.
 */
export function permutation(count: number, ...seeds: readonly [seed: number, stream?: number]): Uint32Array {
  const [seed, stream = 0] = seeds;
  requireSeed("permutation", seed);
  requireSeed("permutation", stream);
  const bits = threefryBits(Uint32Array.of(stream, seed), count);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  // 64 random bits: ties are as good as impossible, and are broken by position.
  return order.sort(
    (a, b) =>
      (bits[2 * a] as number) - (bits[2 * b] as number) ||
      (bits[2 * a + 1] as number) - (bits[2 * b + 1] as number) ||
      a - b,
  );
}
