// A dtype in 128-bit vectors: how its elements are loaded, stored, multiplied and added.
// Partial vectors touch exactly the bytes of their elements, so that nothing outside an operand is ever read.

import type { Code, Local } from "../wasm/code.ts";
import type { InstructionName } from "../wasm/instructions.ts";
import type { ProductType } from "./product.ts";

/** One dtype in vectors. */
export interface Element {
  readonly bytes: 4 | 8;
  /** Elements in a vector. */
  readonly lanes: 4 | 2;
  readonly shape: "f32x4" | "f64x2" | "i32x4";
}

const elements: Readonly<Record<ProductType, Element>> = {
  f32: { bytes: 4, lanes: 4, shape: "f32x4" },
  f64: { bytes: 8, lanes: 2, shape: "f64x2" },
  // Products modulo 2^32 are the same whether the sign counts or not.
  i32: { bytes: 4, lanes: 4, shape: "i32x4" },
  u32: { bytes: 4, lanes: 4, shape: "i32x4" },
};

/** How a dtype is held in vectors. */
export function elementOf(dtype: ProductType): Element {
  return elements[dtype];
}

/** A place in memory: an address and constant bytes after it. */
export interface Place {
  readonly address: Local;
  readonly offset: number;
}

/** One element in every lane. */
export function loadSplat(code: Code, { bytes }: Element, { address, offset }: Place): Local {
  return code.opWith(bytes === 4 ? "v128.load32_splat" : "v128.load64_splat", [offset], address);
}

/** The first `count` elements at a place, zeros after them. */
export function loadLanes(code: Code, { bytes, lanes }: Element, place: Place & { count: number }): Local {
  const { address, offset, count } = place;
  if (count >= lanes) return code.opWith("v128.load", [offset], address);
  if (bytes === 8) return code.opWith("v128.load64_zero", [offset], address);
  if (count === 1) return code.opWith("v128.load32_zero", [offset], address);
  const two = code.opWith("v128.load64_zero", [offset], address);
  return count === 2 ? two : code.opWith("v128.load32_lane", [offset + 8, 2], address, two);
}

/** Stores the first `count` lanes. */
export function storeLanes(
  code: Code,
  { bytes, lanes }: Element,
  { address, offset, count, value }: Place & { count: number; value: Local },
): void {
  const store = (name: InstructionName, ...immediates: [number] | [number, number]): void => {
    code.emit("local.get", address);
    code.emit("local.get", value);
    code.emit(name, ...immediates);
  };
  if (count >= lanes) return store("v128.store", offset);
  if (bytes === 8) return store("v128.store64_lane", offset, 0);
  if (count >= 2) store("v128.store64_lane", offset, 0);
  if (count !== 2) store("v128.store32_lane", offset + 4 * (count - 1), count - 1);
}

/** `sum := x * y + sum` in every lane. */
export function accumulate(
  code: Code,
  { shape }: Element,
  { sum, x, y }: { sum: Local; x: Local; y: Local },
): void {
  code.emit("local.get", x);
  code.emit("local.get", y);
  if (code.features.relaxed && shape !== "i32x4") {
    code.emit("local.get", sum);
    code.emit(`${shape}.relaxed_madd`);
  } else {
    code.emit(`${shape}.mul`);
    code.emit("local.get", sum);
    code.emit(`${shape}.add`);
  }
  code.emit("local.set", sum);
}
