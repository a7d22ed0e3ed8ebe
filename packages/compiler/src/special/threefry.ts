// Threefry-2x32 with 20 rounds (Salmon et al. 2011) over consecutive 64-bit counters: pairs of words, in C order.
// Four counters a vector and two vectors at a time; the bits are those of the reference.

import type { KernelCode } from "../kernel-code.ts";
import { moved, scaled, smaller, total } from "../matrix/addresses.ts";
import { writeFunction, type Code, type Local, type WriteBody } from "../wasm/code.ts";
import { gridOf } from "./grid.ts";
import { storeAt } from "./rows.ts";

/** How many counters there are, from the one that the operand tells. */
export interface Threefry {
  readonly count: number;
}

const parity = 0x1bd11bda;

/** Distances of the rotations in a group of four rounds; even and odd groups alternate. */
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const groups = 5;

/** Counters of one turn of the loop: two chains of vectors, since one waits for itself. */
const vectors = 2;
const together = 4 * vectors;

/** The kernel of threefry2x32: `(chunk, scratch, key, counter, out)`, all u32; key and counter are pairs of words. */
export function writeThreefry({ count }: Threefry): KernelCode {
  const grid = gridOf(Math.ceil(count / together), 2 * together);
  const write: WriteBody = (code, chunk, _scratch, key, counter, out) => {
    const words = injectedWords(code, key);
    const blockOf = (index: Local): readonly Pair[] =>
      pairsOf(code, words, countersFrom(code, counter, index));
    const length = together * grid.rowsPerChunk;
    const from = scaled(code, chunk, length);
    const whole = count - (count % together);
    const to = smaller(code, moved(code, from, length), code.i32(whole));
    code.forRange({ from, to, step: together }, (index) => {
      const address = total(code, out, scaled(code, index, 8));
      interleaved(code, blockOf(index)).forEach((value, i) =>
        storeAt(code, "v128.store", { address, offset: 16 * i, value }),
      );
    });
    if (whole < count)
      writeLast(code, grid.chunks - 1, () =>
        storeSome(code, interleaved(code, blockOf(code.i32(whole))), { out, whole, count }),
      );
  };
  const parameters = ["i32", "i32", "i32", "i32", "i32"] as const;
  const entry = writeFunction("threefry2x32", { parameters }, { relaxed: false, wide: false }, write);
  return { functions: [entry], chunks: grid.chunks, scratchBytes: 0 };
}

/** What is left after whole turns belongs to the last chunk. */
function writeLast(code: Code, last: number, body: () => void): void {
  code.emit("local.get", code.op("i32.eq", code.parameters[0]!, code.i32(last)));
  code.emit("if");
  body();
  code.emit("end");
}

function storeSome(
  code: Code,
  pairs: readonly Local[],
  { out, whole, count }: { out: Local; whole: number; count: number },
): void {
  for (let i = 0; i < count - whole; i++)
    storeAt(code, "v128.store64_lane", {
      address: out,
      offset: 8 * (whole + i),
      value: pairs[i >> 1]!,
      lane: i % 2,
    });
}

/** Both words of four counters. */
type Pair = readonly [x: Local, y: Local];

/** The counters from `index` on, in vectors: a 64-bit addition in two words. */
function countersFrom(code: Code, counter: Local, index: Local): readonly Pair[] {
  const high = code.opWith("v128.load32_splat", [0], counter);
  const low = code.opWith("v128.load32_splat", [4], counter);
  return Array.from({ length: vectors }, (_, i) => {
    const position = code.op(
      "i32x4.add",
      code.op("i32x4.splat", index),
      code.i32x4(4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3),
    );
    const sum = code.op("i32x4.add", low, position);
    // A sum that is less than a term has passed 2^32; the mask of that is -1.
    return [code.op("i32x4.sub", high, code.op("i32x4.lt_u", sum, low)), sum];
  });
}

/**
 * What is added to the two halves before the first round and after every fourth: two neighbours of the key's three
 * words (the third is their parity), and the number of the addition.
 */
function injectedWords(code: Code, key: Local): readonly Pair[] {
  const [k0, k1] = [code.opWith("i32.load", [0], key), code.opWith("i32.load", [4], key)];
  const k2 = code.op("i32.xor", code.op("i32.xor", k0, k1), code.i32(parity));
  const three = [k0, k1, k2];
  return Array.from({ length: groups + 1 }, (_, i) => [
    code.op("i32x4.splat", three[i % 3]!),
    code.op("i32x4.splat", moved(code, three[(i + 1) % 3]!, i)),
  ]);
}

/** The words of every counter; the chains advance round by round, side by side. */
function pairsOf(code: Code, words: readonly Pair[], counters: readonly Pair[]): readonly Pair[] {
  const inject = (pairs: readonly Pair[], i: number): Pair[] =>
    pairs.map(([x, y]) => [code.op("i32x4.add", x, words[i]![0]), code.op("i32x4.add", y, words[i]![1])]);
  let pairs = inject(counters, 0);
  for (let group = 0; group < groups; group++) {
    for (const distance of rotations[group % 2]!) pairs = pairs.map((pair) => round(code, pair, distance));
    pairs = inject(pairs, group + 1);
  }
  return pairs;
}

function round(code: Code, [x, y]: Pair, distance: number): Pair {
  const sum = code.op("i32x4.add", x, y);
  const left = code.op("i32x4.shl", y, code.i32(distance));
  const right = code.op("i32x4.shr_u", y, code.i32(32 - distance));
  return [sum, code.op("v128.xor", code.op("v128.or", left, right), sum)];
}

/** The words in the order of memory: both of a counter beside each other. */
function interleaved(code: Code, pairs: readonly Pair[]): readonly Local[] {
  const lanes = (from: number): number[] =>
    [0, 1].flatMap((i) => [0, 16].flatMap((half) => [0, 1, 2, 3].map((b) => half + 4 * (from + i) + b)));
  return pairs.flatMap(([x, y]) => [0, 2].map((from) => code.opWith("i8x16.shuffle", lanes(from), x, y)));
}
