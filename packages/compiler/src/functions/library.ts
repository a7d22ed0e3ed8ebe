// The functions that the code of vector functions calls in rare cases. They are scalar and touch no memory; whoever
// makes a module of functions that call them, by names that begin with `lib.`, adds them and those that they call.

import type { Features } from "../wasm/code.ts";
import type { WasmFunction } from "../wasm/module.ts";
import { reduceAngle, twoOverPi } from "./reduce-angle.ts";
import { multiplyHigh, remainder } from "./scalar-arithmetic.ts";

/** Every library function, for a platform. */
export function libraryFunctions(features: Features): readonly WasmFunction[] {
  return [...twoOverPi(features), reduceAngle(features), multiplyHigh(features), remainder(features)];
}
