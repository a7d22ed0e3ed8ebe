// Squares on engines of one thread and of two, beside the same product on each core by itself.

import { wasmEngine, type WasmEngine } from "@wengert/engine";
import { graph, input, matmul, transpose, type Graph } from "@wengert/tensor";
import { digits, markdownTable } from "./report.ts";
import { sideBySide } from "./side-by-side.ts";
import { median, quantile } from "./statistics.ts";
import { runsFor } from "./turns.ts";

/** Whether A and B are transposed. */
const orders = ["NN", "NT", "TN", "TT"] as const;
type Order = (typeof orders)[number];

/** A table of 256 to 2048 rows, in every order. */
export async function squaresOnThreads(turbo: boolean): Promise<string> {
  const rows: (readonly string[])[] = [];
  for (const size of [256, 512, 1024, 2048]) {
    for (const order of orders) rows.push(await squaresOnEngine({ size, order, turbo }));
  }
  const heads = [
    "squares",
    "order",
    "1 thread, median",
    "2 threads",
    "ratio, median of rounds",
    "two products side by side",
    "2 threads of these",
    "1 thread, fastest tenth of calls",
    "2 threads",
    "ratio",
  ];
  return markdownTable(heads, rows);
}

/** Milliseconds that one thread is measured for in a round, at least for one product, and how many rounds there are. */
const block = 20;
const roundsOf = (size: number): number => (size < 2048 ? 60 : 24);

/** C = A B of squares, with transposed operands where asked. */
function squareProduct(size: number, order: Order): Graph {
  const [A, B] = [input("A", [size, size]), input("B", [size, size])];
  return graph({ C: matmul(order[0] === "N" ? A : transpose(A), order[1] === "N" ? B : transpose(B)) });
}

/** Runs of a product on an engine of so many threads, when all have started; nothing is copied. */
async function runOn(engine: WasmEngine, document: Graph): Promise<() => void> {
  const resident = (await engine.compile(document)).bind({});
  const values = { A: resident.inputView("A"), B: resident.inputView("B") };
  for (const { data } of [values.A, values.B]) data.fill(1);
  resident.run(values);
  await engine.ready();
  return () => void resident.run(values, { views: true });
}

interface Square {
  readonly size: number;
  readonly order: Order;
  readonly turbo: boolean;
}

/** A product on engines of one thread and of two, and two of them side by side. */
async function squaresOnEngine({ size, order, turbo }: Square): Promise<readonly string[]> {
  const document = squareProduct(size, order);
  const engines = [1, 2].map((threads) => wasmEngine({ threads, turbo }));
  const [one, two] = (await Promise.all(engines.map((engine) => runOn(engine, document)))) as [
    () => void,
    () => void,
  ];
  const runs = runsFor(one, block);
  const beside = await sideBySide((await engines[0]!.compile(document)).compiled(), runs);
  const calls: [number[], number[]] = [[], []];
  const timed = (run: () => void, all: number[]): number => {
    // The other core was asleep, and its caches are others' now: two short products wake it and are not counted.
    if (runs > 1) for (let i = 0; i < 2; i++) run();
    const samples = Array.from({ length: runs }, () => {
      const start = performance.now();
      run();
      return performance.now() - start;
    });
    all.push(...samples);
    return samples.reduce((sum, sample) => sum + sample, 0) / runs;
  };
  // In turns: how much a core does changes from one second to the next.
  const times = Array.from({ length: roundsOf(size) }, () => [
    timed(one, calls[0]),
    timed(two, calls[1]),
    beside.measure(),
  ]);
  await beside.end();
  for (const engine of engines) engine.close();
  return [`${size} × ${size}`, order, ...squareRow(size, times as [number, number, number][], calls)];
}

/** What a row says of every round's times on one thread, on two, and side by side, and of every call's. */
function squareRow(
  size: number,
  times: readonly (readonly [one: number, two: number, beside: number])[],
  calls: readonly [one: readonly number[], two: readonly number[]],
): readonly string[] {
  const rate = (time: number): string => digits((2 * size ** 3) / time / 1e6);
  const fast = calls.map((each) => quantile(each, 0.1)) as [number, number];
  return [
    rate(median(calls[0])),
    rate(median(calls[1])),
    digits(median(times.map(([one, two]) => one / two))),
    digits(median(times.map(([one, , both]) => one / both))),
    digits(median(times.map(([, two, both]) => both / two))),
    rate(fast[0]),
    rate(fast[1]),
    digits(fast[0] / fast[1]),
  ];
}
