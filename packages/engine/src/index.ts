/**
 * Programs that run: memory, instances, worker threads and resident state for compiled graphs.
 *
 * @packageDocumentation
 */

// The engine
export { wasmEngine } from "./wasm-engine.ts";
export type { WasmEngine, WasmEngineOptions, WasmProgram, WasmResident } from "./wasm-engine.ts";
export type { PoolStatus } from "./pool.ts";
