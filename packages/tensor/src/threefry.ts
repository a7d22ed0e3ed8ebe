// Threefry-2x32 with 20 rounds: a block cipher that turns (key, counter) into random bits.
// J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.

const parity = 0x1bd11bda;
const even = [13, 15, 26, 6] as const;
const odd = [17, 29, 16, 24] as const;

/**
 * Two words for each of `count` counters 0, 1, 2 … under a key of two words: the pair of counter i is at 2i.
 * The counter is a 64-bit number, its high word first.
 */
export function threefryBits(key: Uint32Array, count: number): Uint32Array {
  const result = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) block(key[0], key[1], Math.floor(i / 2 ** 32), i | 0, result, 2 * i);
  return result;
}

/** Writes the pair of words for one key and one counter. */
export function threefry2x32(
  key: readonly [number, number],
  counter: readonly [number, number],
): Uint32Array {
  const result = new Uint32Array(2);
  block(key[0], key[1], counter[0], counter[1], result, 0);
  return result;
}

// Hot loop: one call for every pair of random words.
function block(k0: number, k1: number, high: number, low: number, to: Uint32Array, at: number): void {
  const k2 = k0 ^ k1 ^ parity;
  let x = (high + k0) | 0;
  let y = (low + k1) | 0;
  for (let group = 0; group < 5; group++) {
    const [a, b, c, d] = group % 2 === 0 ? even : odd;
    x = (x + y) | 0;
    y = ((y << a) | (y >>> (32 - a))) ^ x;
    x = (x + y) | 0;
    y = ((y << b) | (y >>> (32 - b))) ^ x;
    x = (x + y) | 0;
    y = ((y << c) | (y >>> (32 - c))) ^ x;
    x = (x + y) | 0;
    y = ((y << d) | (y >>> (32 - d))) ^ x;
    // After each group of four rounds the next two words of the extended key and the group's number come in.
    x = (x + (group % 3 === 0 ? k1 : group % 3 === 1 ? k2 : k0)) | 0;
    y = (y + (group % 3 === 0 ? k2 : group % 3 === 1 ? k0 : k1) + group + 1) | 0;
  }
  to[at] = x;
  to[at + 1] = y;
}
