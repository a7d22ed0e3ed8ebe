// Runs one vector function on arrays, for tests: a module of its code, a loop over a memory, and the library.

import { assemble } from "../wasm/assemble.ts";
import { writeFunction, type Code, type Features } from "../wasm/code.ts";
import { pageBytes, type WasmFunction } from "../wasm/module.ts";
import { vectorFunctions, type VectorFunctionName } from "./index.ts";
import { libraryFunctions } from "./library.ts";

// The standard library of the compiler's settings knows neither Node nor the web.
declare const WebAssembly: {
  Memory: new (descriptor: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
};

/** Typed arrays by dtype. */
export interface FloatArrays {
  readonly f32: Float32Array;
  readonly f64: Float64Array;
}

/** Applies a function to arrays of one length, element by element. */
export type Runner<D extends keyof FloatArrays> = (...operands: readonly FloatArrays[D][]) => FloatArrays[D];

const pages = 160;

/** Compiles a function for arrays of up to a million floats. */
export function runFunction<D extends keyof FloatArrays>(
  name: VectorFunctionName,
  dtype: D,
  relaxed: boolean,
): Runner<D> {
  const features: Features = { relaxed, wide: false };
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const bytes = assemble({
    memory: { pages, maximumPages: pages, shared: false },
    imports: [],
    functions: [loopOver(name, dtype, features), ...libraryFunctions(features)],
    exports: ["apply"],
  });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const apply = instance.exports["apply"] as (...parameters: readonly number[]) => void;
  return (...operands) => applyTo(memory.buffer, dtype, { apply, operands });
}

/** (x, y, result, bytes): addresses and the length of each, a multiple of 16. */
function loopOver(name: VectorFunctionName, dtype: keyof FloatArrays, features: Features): WasmFunction {
  return writeFunction("apply", { parameters: ["i32", "i32", "i32", "i32"] }, features, (code) => {
    const [x, y, result, length] = code.parameters as [number, number, number, number];
    code.forRange({ from: code.i32(0), to: length, step: 16 }, (offset) => {
      const load = (base: number): number => code.opWith("v128.load", [0], code.op("i32.add", base, offset));
      const operands = name === "pow" || name === "atan2" || name === "rem" ? [load(x), load(y)] : [load(x)];
      storeAt(code, code.op("i32.add", result, offset), vectorFunctions[name][dtype](code, ...operands));
    });
  });
}

function storeAt(code: Code, address: number, value: number): void {
  code.emit("local.get", address);
  code.emit("local.get", value);
  code.emit("v128.store", 0);
}

function applyTo<D extends keyof FloatArrays>(
  buffer: ArrayBuffer,
  dtype: D,
  {
    apply,
    operands,
  }: {
    readonly apply: (...parameters: readonly number[]) => void;
    readonly operands: readonly FloatArrays[D][];
  },
): FloatArrays[D] {
  const { length } = operands[0]!;
  const arrayOf = dtype === "f32" ? Float32Array : Float64Array;
  const bytes = Math.ceil((length * arrayOf.BYTES_PER_ELEMENT) / 16) * 16;
  if (3 * bytes > pages * pageBytes) throw new RangeError(`bug: ${length} elements do not fit`);
  operands.forEach((operand, i) => new arrayOf(buffer, i * bytes, length).set(operand));
  apply(0, bytes, 2 * bytes, bytes);
  return new arrayOf(buffer, 2 * bytes, length).slice() as FloatArrays[D];
}
