// A program as functions: `step` calls every kernel in order; chunks of large kernels are shared among threads.
// Every chunk runs exactly once a step, whichever thread takes it, so results do not depend on their number.

import { writeClear, type KernelCode } from "./kernel-code.ts";
import { threadFunctions } from "./thread-protocol.ts";
import { largestField } from "./thread-ticket.ts";
import { type Code, type Features, type Local, writeFunction } from "./wasm/code.ts";
import type { ImportedFunction, WasmFunction } from "./wasm/module.ts";

/** One call of a kernel, with everything but the chunk and the thread settled. */
export interface KernelCall {
  /** The code, whose functions have names that are unique in the module; several calls may share one. */
  readonly code: KernelCode;
  /** Bytes from the start of memory to each operand. */
  readonly addresses: readonly number[];
}

/** What else a program's threads must know. */
export interface ConductorOptions {
  readonly features: Features;
  /** Whether other threads may take part; without them there is nothing atomic in the module. */
  readonly workers: boolean;
  /**
   * Thread `t` (0 is the one that calls `step`) has `scratchBytes` bytes from `scratchBase + t * scratchBytes`, as long as
   * it has a chunk.
   */
  readonly scratchBase: number;
  readonly scratchBytes: number;
  /** Whether the thread that calls `step` may sleep; the main thread of a page may not. Default false. */
  readonly blocking?: boolean;
  /** Milliseconds for which `step` waits for a chunk of another thread before it gives up. Default 10,000. */
  readonly patience?: number;
  /** Milliseconds after which a parked thread leaves `work`. Default 1,000. */
  readonly idle?: number;
  /** Where to add up each call's nanoseconds, as f64 in the order of the calls. */
  readonly profile?: { readonly address: number };
}

/** Calls in one function: V8 compiles giant functions slowly. */
const callsPerFunction = 256;

/** What a module with the conductor imports besides its memory. */
export function conductorImports(options: ConductorOptions): readonly ImportedFunction[] {
  return options.profile === undefined ? [] : [{ name: "now", parameters: [], results: ["f64"] }];
}

/** What a module with the conductor exports. */
export function conductorExports(options: ConductorOptions): readonly string[] {
  return options.workers ? ["step", "shares", "work", "enter", "leave", "fail"] : ["step"];
}

/**
 * The functions that run a program:
 * - `step(): i32` runs everything once; 0, or 1 when another thread failed or did not finish a chunk in time, after
 *   which the program must not be used again;
 * - `shares(): i32` is the number of calls whose chunks are shared: where it is 0, threads are of no use;
 * - `work(thread: i32, program: i32): i32` takes part while that program is entered (0 when it is not any more), or
 *   until nothing has happened for long (1);
 * - `enter(program: i32)` and `leave()`, for the thread that calls `step`: which program of this memory others shall take
 *   part in, by a number from 1 to `largestField`, and that it is none;
 * - `fail()`, for another thread whose chunk raised an error: `step` returns 1.
 * With workers, the first `controlBytes` bytes of memory belong to these functions and must be 0 at the beginning.
 */
export function writeConductor(
  calls: readonly KernelCall[],
  options: ConductorOptions,
): readonly WasmFunction[] {
  if (!options.workers) return stepFunctions(calls, options, new Map());
  const fits = ({ code }: KernelCall): boolean => code.chunks > 1 && code.chunks <= largestField;
  const shared = calls.filter(fits).slice(0, largestField);
  const numbers = new Map(shared.map((call, number) => [call, number]));
  return [
    ...taskFunctions(shared, options.features),
    ...threadFunctions(options),
    writeFunction("shares", { parameters: [], results: ["i32"] }, options.features, (code) =>
      code.emit("i32.const", shared.length),
    ),
    ...stepFunctions(calls, options, numbers),
  ];
}

/** `step`, in parts; `numbers` are those of the calls whose chunks are shared. */
function stepFunctions(
  calls: readonly KernelCall[],
  options: ConductorOptions,
  numbers: ReadonlyMap<KernelCall, number>,
): readonly WasmFunction[] {
  const part = (name: string, from: number, to: number): WasmFunction =>
    writeFunction(name, { parameters: [], results: ["i32"] }, options.features, (code) => {
      const turn = code.local("i32");
      for (let index = from; index < to; index++) {
        const call = calls[index]!;
        timed(code, options.profile?.address, index, () =>
          writeCall(code, call, { turn, scratch: options.scratchBase, number: numbers.get(call) }),
        );
      }
      code.emit("i32.const", 0);
    });
  if (calls.length <= callsPerFunction) return [part("step", 0, calls.length)];
  const parts: WasmFunction[] = [];
  for (let from = 0; from < calls.length; from += callsPerFunction) {
    parts.push(part(`step.${parts.length}`, from, Math.min(calls.length, from + callsPerFunction)));
  }
  return [
    ...parts,
    writeFunction("step", { parameters: [], results: ["i32"] }, options.features, (code) => {
      for (const { name } of parts) orReturn(code, () => code.emit("call", name));
      code.emit("i32.const", 0);
    }),
  ];
}

