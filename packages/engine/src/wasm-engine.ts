// The WebAssembly engine: graphs compiled for the sizes they meet, run in one memory, parameters resident.

import { CompileError, type Engine, type Graph } from "@wengert/tensor";
import type { Features } from "@wengert/compiler";
import { requireOptions, threadsOf, type WasmEngineOptions } from "./engine-options.ts";
import type { Context } from "./forms.ts";
import { detectPlatform } from "./platform.ts";
import { threadPool, type PoolStatus } from "./pool.ts";
import { programOf, type WasmProgram } from "./program.ts";

/** The WebAssembly engine and what it found. */
export interface WasmEngine extends Engine {
  compile(graph: Graph): Promise<WasmProgram>;
  /** Threads that take part, and what went wrong with others. */
  status(): PoolStatus & { readonly features: Features };
  /** Resolves when all threads have started; nobody needs to wait. */
  ready(): Promise<void>;
  /** Ends the threads; programs go on without them. */
  close(): void;
}

/**
 * The WebAssembly engine: a graph becomes a module for every binding of its named dimensions, or one for
 * many where a dimension is no more than the bound of loops.
 * @throws CompileError when the platform has no SIMD.
 * @example
 * ```ts
 * import { wasmEngine } from "@wengert/engine";
 * import { graph, input, parameter, matmul } from "@wengert/tensor";
 *
 * const program = await wasmEngine().compile(graph(matmul(parameter("W", [1, 2]), input("X", [2, "m"]))));
 * const resident = program.bind({ W: [[1, 2]] });
 * console.log(resident.run({ X: [[1, 2, 3], [4, 5, 6]] }).output.data.join(" "));
 * ```
 * ```text
 * 9 12 15
 * ```
 */
export function wasmEngine(options: WasmEngineOptions = {}): WasmEngine {
  requireOptions(options);
  const platform = detectPlatform({ turbo: options.turbo ?? false });
  if (!platform.simd) throw new CompileError("wasmEngine: the platform must have WebAssembly SIMD, got none");
  const threads = threadsOf(options, platform);
  // Its threads start when a program first has work for them.
  const pool = threadPool(threads - 1);
  const context: Context = {
    // A copy, for all programs shall be compiled alike.
    options: { ...options },
    platform,
    threads,
    features: options.features === "standard" ? { relaxed: false, wide: false } : platform.features,
    pool,
  };
  return {
    name: "wasm",
    compile: (document) => Promise.resolve().then(() => programOf(context, document)),
    status: () => ({ ...pool.status(), features: context.features }),
    ready: () => pool.ready(),
    close: () => pool.close(),
  };
}
