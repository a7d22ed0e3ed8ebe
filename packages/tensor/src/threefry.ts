// Threefry-2x32 with 20 rounds: a block cipher that turns (key, counter) into random bits.
// J. Salmon, M. Moraes, R. Dror, D. Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
// A hot loop, measured by scripts/bench-threefry.ts: written out, since tables of rotations take several times as long.

const parity = 0x1bd11bda;

/**
 * Two words for each of `count` counters 0, 1, 2 … under a key of two words: the pair of counter i is at 2i.
 * The counter is a 64-bit number, its high word first.
 */
export function threefryBits(key: Uint32Array, count: number): Uint32Array {
  const words = injectedWords(key[0], key[1]);
  const result = new Uint32Array(2 * count);
  for (let i = 0; i < count; i++) block(words, Math.floor(i / 2 ** 32), i | 0, result, 2 * i);
  return result;
}

/** The pair of words for one key and one counter, high word first. */
export function threefry2x32(
  key: readonly [number, number],
  counter: readonly [number, number],
): Uint32Array {
  const result = new Uint32Array(2);
  block(injectedWords(key[0], key[1]), counter[0], counter[1], result, 0);
  return result;
}

/**
 * What is added to the two halves before the first round and after every fourth: two neighbours of the key's three
 * words (the third is their parity), and the number of the addition.
 */
function injectedWords(k0: number, k1: number): Int32Array {
  const k2 = k0 ^ k1 ^ parity;
  return Int32Array.of(k0, k1, k1, k2 + 1, k2, k0 + 2, k0, k1 + 3, k1, k2 + 4, k2, k0 + 5);
}

function block(words: Int32Array, high: number, low: number, to: Uint32Array, at: number): void {
  let x = (high + words[0]) | 0;
  let y = (low + words[1]) | 0;
  for (let next = 2; ; next += 4) {
    x = (x + y) | 0;
    y = ((y << 13) | (y >>> 19)) ^ x;
    x = (x + y) | 0;
    y = ((y << 15) | (y >>> 17)) ^ x;
    x = (x + y) | 0;
    y = ((y << 26) | (y >>> 6)) ^ x;
    x = (x + y) | 0;
    y = ((y << 6) | (y >>> 26)) ^ x;
    x = (x + words[next]) | 0;
    y = (y + words[next + 1]) | 0;
    // The fifth group of four rounds is the last.
    if (next === 10) break;
    x = (x + y) | 0;
    y = ((y << 17) | (y >>> 15)) ^ x;
    x = (x + y) | 0;
    y = ((y << 29) | (y >>> 3)) ^ x;
    x = (x + y) | 0;
    y = ((y << 16) | (y >>> 16)) ^ x;
    x = (x + y) | 0;
    y = ((y << 24) | (y >>> 8)) ^ x;
    x = (x + words[next + 2]) | 0;
    y = (y + words[next + 3]) | 0;
  }
  to[at] = x;
  to[at + 1] = y;
}
