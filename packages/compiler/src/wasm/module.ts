// A WebAssembly module as a plain value: functions of instructions, one imported memory, exports by name.
// It knows no tensors; calls name functions by their names, and the assembler turns names into indices.

import type { InstructionName } from "./instructions.ts";

/** The types of values. */
export type ValueType = "i32" | "i64" | "f32" | "f64" | "v128";

/** An instruction and its immediates; a memory immediate is the offset in bytes, a block's is its result type. */
export type Instruction = readonly [name: InstructionName, ...immediates: readonly (number | string)[]];

/** A call in encoded instructions: the index of the callee belongs after the first `at` bytes. */
export interface Call {
  readonly at: number;
  readonly callee: string;
}

/** Instructions in a row as bytes, but for the indices of the functions that they call. */
export interface EncodedInstructions {
  readonly bytes: readonly number[];
  readonly calls: readonly Call[];
}

/** A function: parameters first among the locals. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  /** The locals after the parameters. */
  readonly locals: readonly ValueType[];
  /** Instructions, alone or encoded when they were written: `instructionsOf` gives them one by one. */
  readonly body: readonly (Instruction | EncodedInstructions)[];
}

/** A function that the host provides. */
export interface ImportedFunction {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** The memory that the host provides, in pages of 64 KiB. */
interface ImportedMemory {
  readonly pages: number;
  readonly maximumPages: number;
  /** Whether several threads share it. */
  readonly shared: boolean;
}

/** A whole module. Imports come from `env`; the memory is called `memory`. */
export interface WasmModule {
  readonly memory: ImportedMemory;
  readonly imports: readonly ImportedFunction[];
  readonly functions: readonly WasmFunction[];
  /** Names of functions that the host may call. */
  readonly exports: readonly string[];
}

/** The bytes of a memory page. */
export const pageBytes: number = 65_536;

/** The names of the functions that a function calls, once a call. */
export function calleesOf({ body }: WasmFunction): readonly string[] {
  return body.flatMap((part) => {
    if ("bytes" in part) return part.calls.map(({ callee }) => callee);
    return part[0] === "call" ? [part[1] as string] : [];
  });
}

/** The function with other names for those that it calls. */
export function withCallees(each: WasmFunction, rename: (callee: string) => string): WasmFunction {
  const body = each.body.map((part): Instruction | EncodedInstructions => {
    if ("bytes" in part)
      return { ...part, calls: part.calls.map(({ at, callee }) => ({ at, callee: rename(callee) })) };
    return part[0] === "call" ? ["call", rename(part[1] as string)] : part;
  });
  return { ...each, body };
}
