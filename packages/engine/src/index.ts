/**
 * Programs that run: memory, instances, worker threads and resident state for compiled graphs.
 *
 * @packageDocumentation
 */

// The engine
export { wasmEngine } from "./wasm-engine.ts";
export type { WasmEngine } from "./wasm-engine.ts";
export type { WasmEngineOptions } from "./engine-options.ts";
export type { WasmProgram } from "./program.ts";
export type { WasmResident } from "./resident.ts";
export { formatProfile } from "./profile.ts";
export type { KernelProfile } from "./profile.ts";
export { measureRoof } from "./roof.ts";
export type { Roof } from "./roof.ts";
export type { PoolStatus } from "./pool.ts";
