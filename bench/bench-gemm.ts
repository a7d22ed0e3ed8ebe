// Matrix products by size on one thread, against the peak of 128-bit vectors that this core reaches in the same run.
// They are called through the contract of kernels, chunk by chunk, without the engine.

import { wasmEngine } from "@wengert/engine";
import { type KernelCode } from "../packages/compiler/src/kernel-code.ts";
import { type MatrixProduct } from "../packages/compiler/src/matrix/product.ts";
import { writeProduct } from "../packages/compiler/src/matrix/write-product.ts";
import { assemble } from "../packages/compiler/src/wasm/assemble.ts";
import { writeFunction, type Features } from "../packages/compiler/src/wasm/code.ts";
import { pageBytes, type WasmFunction } from "../packages/compiler/src/wasm/module.ts";
import { digits, markdownTable } from "./report.ts";
import { timeInTurns } from "./turns.ts";

/** Sizes `[rows, columns, depth]`: squares, and the products of the networks C, M and L. */
const sizes: readonly (readonly [rows: number, columns: number, depth: number])[] = [
  [64, 64, 64],
  [128, 128, 128],
  [256, 256, 256],
  [512, 512, 512],
  [1024, 1024, 1024],
  [2048, 2048, 2048],
  [20, 209, 12_288],
  [20, 12_288, 209],
  [128, 64, 784],
  [512, 128, 784],
  [512, 784, 128],
];

/** A function of the module as JavaScript calls it. */
type Entry = (...values: readonly number[]) => unknown;

/** Instantiates functions over a memory of so many bytes; gives the first one. */
function load(
  functions: readonly WasmFunction[],
  bytes: number,
): { readonly entry: Entry; readonly memory: WebAssembly.Memory } {
  const pages = Math.ceil(bytes / pageBytes) + 1;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const name = functions[0]?.name ?? "";
  const binary = assemble({
    memory: { pages, maximumPages: pages, shared: false },
    imports: [],
    functions,
    exports: [name],
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(binary), { env: { memory } });
  return { entry: exports[name] as Entry, memory };
}

const alignment = 64;
const aligned = (bytes: number): number => alignment * Math.ceil(bytes / alignment);

/** C = A B of f32 in C order, all chunks in turn. */
function product([rows, columns, depth]: (typeof sizes)[number], features: Features): () => void {
  const shape: MatrixProduct = {
    dtype: "f32",
    batch: 1,
    rows,
    columns,
    depth,
    left: { batch: 0, row: depth, depth: 1 },
    right: { batch: 0, depth: columns, column: 1 },
  };
  const { functions, chunks, scratchBytes }: KernelCode = writeProduct(shape, features);
  const A = aligned(scratchBytes);
  const B = A + aligned(4 * rows * depth);
  const C = B + aligned(4 * depth * columns);
  const { entry, memory } = load(functions, C + aligned(4 * rows * columns));
  new Float32Array(memory.buffer).fill(1);
  const run = (): void => {
    for (let chunk = 0; chunk < chunks; chunk++) entry(chunk, 0, A, B, C);
  };
  run();
  const last = new Float32Array(memory.buffer, C, rows * columns).at(-1);
  if (last !== depth) throw new Error(`a product of ones of depth ${depth} gives ${last}`);
  return run;
}

const [chains, turns] = [12, 100_000];

/** Independent chains of x · a + b in registers: operations and nothing else. */
function peak(features: Features): { readonly run: () => void; readonly operations: number } {
  const code = writeFunction("peak", { parameters: ["i32"], results: ["f32"] }, features, (body) => {
    const accumulators = Array.from({ length: chains }, () => body.local("v128"));
    const half = body.f32x4(0.5);
    body.forRange({ from: body.i32(0), to: body.parameters[0] ?? 0, step: 1 }, () => {
      for (const accumulator of accumulators) {
        body.emit("local.get", body.madd("f32x4", accumulator, half, half));
        body.emit("local.set", accumulator);
      }
    });
    const sum = accumulators.reduce((a, b) => body.op("f32x4.add", a, b));
    body.emit("local.get", sum);
    body.emit("f32x4.extract_lane", 0);
  });
  const { entry } = load([code], 0);
  return { run: () => void entry(turns), operations: 2 * 4 * chains * turns };
}

const turbo = process.argv.includes("--turbo");
const { features } = wasmEngine({ threads: 1, turbo }).status();
const { run, operations } = peak({ ...features, wide: false });
const times = timeInTurns([run, ...sizes.map((size) => product(size, features))], { rounds: 9, block: 30 });
const [peakTime, ...productTimes] = times;
const best = operations / (peakTime?.least ?? Number.NaN) / 1e6;
const rows = sizes.map(([m, n, k], place) => {
  const { median = Number.NaN, least = Number.NaN } = productTimes[place] ?? {};
  const rate = (time: number): number => (2 * m * n * k) / time / 1e6;
  return [
    `${m} × ${n}`,
    String(k),
    digits(rate(median)),
    digits(rate(least)),
    `${Math.round((100 * rate(least)) / best)}%`,
  ];
});
process.stdout.write(
  `128-bit peak of this core: ${digits(best)} GFLOP/s; ${features.relaxed ? "relaxed" : "standard"} SIMD\n\n`,
);
process.stdout.write(
  `${markdownTable(["rows × columns", "depth", "GFLOP/s, median", "best", "of the peak"], rows)}\n`,
);
