// The speed of matrix products in generated WebAssembly on one thread, against the peak of 128-bit vectors as measured
// in the same process, in alternation. Arguments choose rows by their beginnings; --wide asks for 256-bit code.
// `pnpm exec tsx --conditions=@wengert/source scripts/bench-matrix.ts [squares] [C] [--plain] [--wide] [--f64]`

import { setFlagsFromString } from "node:v8";
import type { MatrixProduct } from "../packages/compiler/src/matrix/product.ts";
import { writeProduct } from "../packages/compiler/src/matrix/write-product.ts";
import { assemble } from "../packages/compiler/src/wasm/assemble.ts";
import { writeFunction, type Features } from "../packages/compiler/src/wasm/code.ts";
import type { WasmFunction } from "../packages/compiler/src/wasm/module.ts";

declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: unknown,
  ) => { readonly exports: Readonly<Record<string, (...values: number[]) => void>> };
};

const words = process.argv.slice(2);
const has = (word: string): boolean => words.includes(word);
const features: Features = { relaxed: !has("--plain"), wide: has("--wide") };
const dtype = has("--f64") ? "f64" : "f32";
const elementBytes = dtype === "f64" ? 8 : 4;
const chosen = words.filter((word) => !word.startsWith("--"));

setFlagsFromString("--experimental-wasm-relaxed-simd");
if (features.wide) setFlagsFromString("--experimental-wasm-revectorize");

type Entry = (...values: number[]) => void;

function instantiate(functions: readonly WasmFunction[], pages: number): Entry {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const numbers = new (dtype === "f64" ? Float64Array : Float32Array)(memory.buffer);
  for (let i = 0; i < numbers.length; i++) numbers[i] = ((i * 2_654_435_761) % 1000) / 1000 - 0.5;
  const { name } = functions[0]!;
  const module = {
    memory: { pages, maximumPages: pages, shared: false },
    imports: [],
    functions,
    exports: [name],
  };
  return new WebAssembly.Instance(new WebAssembly.Module(assemble(module)), { env: { memory } }).exports[
    name
  ]!;
}

/** Twelve independent sums in registers: `turns` times 12 vector operations of 2 flop a lane. */
function peakLoop(): WasmFunction {
  const shape = dtype === "f64" ? "f64x2" : "f32x4";
  return writeFunction("peak", { parameters: ["i32", "i32"] }, features, (code) => {
    const sums = Array.from({ length: features.wide ? 24 : 12 }, () => code.local("v128"));
    const x = code.opWith("v128.load", [0], code.parameters[1]!);
    const y = code.opWith("v128.load", [64], code.parameters[1]!);
    for (const [i, sum] of sums.entries()) {
      const start = code.opWith("v128.load", [16 * i], code.parameters[1]!);
      code.emit("local.get", start);
      code.emit("local.set", sum);
    }
    code.forRange({ from: code.i32(0), to: code.parameters[0]!, step: 1 }, () => {
      for (const sum of sums) {
        code.emit("local.get", code.madd(shape, x, y, sum));
        code.emit("local.set", sum);
      }
    });
    for (const [i, sum] of sums.entries()) {
      code.emit("local.get", code.parameters[1]!);
      code.emit("local.get", sum);
      code.emit("v128.store", 16 * i);
    }
  });
}

const peakEntry = instantiate([peakLoop()], 1);
const peakTurns = 400_000;
const peakFlop = (peakTurns * (features.wide ? 24 : 12) * 2 * 16) / elementBytes;

function seconds(body: () => void): number {
  const start = performance.now();
  body();
  return (performance.now() - start) / 1000;
}

const measurePeak = (): number => peakFlop / seconds(() => peakEntry(peakTurns, 0)) / 1e9;

interface Row {
  readonly title: string;
  readonly product: MatrixProduct;
}

function dense(title: string, order: string, [rows, columns, depth]: readonly [number, number, number]): Row {
  const left = order.startsWith("N") ? { row: depth, depth: 1 } : { row: 1, depth: rows };
  const right = order.endsWith("N") ? { depth: columns, column: 1 } : { depth: 1, column: depth };
  const sizes = { batch: 1, rows, columns, depth };
  const product = { dtype, ...sizes, left: { batch: 0, ...left }, right: { batch: 0, ...right } } as const;
  return { title: `${title} ${order} ${rows}x${columns}x${depth}`, product };
}

