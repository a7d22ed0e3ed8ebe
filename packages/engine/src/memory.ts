// Linear memory: made, grown, and seen as typed arrays. A view is valid until the memory grows, so views are made anew
// for every use and copies are what leaves this package.

import { CompileError, type DType, type TypedArray } from "@wengert/tensor";

/** The bytes of a page of memory. */
export const pageBytes: number = 65_536;

/** How large a memory is, and whether threads share it. */
export interface MemoryOptions {
  readonly pages: number;
  /** Default: `pages`. */
  readonly maximumPages?: number;
  readonly shared: boolean;
}

/**
 * A memory of zeros.
 * @throws CompileError when the machine has not so much.
 */
export function createMemory({ pages, maximumPages = pages, shared }: MemoryOptions): WebAssembly.Memory {
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: maximumPages, shared });
    return shared ? withBallast(memory) : memory;
  } catch (cause) {
    throw outOfMemory(pages, cause);
  }
}

/**
 * V8 does not count shared memory among what makes a collection of garbage worth while, so thousands of dropped
 * programs would fill the machine. A buffer of the same size counts; nobody touches it, so it costs no storage.
 * Of the largest, a part is enough.
 */
function withBallast(memory: WebAssembly.Memory): WebAssembly.Memory {
  return Object.assign(memory, { ballast: new ArrayBuffer(Math.min(memory.buffer.byteLength, 2 ** 28)) });
}

/**
 * Makes a memory at least so large; its elements stay.
 * @throws CompileError when the machine has not so much, or the memory's maximum is less.
 */
export function growMemory(memory: WebAssembly.Memory, pages: number): void {
  const more = pages - memory.buffer.byteLength / pageBytes;
  if (more <= 0) return;
  try {
    memory.grow(more);
    if (!(memory.buffer instanceof ArrayBuffer)) withBallast(memory);
  } catch (cause) {
    throw outOfMemory(pages, cause);
  }
}

function outOfMemory(pages: number, cause: unknown): CompileError {
  return new CompileError(
    `memory: ${((pages * pageBytes) / 2 ** 20).toFixed(1)} MiB are needed, and they are not to be had`,
    {
      // Even a small memory takes gigabytes of addresses, of which there are enough for some ten thousand.
      help: "let go of programs that are not needed, use smaller batches, or checkpoint to keep fewer intermediate values",
      cause,
    },
  );
}

/** The elements at an address, in place. */
export function view(
  memory: WebAssembly.Memory,
  dtype: DType,
  { address, length }: { readonly address: number; readonly length: number },
): TypedArray {
  const { buffer } = memory;
  switch (dtype) {
    case "f32":
      return new Float32Array(buffer, address, length);
    case "f64":
      return new Float64Array(buffer, address, length);
    case "i32":
      return new Int32Array(buffer, address, length);
    case "u32":
      return new Uint32Array(buffer, address, length);
    case "bool":
      return new Uint8Array(buffer, address, length);
  }
}

/** Writes elements at an address. */
export function copyIn(memory: WebAssembly.Memory, address: number, data: TypedArray): void {
  new Uint8Array(memory.buffer, address, data.byteLength).set(
    new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
}

/** A copy of the elements at an address, in storage of its own that no thread shares. */
export function copyOut(
  memory: WebAssembly.Memory,
  dtype: DType,
  place: { readonly address: number; readonly length: number },
): TypedArray {
  return view(memory, dtype, place).slice();
}
