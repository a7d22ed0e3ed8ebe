// Matrix products by size on one thread, against the peak of 128-bit vectors that this core reaches in the same run:
// called through the contract of kernels, without the engine. Then squares on the engine, with one thread and with two.

import { wasmEngine } from "@wengert/engine";
import { graph, input, matmul } from "@wengert/tensor";
import { functionsOf, type KernelCode } from "../packages/compiler/src/kernel-code.ts";
import { type MatrixProduct } from "../packages/compiler/src/matrix/product.ts";
import { writeProduct } from "../packages/compiler/src/matrix/write-product.ts";
import { assemble } from "../packages/compiler/src/wasm/assemble.ts";
import type { Features } from "../packages/compiler/src/wasm/code.ts";
import { pageBytes } from "../packages/compiler/src/wasm/module.ts";
import { digits, markdownTable } from "./report.ts";
import { secondCore } from "./second-core.ts";
import { median } from "./statistics.ts";
import { processorTime, timeInTurns } from "./turns.ts";

/** Which operands lie transposed: N in C order, T in the order of their columns. */
type Order = "NN" | "NT" | "TN" | "TT";

type Size = readonly [rows: number, columns: number, depth: number, order: Order];

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

/** A function of the module as JavaScript calls it. */
type Entry = (...values: readonly number[]) => unknown;

/** Instantiates a kernel over a memory of so many bytes; gives its entry. */
function load(
  code: KernelCode,
  bytes: number,
): { readonly entry: Entry; readonly memory: WebAssembly.Memory } {
  const pages = Math.ceil(bytes / pageBytes) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const name = code.functions[0]?.name ?? "";
  const binary = assemble({
    memory: { pages, maximumPages: pages, shared: false },
    imports: [],
    functions: functionsOf([code]),
    exports: [name],
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  return { entry: exports[name] as Entry, memory };
}

const alignment = 64;
const aligned = (bytes: number): number => alignment * Math.ceil(bytes / alignment);

/** C = A B of f32, all chunks in turn. */
function product([rows, columns, depth, order]: Size, features: Features): () => void {
  const shape: MatrixProduct = {
    dtype: "f32",
    batch: 1,
    rows,
    columns,
    depth,
    left: { batch: 0, ...(order[0] === "N" ? { row: depth, depth: 1 } : { row: 1, depth: rows }) },
    right: { batch: 0, ...(order[1] === "N" ? { depth: columns, column: 1 } : { depth: 1, column: depth }) },
  };
  const code: KernelCode = writeProduct(shape, features, 1);
  const { chunks, scratchBytes } = code;
  const A = aligned(scratchBytes);
  const B = A + aligned(4 * rows * depth);
  const C = B + aligned(4 * depth * columns);
  const { entry, memory } = load(code, C + aligned(4 * rows * columns));
  new Float32Array(memory.buffer).fill(1);
  const run = (): void => {
    for (let chunk = 0; chunk < chunks; chunk++) entry(chunk, 0, A, B, C);
  };
  run();
  const wrong = new Float32Array(memory.buffer, C, rows * columns).find((each) => each !== depth);
  if (wrong !== undefined) throw new Error(`a product of ones of depth ${depth} gives ${wrong}`);
  return run;
}

const turbo = process.argv.includes("--turbo");
const { features } = wasmEngine({ threads: 1, turbo }).status();
// Arithmetic in registers and nothing else: the peak of a core, and what a second one adds.
const arithmetic = await secondCore(features);
// One thread computes and, after the warm-up, no other does anything: the time that it had a core is the kernel's own,
// also where a virtual machine gets a core for a part of the time only, which meets long products more often.
const rounds = 20;
const began = performance.now();
const beganProcessor = processorTime();
const measured = timeInTurns([arithmetic.one, ...sizes.map((size) => product(size, features))], {
  rounds,
  block: 30,
  clock: processorTime,
});
const had = (processorTime() - beganProcessor) / (performance.now() - began);
const [peakTime, ...productTimes] = measured;
const peakRate = (time = Number.NaN): number => arithmetic.operations / time / 1e6;
const share = (part: number): string => `${Math.round(100 * part)}%`;
const calmPeak = peakRate(median(peakTime?.calm ?? []));
const rows = sizes.map(([m, n, k, order], place) => {
  const { median: middle, least, rounds: times = [], calm: inCalm = [] } = productTimes[place] ?? {};
  const rate = (time = Number.NaN): number => (2 * m * n * k) / time / 1e6;
  // By round: the clock of a core changes, and with it its peak.
  const shares = times.map((time, round) => rate(time) / peakRate(peakTime?.rounds[round]));
  return [
    `${m} × ${n}`,
    String(k),
    order,
    digits(rate(middle)),
    share(median(shares)),
    digits(rate(median(inCalm))),
    share(rate(median(inCalm)) / calmPeak),
    String(inCalm.length),
    digits(rate(least)),
    share(rate(least) / peakRate(peakTime?.least)),
  ];
});
process.stdout.write(
  `128-bit peak of this core: ${digits(peakRate(peakTime?.least))} GFLOP/s at best, ` +
    `${digits(peakRate(peakTime?.median))} in the median, ${digits(calmPeak)} in calm blocks, ` +
    `those in which arithmetic before and after took up to 1.1 times the least of the run; ` +
    `${features.relaxed ? "relaxed" : "standard"} SIMD; ` +
    `times are those of the process, which had a core ${share(had)} of the time\n\n`,
);
const columns = [
  "rows × columns",
  "depth",
  "order",
  "GFLOP/s, median",
  "of the peak",
  "calm blocks",
  "of the peak",
  `of ${rounds}`,
  "best",
  "of the peak",
];
process.stdout.write(`${markdownTable(columns, rows)}\n`);

/** C = A B of squares on an engine, with nothing copied. */
async function onEngine(size: number, threads: number): Promise<() => void> {
  const engine = wasmEngine({ threads, turbo });
  const document = graph({ C: matmul(input("A", [size, size]), input("B", [size, size])) });
  const resident = (await engine.compile(document)).bind({});
  const values = { A: resident.inputView("A"), B: resident.inputView("B") };
  values.A.data.fill(1);
  values.B.data.fill(1);
  resident.run(values);
  await engine.ready();
  return () => void resident.run(values, { views: true });
}

const shared: string[][] = [];
for (const size of [256, 512, 1024, 2048]) {
  const runs = await Promise.all([1, 2].map((threads) => onEngine(size, threads)));
  // In turns: how much a second core adds changes from one second to the next.
  const timed = timeInTurns([...runs, arithmetic.one, arithmetic.two], { rounds: 25, block: 60 });
  const rate = (time = Number.NaN): string => digits((2 * size ** 3) / time / 1e6);
  const gain = (of: number): readonly number[] =>
    (timed[of]?.rounds ?? []).map((time, round) => time / (timed[of + 1]?.rounds[round] ?? Number.NaN));
  const [ours, most] = [gain(0), gain(2)];
  const [one, two] = timed;
  shared.push([
    `${size} × ${size}`,
    rate(one?.median),
    rate(two?.median),
    digits(median(ours)),
    digits(median(most)),
    rate(one?.least),
    rate(two?.least),
    digits((one?.least ?? Number.NaN) / (two?.least ?? Number.NaN)),
  ]);
}
await arithmetic.end();
const heads = [
  "squares, NN",
  "1 thread, median",
  "2 threads",
  "ratio, median of rounds",
  "of arithmetic alone",
  "1 thread, best",
  "2 threads",
  "ratio",
];
process.stdout.write(`\nGFLOP/s on the engine\n\n${markdownTable(heads, shared)}\n`);
