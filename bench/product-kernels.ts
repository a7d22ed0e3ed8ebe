// Matrix products and bare arithmetic as functions of WebAssembly modules, called through the contract of kernels, without
// the engine.

import { functionsOf, type KernelCode } from "../packages/compiler/src/kernel-code.ts";
import { type MatrixProduct } from "../packages/compiler/src/matrix/product.ts";
import { flopPerTurn, roofModule } from "../packages/compiler/src/roof.ts";
import { writeProduct } from "../packages/compiler/src/matrix/write-product.ts";
import { assemble } from "../packages/compiler/src/wasm/assemble.ts";
import type { Features } from "../packages/compiler/src/wasm/code.ts";
import { pageBytes } from "../packages/compiler/src/wasm/module.ts";

/** Which operands lie transposed: N in C order, T in the order of their columns. */
export type Order = "NN" | "NT" | "TN" | "TT";

export type Size = readonly [rows: number, columns: number, depth: number, order: Order];

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

/** A product whose chunks are called in turn: each call computes the next. */
export interface Product {
  readonly next: () => void;
  readonly chunks: number;
}

/** C = A B of f32. */
export function product([rows, columns, depth, order]: Size, features: Features): Product {
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
  let chunk = 0;
  const next = (): void => {
    entry(chunk, 0, A, B, C);
    chunk = (chunk + 1) % chunks;
  };
  for (let i = 0; i < chunks; i++) next();
  const wrong = new Float32Array(memory.buffer, C, rows * columns).find((each) => each !== depth);
  if (wrong !== undefined) throw new Error(`a product of ones of depth ${depth} gives ${wrong}`);
  return { next, chunks };
}

/** Turns of arithmetic, and the floating-point operations of all of them: some 0.1 ms. */
const turns = 40_000;
export const operations: number = flopPerTurn * turns;

/** Arithmetic in registers and nothing else: the peak of a core. */
export function arithmetic(features: Features): () => void {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
  const module = new WebAssembly.Module(roofModule({ ...features, wide: false }));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return () => void (exports["compute"] as Entry)(turns);
}
