// Runs of bytes and elements whose lengths are constants of the code: copied, cleared, added. Nothing beyond a run is
// read or written.

import type { DType } from "@wengert/tensor";
import type { Code, Local } from "../wasm/code.ts";
import type { InstructionName } from "../wasm/instructions.ts";

/** The dtypes that are added and compared. */
export type NumberType = Exclude<DType, "bool">;

/** One dtype, alone and in vectors. */
interface Names {
  readonly bytes: 4 | 8;
  readonly scalar: "f32" | "f64" | "i32";
  readonly vector: "f32x4" | "f64x2" | "i32x4";
}

const names: Readonly<Record<NumberType, Names>> = {
  f32: { bytes: 4, scalar: "f32", vector: "f32x4" },
  f64: { bytes: 8, scalar: "f64", vector: "f64x2" },
  i32: { bytes: 4, scalar: "i32", vector: "i32x4" },
  u32: { bytes: 4, scalar: "i32", vector: "i32x4" },
};

/** How instructions name a dtype: its sign matters to none that is written here. */
export function namesOf(dtype: NumberType): Names {
  return names[dtype];
}

/** Bytes that one turn of a loop takes. */
const block = 64;

/**
 * Covers `bytes` by steps, each of the largest of `sizes` that fits: `body(start, offset, size)` is about `size` bytes
 * at `start + offset`, where start is what has been added to both addresses, or nothing.
 */
function forSteps(
  code: Code,
  { bytes, sizes }: { readonly bytes: number; readonly sizes: readonly number[] },
  body: (start: Local | undefined, offset: number, size: number) => void,
): void {
  const looped = bytes >= 4 * block ? bytes - (bytes % block) : 0;
  if (looped > 0)
    code.forRange({ from: code.i32(0), to: code.i32(looped), step: block }, (start) => {
      for (let offset = 0; offset < block; offset += 16) body(start, offset, 16);
    });
  let offset = looped;
  for (const size of sizes) for (; bytes - offset >= size; offset += size) body(undefined, offset, size);
}

const after = (code: Code, address: Local, start: Local | undefined): Local =>
  start === undefined ? address : code.op("i32.add", address, start);

const loads: Readonly<Record<number, InstructionName>> = {
  1: "i32.load8_u",
  2: "i32.load16_u",
  4: "i32.load",
  8: "i64.load",
  16: "v128.load",
};
const stores: Readonly<Record<number, InstructionName>> = {
  1: "i32.store8",
  2: "i32.store16",
  4: "i32.store",
  8: "i64.store",
  16: "v128.store",
};
const widths = [16, 8, 4, 2, 1];

/** The addresses of a run. */
interface Run {
  readonly to: Local;
  readonly from: Local;
}

/** Copies a run of bytes. */
export function copyRow(code: Code, { to, from, bytes }: Run & { readonly bytes: number }): void {
  forSteps(code, { bytes, sizes: widths }, (start, offset, size) => {
    const value = code.opWith(loads[size]!, [offset], after(code, from, start));
    storeAt(code, stores[size]!, { address: after(code, to, start), offset, value });
  });
}

/** Fills a run of bytes with zeros. */
export function clearRow(code: Code, { to, bytes }: { readonly to: Local; readonly bytes: number }): void {
  const zero = code.i32x4(0);
  forSteps(code, { bytes, sizes: [16, 4] }, (start, offset, size) => {
    const value = size === 16 ? zero : code.i32(0);
    storeAt(code, stores[size]!, { address: after(code, to, start), offset, value });
  });
}

/** Adds a run of elements to another. */
export function addRow(
  code: Code,
  dtype: NumberType,
  { to, from, count }: Run & { readonly count: number },
): void {
  const { bytes, scalar, vector } = namesOf(dtype);
  forSteps(code, { bytes: count * bytes, sizes: [16, bytes] }, (start, offset, size) => {
    const [type, shape] = size === 16 ? (["v128", vector] as const) : ([scalar, scalar] as const);
    const address = after(code, to, start);
    const x = code.opWith(`${type}.load`, [offset], address);
    const y = code.opWith(`${type}.load`, [offset], after(code, from, start));
    storeAt(code, `${type}.store`, { address, offset, value: code.op(`${shape}.add`, x, y) });
  });
}

/** Stores a value at an address and a constant distance from it. */
export function storeAt(
  code: Code,
  name: InstructionName,
  { address, offset = 0, value, lane }: { address: Local; offset?: number; value: Local; lane?: number },
): void {
  code.emit("local.get", address);
  code.emit("local.get", value);
  if (lane === undefined) code.emit(name, offset);
  else code.emit(name, offset, lane);
}

/** Gives a local another value. */
export function assign(code: Code, variable: Local, value: Local): void {
  code.emit("local.get", value);
  code.emit("local.set", variable);
}
