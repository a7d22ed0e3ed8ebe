// The kernel of a matrix product, by the path that suits its sizes and strides.

import type { KernelCode } from "../kernel-code.ts";
import { writeFunction, type Features } from "../wasm/code.ts";
import type { ValueType, WasmFunction } from "../wasm/module.ts";
import { writeBlocked } from "./blocked.ts";
import { elementOf } from "./element.ts";
import { normalize } from "./normalize.ts";
import { planProduct } from "./plan.ts";
import type { MatrixProduct } from "./product.ts";

/**
 * Writes the kernel of a product. Its entry is called as `(chunk, scratch, A, B, C)` with the addresses of elements
 * [0, 0, 0]; it overwrites C. Every element is summed in one order, whatever the chunks and the number of threads, which
 * decides only how many chunks pay.
 */
export function writeProduct(product: MatrixProduct, features: Features, threads: number): KernelCode {
  const { batch, rows, columns, depth } = product;
  if (batch * rows * columns === 0 || depth === 0) return writeZeros(product, features);
  const normalized = normalize(product);
  const code = writeBlocked(planProduct(normalized.product, features, threads), features);
  return normalized.swapped ? { ...code, functions: code.functions.map(exchangeOperands) } : code;
}

const entryParameters: readonly ValueType[] = ["i32", "i32", "i32", "i32", "i32"];

/** A sum of nothing is 0. */
function writeZeros({ dtype, batch, rows, columns }: MatrixProduct, features: Features): KernelCode {
  const zeros = writeFunction("product", { parameters: entryParameters }, features, (code) => {
    code.emit("local.get", code.parameters[4]!);
    code.emit("i32.const", 0);
    code.emit("i32.const", batch * rows * columns * elementOf(dtype).bytes);
    code.emit("memory.fill");
  });
  return { functions: [zeros], chunks: 1, scratchBytes: 0 };
}

/** The entry with A and B in each other's places. */
function exchangeOperands(entry: WasmFunction, index: number): WasmFunction {
  if (index > 0) return entry;
  const [left, right] = [2, 3];
  const prologue = [
    ["local.get", left],
    ["local.get", right],
    ["local.set", left],
    ["local.set", right],
  ] as const;
  return { ...entry, body: [...prologue, ...entry.body] };
}
