// The calls of a program → one WebAssembly module, with the functions of the library that they need.

import {
  conductorExports,
  conductorImports,
  writeConductor,
  type ConductorOptions,
  type KernelCall,
} from "./conductor.ts";
import { libraryFunctions } from "./functions/library.ts";
import { functionsOf } from "./kernel-code.ts";
import { calleesOf, pageBytes, type WasmFunction, type WasmModule } from "./wasm/module.ts";

/** What a module is told about its memory. */
export interface JoinOptions extends ConductorOptions {
  /** Bytes that the program uses. */
  readonly memoryBytes: number;
}

/** Pages that a 32-bit memory can have. */
const mostPages = 65_536;

/** One module with the code of all kernels and the functions that call them. */
export function joinModule(calls: readonly KernelCall[], options: JoinOptions): WasmModule {
  const kernels = functionsOf(new Set(calls.map(({ code }) => code)));
  const library = neededFunctions(kernels, () => libraryFunctions(options.features));
  return {
    memory: {
      pages: Math.max(1, Math.ceil(options.memoryBytes / pageBytes)),
      maximumPages: mostPages,
      shared: options.workers,
    },
    imports: conductorImports(options),
    functions: [...library, ...kernels, ...writeConductor(calls, options)],
    exports: conductorExports(options),
  };
}

/** The functions of a library that others call, and those that they call in turn; it is written when one is. */
function neededFunctions(
  callers: readonly WasmFunction[],
  writeLibrary: () => readonly WasmFunction[],
): readonly WasmFunction[] {
  const own = new Set(callers.map(({ name }) => name));
  const foreign = callers.flatMap(calleesOf).filter((name) => !own.has(name));
  if (foreign.length === 0) return [];
  const library = writeLibrary();
  const byName = new Map(library.map((each) => [each.name, each]));
  const needed = new Set(foreign);
  for (const name of needed) for (const callee of calleesOf(byName.get(name)!)) needed.add(callee);
  return library.filter(({ name }) => needed.has(name));
}
