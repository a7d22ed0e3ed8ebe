// Kernels → code. Kernels that differ in nothing but their operands' addresses share their code.

import type { DType } from "@wengert/tensor";
import type { KernelCall } from "./conductor.ts";
import type { KernelCode } from "./kernel-code.ts";
import type { BufferId, Kernel, KernelProgram, LoopKernel, ProductKernel } from "./kernel.ts";
import { wordsOfLoop } from "./kernel-words.ts";
import { writeLoop } from "./loops/write-loop.ts";
import { writeProduct } from "./matrix/write-product.ts";
import { bytesOf, type Plan } from "./plan.ts";
import { lowerSpecial } from "./lower-special.ts";
import { withBuffers } from "./update-in-place.ts";
import { writeFunction, type Features } from "./wasm/code.ts";
import { withCallees, type WasmFunction } from "./wasm/module.ts";

/** What lowering is told besides the program and its plan. */
export interface LowerOptions {
  readonly features: Features;
  /** How many threads share the chunks of a kernel. */
  readonly threads: number;
  /** Where kernels leave word of an index out of range. */
  readonly failureAddress: number;
  /** Where the numbers lie that bound loops when the program runs, as u32. */
  readonly boundsAddress: number;
}

/** The code and the operands of one kernel. */
interface Lowered {
  readonly key: string;
  readonly write: () => KernelCode;
  readonly addresses: readonly number[];
}

/** The call of every kernel, in order. */
export function lower(program: KernelProgram, plan: Plan, options: LowerOptions): readonly KernelCall[] {
  const codes = new Map<string, KernelCode>();
  return program.kernels.map((kernel, number) => {
    const { key, write, addresses } = lowerKernel(program, plan, { ...options, kernel, number });
    let code = codes.get(key);
    if (code === undefined) {
      code = withPrefix(write(), `k${codes.size}`);
      codes.set(key, code);
    }
    return { code, addresses };
  });
}

/** The address of a buffer's first byte. */
function addressOf(plan: Plan, buffer: BufferId): number {
  return plan.placements[buffer]!.address;
}

function lowerKernel(
  program: KernelProgram,
  plan: Plan,
  {
    kernel,
    number,
    features,
    threads,
    failureAddress,
    boundsAddress,
  }: LowerOptions & { readonly kernel: Kernel; readonly number: number },
): Lowered {
  const at = (buffer: BufferId): number => addressOf(plan, buffer);
  switch (kernel.kind) {
    case "loop":
      return lowerLoop(program, plan, kernel, { features, boundsAddress });
    case "product":
      return lowerProduct(kernel, at, { features, threads });
    case "fill": {
      const bytes = bytesOf(program, kernel.output);
      return {
        key: `fill ${bytes}`,
        write: () => writeFill(bytes, features),
        addresses: [at(kernel.output)],
      };
    }
    case "special": {
      const special = lowerSpecial(program, kernel);
      const addresses = [...kernel.inputs, kernel.output].map(at);
      return {
        key: `${kernel.primitive} ${JSON.stringify(special.descriptor)}`,
        write: special.write,
        addresses: special.mayFail ? [...addresses, failureAddress, number] : addresses,
      };
    }
  }
}

function lowerProduct(
  { product, left, right, output }: ProductKernel,
  at: (buffer: BufferId) => number,
  { features, threads }: Pick<LowerOptions, "features" | "threads">,
): Lowered {
  const bytes = product.dtype === "f64" ? 8 : 4;
  return {
    key: `product ${JSON.stringify(product)}`,
    write: () => writeProduct(product, features, threads),
    addresses: [at(left.buffer) + bytes * left.offset, at(right.buffer) + bytes * right.offset, at(output)],
  };
}

function lowerLoop(
  program: KernelProgram,
  plan: Plan,
  kernel: LoopKernel,
  { features, boundsAddress }: Pick<LowerOptions, "features" | "boundsAddress">,
): Lowered {
  const numbers = new Map<BufferId, number>();
  const numberOf = (buffer: BufferId): number => {
    const known = numbers.get(buffer) ?? numbers.size;
    numbers.set(buffer, known);
    return known;
  };
  const words = wordsOfLoop(kernel, numberOf);
  const buffers = [...numbers.keys()];
  const operands = buffers.map((buffer): DType => program.buffers[buffer]!.dtype);
  return {
    key: `${words}\n${operands.join()}`,
    write: () => writeLoop(withBuffers(kernel, numberOf) as LoopKernel, operands, features, boundsAddress),
    addresses: buffers.map((buffer) => addressOf(plan, buffer)),
  };
}

function writeFill(bytes: number, features: Features): KernelCode {
  const fill = writeFunction("fill", { parameters: ["i32", "i32", "i32"] }, features, (code) => {
    code.emit("local.get", 2);
    code.emit("i32.const", 0);
    code.emit("i32.const", bytes);
    code.emit("memory.fill");
  });
  return { functions: [fill], chunks: 1, scratchBytes: 0 };
}

/** The code with names that no other code has. */
function withPrefix(code: KernelCode, prefix: string): KernelCode {
  const own = new Set(code.functions.map(({ name }) => name));
  const renamed = (name: string): string => (own.has(name) ? `${prefix}.${name}` : name);
  const functions = code.functions.map((each): WasmFunction => ({
    ...withCallees(each, renamed),
    name: renamed(each.name),
  }));
  return { ...code, functions };
}
