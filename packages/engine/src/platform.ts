// What the machine and its JavaScript can do: found out by trying, on any platform. Node's own modules are asked for at
// run time, so that bundlers see no import of them; in a browser they are simply not there.

import type { Features } from "@wengert/compiler";

/** The parts of Node's modules that this package uses. */
interface NodeModules {
  "node:v8": { setFlagsFromString(flags: string): void };
  "node:os": { availableParallelism(): number };
  "node:worker_threads": { Worker: new (url: URL, options: object) => NodeWorker };
}

/** A worker of `node:worker_threads`. */
export interface NodeWorker {
  on(event: string, listener: (value: unknown) => void): void;
  postMessage(message: unknown, transfer: readonly never[]): void;
  terminate(): Promise<unknown>;
  ref(): void;
  unref(): void;
}

interface NodeProcess {
  readonly versions?: { readonly node?: string };
  readonly arch?: string;
  getBuiltinModule?(name: string): unknown;
}

/** The global scope, with what only some platforms have. */
export interface Scope {
  readonly process?: NodeProcess;
  readonly SharedArrayBuffer?: typeof SharedArrayBuffer;
  readonly Worker?: unknown;
  readonly crossOriginIsolated?: boolean;
  readonly navigator?: { readonly hardwareConcurrency?: number };
}

/** One of Node's modules, or undefined elsewhere. */
export function nodeModule<K extends keyof NodeModules>(
  name: K,
  scope: Scope = globalThis,
): NodeModules[K] | undefined {
  if (scope.process?.versions?.node === undefined) return undefined;
  return scope.process.getBuiltinModule?.(name) as NodeModules[K] | undefined;
}

/** What was found. */
export interface Platform {
  readonly features: Features;
  /** Whether there is SIMD at all, which every program needs. */
  readonly simd: boolean;
  /** Whether threads can share memory. */
  readonly threads: boolean;
  /** Whether the calling thread may sleep; the main thread of a page may not. */
  readonly blocking: boolean;
  /** Threads that the machine runs at once. */
  readonly parallelism: number;
}

/**
 * What this platform can do. On Node 20 relaxed SIMD is switched on first; `turbo` switches on V8's experimental
 * revectorizer, where there is one: both are settings of the process, for modules that are compiled later.
 */
export function detectPlatform(
  { turbo = false }: { readonly turbo?: boolean } = {},
  scope: Scope = globalThis,
): Platform {
  const simd = WebAssembly.validate(Uint8Array.from(simdProbe));
  const threads = canShare(scope);
  return {
    features: { relaxed: hasRelaxed(scope), wide: turbo && revectorize(scope) },
    simd,
    threads,
    blocking: threads && canBlock(),
    parallelism:
      nodeModule("node:os", scope)?.availableParallelism() ?? scope.navigator?.hardwareConcurrency ?? 1,
  };
}

/** A module with one function of no parameters; its result is the vector that `body` leaves. */
function probe(...body: readonly number[]): readonly number[] {
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0];
  return [...head, 10, body.length + 4, 1, body.length + 2, 0, ...body, 0x0b];
}

const splat = [0x41, 0, 0xfd, 0x0f] as const;
const simdProbe = probe(...splat);
const relaxedProbe = probe(...splat, ...splat, ...splat, 0xfd, 0x85, 0x02);

function hasRelaxed(scope: Scope): boolean {
  const bytes = Uint8Array.from(relaxedProbe);
  if (WebAssembly.validate(bytes)) return true;
  nodeModule("node:v8", scope)?.setFlagsFromString("--experimental-wasm-relaxed-simd");
  return WebAssembly.validate(bytes);
}

/** V8 has the revectorizer for x64 alone; before Node 24 it gains nothing. */
function revectorize(scope: Scope): boolean {
  const major = Number.parseInt(scope.process?.versions?.node ?? "0", 10);
  if (major < 24 || scope.process?.arch !== "x64") return false;
  const v8 = nodeModule("node:v8", scope);
  v8?.setFlagsFromString("--experimental-wasm-revectorize");
  return v8 !== undefined;
}

/** A page that is not isolated from other origins may not share memory, even where it may make one. */
function canShare(scope: Scope): boolean {
  if (scope.SharedArrayBuffer === undefined || scope.crossOriginIsolated === false) return false;
  if (scope.Worker === undefined && nodeModule("node:worker_threads", scope) === undefined) return false;
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    return memory.buffer instanceof scope.SharedArrayBuffer;
  } catch {
    return false;
  }
}

function canBlock(): boolean {
  try {
    // The word is not 1, so a wait that is allowed returns at once.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0);
    return true;
  } catch {
    return false;
  }
}