/** A call of `step`: shared where it has a number, else all chunks in a row. */
function writeCall(
  code: Code,
  { code: kernel, addresses }: KernelCall,
  { turn, scratch, number }: { turn: Local; scratch: number; number: number | undefined },
): void {
  const enter = (pushChunk: () => void): void => {
    pushChunk();
    code.emit("i32.const", scratch);
    for (const address of addresses) code.emit("i32.const", address);
    code.emit("call", kernel.functions[0]!.name);
  };
  if (number !== undefined) {
    orReturn(code, () => {
      code.emit("i32.const", number);
      code.emit("i32.const", kernel.chunks);
      code.emit("call", "share");
    });
  } else if (kernel.chunks === 1) {
    enter(() => code.emit("i32.const", 0));
  } else if (kernel.chunks > 1) {
    writeClear(code, () => code.emit("i32.const", scratch), kernel.scratchBytes);
    code.emit("i32.const", 0);
    code.emit("local.set", turn);
    code.emit("loop");
    enter(() => code.emit("local.get", turn));
    code.emit("local.get", turn);
    code.emit("i32.const", 1);
    code.emit("i32.add");
    code.emit("local.tee", turn);
    code.emit("i32.const", kernel.chunks);
    code.emit("i32.lt_u");
    code.emit("br_if", 0);
    code.emit("end");
  }
}

/** Returns 1 from the function when what `push` leaves on the stack is not 0. */
function orReturn(code: Code, push: () => void): void {
  push();
  code.emit("if");
  code.emit("i32.const", 1);
  code.emit("return");
  code.emit("end");
}

/** Adds the time that `inner` takes to the table at `address`, where there is one. */
function timed(code: Code, address: number | undefined, index: number, inner: () => void): void {
  if (address === undefined) return inner();
  const began = code.local("f64");
  code.emit("call", "now");
  code.emit("local.set", began);
  inner();
  code.emit("i32.const", address + 8 * index);
  code.emit("call", "now");
  code.emit("local.get", began);
  code.emit("f64.sub");
  code.emit("f64.const", 1e6);
  code.emit("f64.mul");
  code.emit("i32.const", address + 8 * index);
  code.emit("f64.load");
  code.emit("f64.add");
  code.emit("f64.store");
}

const taskSignature = { parameters: ["i32", "i32", "i32"] } as const;

/** `task(call, chunk, scratch)`: one chunk of any shared call, found by a tree of jump tables. */
function taskFunctions(shared: readonly KernelCall[], features: Features): readonly WasmFunction[] {
  const leaf = (name: string, calls: readonly KernelCall[]): WasmFunction =>
    writeFunction(name, taskSignature, features, (code) =>
      jump(code, calls.length, (which) => {
        const { code: kernel, addresses } = calls[which]!;
        code.emit("local.get", 1);
        code.emit("local.get", 2);
        for (const address of addresses) code.emit("i32.const", address);
        code.emit("call", kernel.functions[0]!.name);
      }),
    );
  if (shared.length <= callsPerFunction) return [leaf("task", shared)];
  const leaves: WasmFunction[] = [];
  for (let from = 0; from < shared.length; from += callsPerFunction) {
    leaves.push(leaf(`task.${leaves.length}`, shared.slice(from, from + callsPerFunction)));
  }
  return [
    ...leaves,
    writeFunction("task", taskSignature, features, (code) =>
      jump(
        code,
        leaves.length,
        (which) => {
          for (const parameter of [0, 1, 2]) code.emit("local.get", parameter);
          code.emit("call", leaves[which]!.name);
        },
        { divisor: callsPerFunction },
      ),
    ),
  ];
}

/** Runs the case of the first parameter, modulo `callsPerFunction` or divided by `divisor`. */
function jump(
  code: Code,
  count: number,
  write: (which: number) => void,
  { divisor }: { divisor?: number } = {},
): void {
  if (count === 0) return;
  for (let which = 0; which <= count; which++) code.emit("block");
  code.emit("local.get", 0);
  code.emit("i32.const", divisor ?? callsPerFunction);
  code.emit(divisor === undefined ? "i32.rem_u" : "i32.div_u");
  code.emit(
    "br_table",
    Array.from({ length: count + 1 }, (_, which) => which),
  );
  code.emit("end");
  for (let which = 0; which < count; which++) {
    write(which);
    code.emit("return");
    code.emit("end");
  }
}