/** Forward W X, dW = dZ Aᵀ, and dA = Wᵀ dZ (not for the first layer), layer by layer. */
function network(name: string, units: readonly number[], batch: number): readonly Row[] {
  return units.slice(1).flatMap((n, i) => {
    const k = units[i]!;
    const backward = i === 0 ? [] : [dense(name, "TN", [k, batch, n])];
    return [dense(name, "NN", [n, batch, k]), dense(name, "NT", [n, k, batch]), ...backward];
  });
}

const rows: readonly Row[] = [
  ...[256, 512, 1024, 2048].flatMap((n) =>
    ["NN", "NT", "TN", "TT"].map((order) => dense("square", order, [n, n, n])),
  ),
  ...network("C", [12_288, 20, 7, 5, 1], 209),
  ...network("M", [784, 128, 64, 10], 64),
  ...network("L", [784, 512, 512, 10], 128),
  ...network("XL", [1024, 2048, 2048, 1000], 256),
  dense("vector", "NN", [1, 4096, 4096]),
  dense("vector", "NT", [1, 4096, 4096]),
  dense("vector", "NN", [4096, 1, 4096]),
  dense("vector", "TN", [4096, 1, 4096]),
  dense("vector", "NN", [1, 512, 512]),
  dense("vector", "NT", [1, 512, 512]),
  dense("dot", "NN", [1, 1, 1_000_000]),
  dense("outer", "NN", [2048, 2048, 1]),
  dense("thin", "NN", [2048, 2048, 4]),
  dense("few", "NN", [4, 4096, 4096]),
  dense("few", "NT", [4, 4096, 4096]),
  dense("narrow", "NN", [4096, 4, 4096]),
  dense("narrow", "TN", [4096, 7, 4096]),
];

interface Measure {
  readonly best: number;
  readonly peak: number;
  readonly flop: number;
}

function measure({ product }: Row): Measure {
  const kernel = writeProduct(product, features);
  const aligned = (elements: number): number => 64 * Math.ceil((elements * elementBytes) / 64) + 128;
  const { rows: m, columns: n, depth } = product;
  const a = 64 + 64 * Math.ceil(kernel.scratchBytes / 64);
  const b = a + aligned(m * depth);
  const c = b + aligned(depth * n);
  const entry = instantiate(kernel.functions, Math.ceil((c + aligned(m * n)) / 65_536) + 1);
  const once = (): void => {
    for (let chunk = 0; chunk < kernel.chunks; chunk++) entry(chunk, 64, a, b, c);
  };
  const flop = 2 * m * n * depth;
  const repeats = Math.max(1, Math.ceil(2e7 / flop));
  // The optimizing compiler takes over while these run.
  const warm = performance.now();
  while (performance.now() - warm < 60) once();
  let [best, peak] = [Infinity, 0];
  const begin = performance.now();
  for (let round = 0; round < 7 || performance.now() - begin < 250; round++) {
    const time = seconds(() => {
      for (let i = 0; i < repeats; i++) once();
    });
    best = Math.min(best, time / repeats);
    peak = Math.max(peak, measurePeak());
  }
  return { best, peak, flop };
}

const sums = new Map<string, number>();
for (const row of rows.filter(
  ({ title }) => chosen.length === 0 || chosen.some((word) => title.startsWith(word)),
)) {
  const { best, peak, flop } = measure(row);
  const speed = flop / best / 1e9;
  const kind = row.title.split(" ", 1)[0]!;
  sums.set(kind, (sums.get(kind) ?? 0) + best * 1000);
  const { chunks } = writeProduct(row.product, features);
  const columns = [
    (best * 1e6).toFixed(1),
    speed.toFixed(1),
    `${((100 * speed) / peak).toFixed(1)}%`,
    peak.toFixed(1),
    chunks,
  ];
  console.log(row.title.padEnd(32), ...columns.map((each) => String(each).padStart(10)));
}
for (const [kind, time] of sums) console.log(kind.padEnd(32), `${time.toFixed(3)} ms in all`);
