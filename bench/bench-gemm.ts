// Matrix products by size on one thread, against the peak of 128-bit vectors that this core reaches in the same run:
// called through the contract of kernels, without the engine. Then squares on the engine, with one thread and with two.

import { wasmEngine } from "@wengert/engine";
import { graph, input, matmul } from "@wengert/tensor";
import { functionsOf, type KernelCode } from "../packages/compiler/src/kernel-code.ts";
import { type MatrixProduct } from "../packages/compiler/src/matrix/product.ts";
import { flopPerTurn, roofModule } from "../packages/compiler/src/roof.ts";
import { writeProduct } from "../packages/compiler/src/matrix/write-product.ts";
import { assemble } from "../packages/compiler/src/wasm/assemble.ts";
import type { Features } from "../packages/compiler/src/wasm/code.ts";
import { pageBytes } from "../packages/compiler/src/wasm/module.ts";
import { digits, markdownTable } from "./report.ts";
import { sideBySide } from "./side-by-side.ts";
import { median, quantile } from "./statistics.ts";
import { processorTime, runsFor, timeInTurns } from "./turns.ts";

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

/** Turns of arithmetic, and the floating-point operations of all of them. */
const turns = 640_000;
const operations = flopPerTurn * turns;

/** Arithmetic in registers and nothing else: the peak of a core. */
function arithmetic(features: Features): () => void {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
  const module = new WebAssembly.Module(roofModule({ ...features, wide: false }));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return () => void (exports["compute"] as Entry)(turns);
}

const turbo = process.argv.includes("--turbo");
const { features } = wasmEngine({ threads: 1, turbo }).status();
// One thread computes and, after the warm-up, no other does anything: the time that it had a core is the kernel's own,
// also where a virtual machine gets a core for a part of the time only, which meets long products more often.
const rounds = 20;
const began = performance.now();
const beganProcessor = processorTime();
const measured = timeInTurns([arithmetic(features), ...sizes.map((size) => product(size, features))], {
  rounds,
  block: 30,
  clock: processorTime,
});
const had = (processorTime() - beganProcessor) / (performance.now() - began);
const [peakTime, ...productTimes] = measured;
const peakRate = (time = Number.NaN): number => operations / time / 1e6;
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

/** C = A B of squares on engines of one thread and of two, and two of them side by side; nothing is copied. */
async function squaresOnEngine(size: number): Promise<readonly string[]> {
  const document = graph({ C: matmul(input("A", [size, size]), input("B", [size, size])) });
  const engines = [1, 2].map((threads) => wasmEngine({ threads, turbo }));
  const [one, two] = (await Promise.all(
    engines.map(async (engine) => {
      const resident = (await engine.compile(document)).bind({});
      const values = { A: resident.inputView("A"), B: resident.inputView("B") };
      for (const { data } of [values.A, values.B]) data.fill(1);
      resident.run(values);
      await engine.ready();
      return (): void => void resident.run(values, { views: true });
    }),
  )) as [() => void, () => void];
  const block = 30;
  const runs = runsFor(one, block);
  const beside = await sideBySide((await engines[0]!.compile(document)).compiled(), runs);
  const timed = (run: () => void): number => {
    const start = performance.now();
    for (let i = 0; i < runs; i++) run();
    return (performance.now() - start) / runs;
  };
  // In turns: how much a core does changes from one second to the next.
  const times = Array.from({ length: sharedRounds }, () => [timed(one), timed(two), beside.measure()]);
  await beside.end();
  for (const engine of engines) engine.close();
  return squareRow(size, times as [number, number, number][]);
}

/** A row of the table, of every round's times on one thread, on two, and side by side. */
function squareRow(
  size: number,
  times: readonly (readonly [one: number, two: number, beside: number])[],
): readonly string[] {
  const rate = (time: number): string => digits((2 * size ** 3) / time / 1e6);
  const [ones, twos, besides] = [0, 1, 2].map((place) => times.map((each) => each[place]!)) as [
    number[],
    number[],
    number[],
  ];
  const least = (samples: readonly number[]): number => quantile(samples, 0);
  // Calm is what one thread alone and two side by side tell; what is judged, two threads, has no say in it.
  const calm = times.filter(([one, , both]) => one <= 1.1 * least(ones) && both <= 1.1 * least(besides));
  return [
    `${size} × ${size}`,
    rate(median(ones)),
    rate(median(twos)),
    digits(median(times.map(([one, two]) => one / two))),
    digits(median(calm.map(([one, two]) => one / two))),
    String(calm.length),
    digits(median(times.map(([one, , both]) => one / both))),
    digits(median(times.map(([, two, both]) => both / two))),
    rate(least(ones)),
    rate(least(twos)),
    digits(least(ones) / least(twos)),
    digits(least(ones) / least(besides)),
  ];
}

const sharedRounds = 50;
const shared: (readonly string[])[] = [];
for (const size of [256, 512, 1024, 2048]) shared.push(await squaresOnEngine(size));
const heads = [
  "squares, NN",
  "1 thread, median",
  "2 threads",
  "ratio, median of rounds",
  "in calm rounds",
  `of ${sharedRounds}`,
  "two products side by side",
  "2 threads of these",
  "1 thread, best",
  "2 threads",
  "ratio",
  "side by side",
];
process.stdout.write(
  "\nA round is calm in which one thread, and two products side by side, took up to 1.1 times the least of the run.\n",
);
process.stdout.write(`\nGFLOP/s on the engine\n\n${markdownTable(heads, shared)}\n`);
