// A compiled program in its memory. A module is compiled once; every thread makes an instance of its own.

import { CompileError } from "@wengert/tensor";

/** What a program exports; the conductor of `@wengert/compiler` says what each function does. */
interface ProgramExports {
  step(): number;
  readonly shares?: () => number;
  readonly enter?: (program: number) => void;
  readonly leave?: () => void;
}

/** A program that can run. */
export interface ProgramInstance {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly exports: ProgramExports;
}

/**
 * Compiles a module and makes an instance of it in a memory.
 * @throws CompileError when the platform refuses the module.
 */
export async function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
  memory: WebAssembly.Memory,
): Promise<ProgramInstance> {
  try {
    return instanceOf(await WebAssembly.compile(bytes), memory);
  } catch (cause) {
    throw cause instanceof CompileError ? cause : refusal(cause);
  }
}

/**
 * Compiles a module at once.
 * @throws CompileError when the platform refuses the module.
 */
export function compileModule(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    throw refusal(cause);
  }
}

/**
 * Another instance of a compiled module, in a memory of its own.
 * @throws CompileError when the platform has no room for it.
 */
export function instanceOf(module: WebAssembly.Module, memory: WebAssembly.Memory): ProgramInstance {
  try {
    const instance = new WebAssembly.Instance(module, { env: { memory, now: () => performance.now() } });
    // The conductor gave it these exports.
    return { module, memory, exports: instance.exports as unknown as ProgramExports };
  } catch (cause) {
    throw refusal(cause);
  }
}

function refusal(cause: unknown): CompileError {
  return new CompileError(`instantiate: the platform refuses the module: ${String(cause)}`, { cause });
}
