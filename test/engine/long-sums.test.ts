// Rounding errors of long sums: no partial sum takes in more than some hundred values one after another.

import { wasmEngine } from "@wengert/engine";
import { arrayFrom, graph, input, mean, reshape, softmax, sum, variance, type Tensor } from "@wengert/tensor";
import { expect, test } from "vitest";

/** No power of 2, so that a softmax of equal numbers is rounded. */
const n = 1_000_000;
/** 0.1 as a number of f32: not a sum of few powers of 2, so that every partial sum is rounded, and always to one side. */
const value = Math.fround(0.1);
const data = arrayFrom(new Float32Array(n).fill(value), [n]);
const x = input("x", [n]);

/**
 * The relative error that rounding explains where `terms` values go into one partial sum in blocks: half a unit in the
 * last place an addition, of which there are those of a block (in whole vectors), one a block, and those of at most 64
 * parts, four vectors and four lanes.
 */
const boundFor = (terms: number): number => (512 + 64 + Math.ceil(terms / 512) + 72) * 2 ** -24;

/** Of a softmax: an exponential, a division and their operands. */
const ulps = 4 * 2 ** -23;

test.each<[what: string, target: Tensor, wanted: number, terms: number, slack?: number]>([
  ["all elements", sum(x), n * value, n / 16],
  ["the columns of eight", sum(reshape(x, [n / 8, 8]), 0), (n / 8) * value, n / 8],
  ["the rows of eight", sum(reshape(x, [8, n / 8]), 1), (n / 8) * value, n / 8 / 4],
  ["the outer two of three axes", sum(reshape(x, [n / 64, 8, 8]), [0, 1]), (n / 8) * value, n / 8],
  ["the outer and the inner of three axes", sum(reshape(x, [n / 64, 8, 8]), [0, 2]), (n / 8) * value, n / 8],
  ["a mean", mean(x), value, n / 16],
  ["a softmax, which sums to 1", sum(softmax(x, 0)), 1, n / 4, ulps],
])("a long sum in f32 is as good as its blocks: %s", async (_, target, wanted, terms, slack = 0) => {
  const program = await wasmEngine({ threads: 1 }).compile(graph(target));
  const { output } = program.run({ x: data }).outputs;
  for (const each of output!.data)
    expect(Math.abs(each - wanted) / wanted).toBeLessThanOrEqual(boundFor(terms) + slack);
});

test("a sum has few rounding errors beside other outputs, too", async () => {
  const document = graph({ total: sum(x), spread: variance(x) });
  const { total, spread } = (await wasmEngine({ threads: 1 }).compile(document)).run({ x: data }).outputs;
  expect(Math.abs(Number(total!.data[0]) - n * value) / (n * value)).toBeLessThanOrEqual(boundFor(n / 4));
  // Every distance from the mean is the mean's own error.
  expect(Math.abs(Number(spread!.data[0]))).toBeLessThanOrEqual((boundFor(n / 4) * value) ** 2 * 2);
});
