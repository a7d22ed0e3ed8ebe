// Runs one special kernel in a memory of its own, for tests: all chunks in an order that a seed tells, with everything
// around the result watched.

import { allocate, type DType, type TypedArray } from "@wengert/tensor";
import type { KernelCode } from "../kernel-code.ts";
import { assemble } from "../wasm/assemble.ts";
import { checkModule } from "../wasm/check.ts";
import { readFailure, type Failure } from "./failure.ts";

declare const WebAssembly: {
  readonly Memory: new (limits: object) => { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, (...operands: number[]) => void>> };
};

/** What a kernel leaves. */
export interface Result {
  readonly data: TypedArray;
  readonly failure: Failure | undefined;
}

/** The number that a kernel is told. */
export const kernelNumber = 12;
/** Every byte that nothing has written. */
export const untouched = 0xa5;

/** Addresses of byte lengths, each 64-byte aligned after a gap, and what they take together. */
function layOut(lengths: readonly number[]): { readonly addresses: readonly number[]; readonly end: number } {
  let end = 64;
  const addresses = lengths.map((length) => {
    const address = end;
    end = Math.ceil((address + length) / 64) * 64 + 64;
    return address;
  });
  return { addresses, end };
}

const maximumPages = 1000;
/** One for all tests: every memory reserves address space until it is collected. */
const memory = new WebAssembly.Memory({ initial: 1, maximum: maximumPages });

/** The first of the functions, and how many parameters it has. */
function instantiate(functions: KernelCode["functions"]): {
  readonly parameters: number;
  readonly call: (...operands: number[]) => void;
} {
  const { name, parameters } = functions[0]!;
  const module = {
    memory: { pages: 0, maximumPages, shared: false },
    imports: [],
    functions,
    exports: [name],
  };
  const problems = checkModule(module);
  if (problems.length > 0) throw new Error(problems.join("; "));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(assemble(module)), { env: { memory } });
  return { parameters: parameters.length, call: exports[name]! };
}

/** Runs all chunks in an order that the seed tells; fails where anything but the result has changed. */
export function run(
  { functions, chunks, scratchBytes }: KernelCode,
  inputs: readonly TypedArray[],
  { dtype, length, seed = 1 }: { dtype: DType; length: number; seed?: number },
): Result {
  const out = allocate(dtype, length);
  const { addresses, end } = layOut([
    ...inputs.map(({ byteLength }) => byteLength),
    out.byteLength,
    16,
    scratchBytes,
  ]);
  const { parameters, call } = instantiate(functions);
  memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / 65_536)));
  const bytes = new Uint8Array(memory.buffer, 0, end).fill(untouched);
  const [outAt, failureAt, scratchAt] = addresses.slice(inputs.length) as [number, number, number];
  const place = (data: TypedArray, at: number): void =>
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
  for (const [i, data] of inputs.entries()) place(data, addresses[i]!);
  bytes.fill(0, failureAt, failureAt + 16);
  const before = bytes.slice();
  const operands = [...addresses.slice(0, inputs.length + 2), kernelNumber].slice(0, parameters - 2);
  for (const chunk of shuffled(chunks, seed)) call(chunk, scratchAt, ...operands);
  const failure = readFailure(new Int32Array(memory.buffer, failureAt, 4));
  new Uint8Array(out.buffer).set(bytes.subarray(outAt, outAt + out.byteLength));
  for (const [at, size] of [
    [outAt, out.byteLength],
    [failureAt, 16],
  ] as const)
    bytes.set(before.subarray(at, at + size), at);
  for (let i = 0; i < end; i++)
    if (bytes[i] !== before[i]) throw new Error(`byte ${i} has changed, which is none of the result's`);
  return { data: out, failure };
}

function shuffled(count: number, seed: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = (Math.imul(i + seed, 0x9e3779b1) >>> 0) % (i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
