// The functions that run a program, as they are written; that they run right is tested where threads are.

import { expect, test } from "vitest";
import { conductorExports, conductorImports, type ConductorOptions, writeConductor } from "./conductor.ts";
import type { KernelCode } from "./kernel-code.ts";
import { controlBytes } from "./thread-protocol.ts";
import { assemble } from "./wasm/assemble.ts";
import { writeFunction } from "./wasm/code.ts";
import { instructionsOf } from "./wasm/decode.ts";
import type { WasmFunction, WasmModule } from "./wasm/module.ts";

declare const WebAssembly: {
  validate(bytes: Uint8Array): boolean;
  readonly Memory: new (limits: { initial: number; maximum: number; shared: boolean }) => {
    readonly buffer: ArrayBufferLike;
  };
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: unknown,
  ) => { readonly exports: Readonly<Record<string, (...values: number[]) => number>> };
};

const features = { relaxed: false, wide: false };
const options: ConductorOptions = { features, workers: true, scratchBase: controlBytes, scratchBytes: 64 };

function kernel(name: string, chunks: number): KernelCode {
  const body = writeFunction(name, { parameters: ["i32", "i32", "i32"] }, features, () => {});
  return { functions: [body], chunks, scratchBytes: 0 };
}

const kernels = { one: kernel("one", 1), four: kernel("four", 4), none: kernel("none", 0) };

/** Calls of one chunk and of four in turn. */
const callsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    code: index % 2 === 0 ? kernels.one : kernels.four,
    addresses: [8 * index],
  }));

const moduleOf = (functions: readonly WasmFunction[], chosen: ConductorOptions): WasmModule => ({
  memory: { pages: 1, maximumPages: 1, shared: chosen.workers },
  imports: conductorImports(chosen),
  functions: [...Object.values(kernels).flatMap((each) => each.functions), ...functions],
  exports: conductorExports(chosen),
});

const namesOf = (functions: readonly WasmFunction[]): string[] =>
  functions.flatMap((each) => instructionsOf(each).map(([name]) => name));

test.each([0, 1, 3, 255, 256, 257, 513, 3000])("a program of %i calls is a valid module", (count) => {
  for (const chosen of [
    options,
    { ...options, blocking: true },
    { ...options, workers: false },
    { ...options, profile: { address: 2048 } },
  ]) {
    const functions = writeConductor(callsOf(count), chosen);
    expect(WebAssembly.validate(assemble(moduleOf(functions, chosen)))).toBe(true);
  }
});

test("no function grows with the number of calls beyond some hundred", () => {
  for (const workers of [false, true]) {
    const longest = (count: number): number =>
      Math.max(...writeConductor(callsOf(count), { ...options, workers }).map(({ body }) => body.length));
    expect(longest(8192)).toBe(longest(1024));
  }
});

test("without workers nothing is atomic and nothing is exported but `step`", () => {
  const alone = { ...options, workers: false };
  const names = namesOf(writeConductor(callsOf(100), alone));
  expect(names.filter((name) => name.includes("atomic"))).toEqual([]);
  expect(conductorExports(alone)).toEqual(["step"]);
  expect(namesOf(writeConductor(callsOf(100), options)).some((name) => name.includes("atomic"))).toBe(true);
});

test("only a function without locals of its own waits: Node 20 loses those of others", () => {
  const waiting = writeConductor(callsOf(10), { ...options, blocking: true }).filter((each) =>
    instructionsOf(each).some(([name]) => name.startsWith("memory.atomic.wait")),
  );
  expect(waiting.map(({ name }) => name).toSorted()).toEqual(["nap", "sleep"]);
  for (const each of waiting) {
    expect(each.locals).toEqual([]);
    const body = instructionsOf(each);
    expect(body.findLastIndex(([name]) => name === "local.get")).toBeLessThan(
      body.findIndex(([name]) => name.startsWith("memory.atomic.wait")),
    );
  }
});

test("a kernel of no chunks is not called", () => {
  for (const workers of [false, true]) {
    const functions = writeConductor([{ code: kernels.none, addresses: [0] }], { ...options, workers });
    expect(functions.flatMap(instructionsOf).filter(([, name]) => name === "none")).toEqual([]);
  }
});

test("a thread writes to no scratch before it has claimed a chunk: the memory may be another program's by then", () => {
  const functions = writeConductor(callsOf(4), options);
  const namesIn = (name: string): string[] => namesOf(functions.filter((each) => each.name === name));
  const claim = namesIn("claimLast");
  expect(claim.indexOf("i32.store")).toBeGreaterThan(claim.indexOf("i64.atomic.rmw.cmpxchg"));
  expect(claim.indexOf("i64.atomic.rmw.cmpxchg")).toBeGreaterThan(0);
  expect(namesIn("work").filter((each) => each === "i32.store")).toEqual([]);
});

test.each([false, true])("nothing lies in the scratch when a call begins, with workers %s", (workers) => {
  // Counts the chunks that find nothing there, and leaves something.
  const body = writeFunction("counting", { parameters: ["i32", "i32", "i32"] }, features, (code) => {
    code.emit("local.get", 2);
    code.emit("local.get", 2);
    code.emit("i32.load");
    code.emit("local.get", 1);
    code.emit("i32.load");
    code.emit("i32.eqz");
    code.emit("i32.add");
    code.emit("i32.store");
    code.emit("local.get", 1);
    code.emit("i32.const", 7);
    code.emit("i32.store");
  });
  const counting: KernelCode = { functions: [body], chunks: 4, scratchBytes: 64 };
  const [calls, counts] = [3, 4096];
  const chosen = { ...options, workers };
  const functions = writeConductor(
    Array.from({ length: calls }, () => ({ code: counting, addresses: [counts] })),
    chosen,
  );
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: workers });
  const module = new WebAssembly.Module(assemble(moduleOf([body, ...functions], chosen)));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  expect([exports["step"]!(), exports["step"]!()]).toEqual([0, 0]);
  expect(new Int32Array(memory.buffer)[counts / 4]).toBe(2 * calls);
});
