// A module that does nothing but multiply and add in registers, and copy bytes: what the machine can do at most.

import { assemble } from "./wasm/assemble.ts";
import { writeFunction, type Features } from "./wasm/code.ts";
import type { WasmFunction } from "./wasm/module.ts";

/** Chains of dependent operations: enough to hide the latency of any current core. */
const chains = 12;

/** Floating-point operations of one turn of `compute`. */
export const flopPerTurn: number = chains * 4 * 2;

/**
 * The bytes of a module with `compute(turns)`, which multiplies and adds f32 vectors in registers, and
 * `copy(to, from, bytes)`, over an imported memory `env.memory` of one page or more.
 */
export function roofModule(features: Features): Uint8Array<ArrayBuffer> {
  const type = "f32x4";
  const compute = writeFunction("compute", { parameters: ["i32"], results: ["f32"] }, features, (code) => {
    const sums = Array.from({ length: chains }, () => code.local("v128"));
    const [x, y] = [code.f32x4(0.999), code.f32x4(0.001)];
    code.forRange({ from: code.i32(0), to: code.parameters[0]!, step: 1 }, () => {
      for (const sum of sums) {
        code.emit("local.get", code.madd(type, sum, x, y));
        code.emit("local.set", sum);
      }
    });
    const total = sums.reduce((a, b) => code.op("f32x4.add", a, b));
    code.emit("local.get", total);
    code.emit("f32x4.extract_lane", 0);
  });
  const copy = writeFunction("copy", { parameters: ["i32", "i32", "i32"] }, features, (code) => {
    for (const parameter of code.parameters) code.emit("local.get", parameter);
    code.emit("memory.copy");
  });
  const functions: readonly WasmFunction[] = [compute, copy];
  return assemble({
    memory: { pages: 1, maximumPages: 65_536, shared: false },
    imports: [],
    functions,
    exports: functions.map(({ name }) => name),
  });
}
