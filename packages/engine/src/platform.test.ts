// What the platform can do, and what is concluded where something is missing.

import { expect, test } from "vitest";
import { detectPlatform, nodeModule, type Scope } from "./platform.ts";

const here = globalThis as Scope;
const { process, SharedArrayBuffer: Shared } = here;

test("Node has SIMD, relaxed SIMD from Node 20 on, threads, and may sleep", () => {
  const platform = detectPlatform();
  expect(platform).toMatchObject({ simd: true, threads: true, blocking: true });
  expect(platform.features).toEqual({ relaxed: true, wide: false });
  expect(platform.parallelism).toBeGreaterThanOrEqual(1);
});

test("without SharedArrayBuffer there are no threads", () => {
  expect(detectPlatform({}, { process: process! })).toMatchObject({ threads: false, blocking: false });
});

test("a page that is not isolated has no threads, one that is has as many as its navigator says", () => {
  const page: Scope = {
    SharedArrayBuffer: Shared!,
    Worker: {},
    navigator: { hardwareConcurrency: 6 },
  };
  expect(detectPlatform({}, { ...page, crossOriginIsolated: false }).threads).toBe(false);
  expect(detectPlatform({}, { ...page, crossOriginIsolated: true })).toMatchObject({
    threads: true,
    parallelism: 6,
  });
});

test("without workers there are no threads", () => {
  expect(detectPlatform({}, { SharedArrayBuffer: Shared! }).threads).toBe(false);
});

test("turbo is for Node from 24 on x64 alone", () => {
  const flags: string[] = [];
  const machine = (node: string, arch: string): Scope => ({
    process: {
      versions: { node },
      arch,
      getBuiltinModule: (name) =>
        name === "node:v8"
          ? { setFlagsFromString: (flag: string) => flags.push(flag) }
          : { availableParallelism: () => 1 },
    },
  });
  const wide = (node: string, arch: string): boolean =>
    detectPlatform({ turbo: true }, machine(node, arch)).features.wide;
  expect([wide("22.1.0", "x64"), wide("24.0.0", "arm64")]).toEqual([false, false]);
  expect(flags).not.toContain("--experimental-wasm-revectorize");
  expect(wide("24.0.0", "x64")).toBe(true);
  expect(flags).toContain("--experimental-wasm-revectorize");
  expect(detectPlatform({ turbo: true }, {}).features.wide).toBe(false);
});

test("Node's modules are not there in a browser", () => {
  expect(nodeModule("node:os")).toBeDefined();
  expect(nodeModule("node:os", {})).toBeUndefined();
});
