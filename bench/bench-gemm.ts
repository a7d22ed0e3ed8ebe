// Matrix products by size on one thread, against the peak of 128-bit vectors that this core reaches at the same moment.
// Then squares on the engine, with one thread and with two.

import { wasmEngine } from "@wengert/engine";
import { arithmetic, operations, product, type Size } from "./product-kernels.ts";
import { digits, markdownTable } from "./report.ts";
import { squaresOnThreads } from "./squares-on-threads.ts";
import { median, quantile } from "./statistics.ts";
import { timeBeside } from "./turns.ts";

const squares = [256, 512, 1024, 2048].flatMap((size) =>
  (["NN", "NT", "TN", "TT"] as const).map((order): Size => [size, size, size, order]),
);

/** Squares in all orders, and products of the networks C, M and L as their layers need them. */
const sizes: readonly Size[] = [
  [64, 64, 64, "NN"],
  [128, 128, 128, "NN"],
  ...squares,
  [20, 209, 12_288, "NN"],
  [20, 12_288, 209, "NT"],
  [128, 64, 784, "NN"],
  [512, 128, 784, "NN"],
  [512, 784, 128, "NT"],
  [512, 128, 512, "TN"],
];

const turbo = process.argv.includes("--turbo");
const { features } = wasmEngine({ threads: 1, turbo }).status();
const products = sizes.map((size) => product(size, features));
const times = timeBeside(
  products.map(({ next }) => next),
  arithmetic(features),
  { rounds: 20, block: 60 },
);
const peaks = times.flat().map(({ measure }) => operations / measure / 1e6);
const best = quantile(peaks, 1);
const percent = (part: number): string => `${Math.round(100 * part)}%`;
const rows = sizes.map(([m, n, k, order], place) => {
  const flop = (2 * m * n * k) / products[place]!.chunks;
  const rates = times[place]!.map(({ time }) => flop / time / 1e6);
  const shares = times[place]!.map(({ time, measure }) => flop / time / (operations / measure));
  return [
    `${m} × ${n}`,
    String(k),
    order,
    digits(median(rates)),
    percent(median(shares)),
    `${percent(quantile(shares, 0.25))} to ${percent(quantile(shares, 0.75))}`,
    digits(quantile(rates, 1)),
    percent(quantile(rates, 1) / best),
  ];
});
process.stdout.write(
  `128-bit peak of this core: ${digits(best)} GFLOP/s at best, ${digits(median(peaks))} in the median of blocks; ` +
    `${features.relaxed ? "relaxed" : "standard"} SIMD. A product's share is of the peak in the same block, in which ` +
    `arithmetic takes turns with it: every 2 ms, or after a chunk that takes longer.\n\n`,
);
const columns = [
  "rows × columns",
  "depth",
  "order",
  "GFLOP/s, median",
  "of the peak beside it",
  "quartiles",
  "GFLOP/s, best",
  "of the best peak",
];
process.stdout.write(`${markdownTable(columns, rows)}\n`);
process.stdout.write(`\nGFLOP/s on the engine\n\n${await squaresOnThreads(turbo)}\n`);
