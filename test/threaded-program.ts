// Programs made by hand for tests of threads: kernels of integer arithmetic whose results tell whether every chunk ran
// once a step, with scratch of its own, after all that it depends on.

import {
  conductorExports,
  conductorImports,
  type ConductorOptions,
  type KernelCall,
  writeConductor,
} from "../packages/compiler/src/conductor.ts";
import { controlBytes } from "../packages/compiler/src/thread-protocol.ts";
import { assemble } from "../packages/compiler/src/wasm/assemble.ts";
import { type Code, type Features, writeFunction } from "../packages/compiler/src/wasm/code.ts";
import type { KernelCode } from "../packages/compiler/src/kernel-code.ts";

const features: Features = { relaxed: false, wide: false };

/** The places of a program's memory. */
export const places = {
  total: controlBytes,
  /** What a worker shall do in `meet`, by its number in `orders`. */
  order: controlBytes + 64,
  arrived: controlBytes + 128,
  scratch: controlBytes + 256,
  profile: 16_384,
  cells: 32_768,
  /** Whose scratch each chunk of the last step was given. */
  takers: 49_152,
};

/** Orders to a worker that meets the main thread. */
export const orders = { none: 0, stay: 1, fail: 2, goOn: 3 } as const;

/** What a test chooses. */
export interface ProgramOptions extends Partial<ConductorOptions> {
  readonly chunks: number;
  /** Rounds of arithmetic in a chunk. */
  readonly rounds: number;
  /** Pairs of kernels. */
  readonly pairs?: number;
  /** Begins with a kernel that ends only when a worker has taken part, if there is an order. */
  readonly meet?: boolean;
}

/** The bytes of a program: `pairs` times, all cells are stirred in chunks, and their total is taken. */
export function threadedProgram(options: ProgramOptions): Uint8Array<ArrayBuffer> {
  const { chunks, rounds, pairs = 1, meet = false } = options;
  const conductor: ConductorOptions = {
    features,
    workers: true,
    blocking: true,
    scratchBase: places.scratch,
    scratchBytes: 64,
    ...options,
  };
  const kernels = { stir: stirKernel(chunks, rounds), total: totalKernel(chunks), meet: meetKernel() };
  const calls: KernelCall[] = meet ? [{ code: kernels.meet, addresses: [places.order, places.arrived] }] : [];
  for (let pair = 0; pair < pairs; pair++) {
    calls.push({ code: kernels.stir, addresses: [places.cells, places.total] });
    calls.push({ code: kernels.total, addresses: [places.cells, places.total] });
  }
  return assemble({
    memory: { pages: 1, maximumPages: 65_536, shared: conductor.workers },
    imports: conductorImports(conductor),
    functions: [
      ...Object.values(kernels).flatMap((kernel) => kernel.functions),
      ...writeConductor(calls, conductor),
    ],
    exports: conductorExports(conductor),
  });
}

/** What the cells are after so many steps, by plain JavaScript. */
export function expectedCells({ chunks, rounds, pairs = 1 }: ProgramOptions, steps: number): Int32Array {
  const cells = new Int32Array(chunks);
  let total = 0;
  for (let turn = 0; turn < steps * pairs; turn++) {
    for (let chunk = 0; chunk < chunks; chunk++) {
      let x = cells[chunk]! + total;
      for (let round = 0; round < rounds; round++) x = Math.imul(x, 1_664_525) + chunk;
      cells[chunk] = x;
    }
    total = cells.reduce((sum, cell) => (sum + cell) | 0, 0);
  }
  return cells;
}

function kernelOf(name: string, chunks: number, write: (code: Code) => void): KernelCode {
  const signature = { parameters: ["i32", "i32", "i32", "i32"] } as const;
  return { functions: [writeFunction(name, signature, features, write)], chunks, scratchBytes: 64 };
}

/** `cell[chunk] = lcg^rounds(cell[chunk] + total)`, adding the chunk's number from scratch in every round. */
function stirKernel(chunks: number, rounds: number): KernelCode {
  return kernelOf("stir", chunks, (code) => {
    const [chunk, scratch, cells, total] = code.parameters as [number, number, number, number];
    const address = code.op("i32.add", cells, code.op("i32.mul", chunk, code.i32(4)));
    const x = code.op("i32.add", code.op("i32.load", address), code.op("i32.load", total));
    code.emit("local.get", scratch);
    code.emit("local.get", chunk);
    code.emit("i32.store");
    code.emit("local.get", code.op("i32.mul", chunk, code.i32(4)));
    code.emit("local.get", scratch);
    code.emit("i32.store", places.takers);
    code.forRange({ from: code.i32(0), to: code.i32(rounds), step: 1 }, () => {
      const product = code.op("i32.mul", x, code.i32(1_664_525));
      code.emit("local.get", product);
      code.emit("local.get", scratch);
      code.emit("i32.load");
      code.emit("i32.add");
      code.emit("local.set", x);
    });
    code.emit("local.get", address);
    code.emit("local.get", x);
    code.emit("i32.store");
  });
}

function totalKernel(chunks: number): KernelCode {
  return kernelOf("total", 1, (code) => {
    const [, , cells, total] = code.parameters as [number, number, number, number];
    const sum = code.local("i32");
    code.forRange({ from: code.i32(0), to: code.i32(4 * chunks), step: 4 }, (offset) => {
      const cell = code.op("i32.load", code.op("i32.add", cells, offset));
      code.emit("local.get", sum);
      code.emit("local.get", cell);
      code.emit("i32.add");
      code.emit("local.set", sum);
    });
    code.emit("local.get", total);
    code.emit("local.get", sum);
    code.emit("i32.store");
  });
}

/** Where there is an order, the main thread waits in its chunk until a worker has taken the other; that one obeys. */
function meetKernel(): KernelCode {
  return kernelOf("meet", 2, (code) => {
    const [, scratch, order, arrived] = code.parameters as [number, number, number, number];
    const command = code.op("i32.load", order);
    const when = (operation: "i32.eq" | "i32.ne", x: number, value: number): void => {
      code.emit("local.get", x);
      code.emit("i32.const", value);
      code.emit(operation);
      code.emit("if");
    };
    when("i32.eq", command, orders.none);
    code.emit("return");
    code.emit("end");
    when("i32.ne", scratch, places.scratch);
    code.emit("local.get", arrived);
    code.emit("i32.const", 1);
    code.emit("i32.atomic.store");
    when("i32.eq", command, orders.fail);
    code.emit("unreachable");
    code.emit("end");
    when("i32.eq", command, orders.goOn);
    code.emit("return");
    code.emit("end");
    code.emit("loop");
    code.emit("br", 0);
    code.emit("end");
    code.emit("end");
    // Some seconds, so that a test in which nobody comes fails.
    code.forRange({ from: code.i32(0), to: code.i32(-1), step: 1 }, () => {
      code.emit("local.get", arrived);
      code.emit("i32.atomic.load");
      code.emit("if");
      code.emit("return");
      code.emit("end");
    });
    code.emit("unreachable");
  });
}
