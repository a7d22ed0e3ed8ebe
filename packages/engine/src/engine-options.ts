// What an engine may be told, and the refusal of everything else.

import { mostThreads } from "@wengert/compiler";
import { InputError, requireKnownFields, shownValue } from "@wengert/tensor";
import type { Platform } from "./platform.ts";

/** How the engine runs. */
export interface WasmEngineOptions {
  /** Threads that share the work, the calling one included; default `"auto"`, as many as the machine runs at once, up to 16. */
  readonly threads?: number | "auto";
  /** Instructions beyond the standard; default `"auto"`, what the platform has. `"standard"` uses none. */
  readonly features?: "auto" | "standard";
  /**
   * V8's experimental 256-bit vectors, for the whole process; default false. Only on Node from
   * 24 on x64: `status().features.wide` tells whether it is in effect, and nothing changes where it is not.
   */
  readonly turbo?: boolean;
  /** Whether every kernel's time is measured; see `profile` of a program. Default false. */
  readonly profile?: boolean;
  /** Whether every buffer is surrounded by bytes that are checked after each run. Default false. */
  readonly debug?: boolean;
}

/** What each option may be. */
const choices: Readonly<Record<keyof WasmEngineOptions, readonly unknown[] | "number">> = {
  threads: "number",
  features: ["auto", "standard"],
  turbo: [true, false],
  profile: [true, false],
  debug: [true, false],
};

/** @throws InputError when an option is unknown, or not what it may be; nothing has been changed then. */
export function requireOptions(options: WasmEngineOptions): void {
  requireKnownFields("wasmEngine", options, Object.keys(choices));
  for (const [name, value] of Object.entries(options)) {
    const allowed = choices[name as keyof WasmEngineOptions];
    if (allowed === "number" || value === undefined || allowed.includes(value)) continue;
    throw new InputError(`wasmEngine: ${name} must be ${allowed.join(" or ")}, got ${shownValue(value)}`);
  }
  const { threads = "auto" } = options;
  if (threads !== "auto" && !(Number.isInteger(threads) && threads >= 1 && threads <= mostThreads))
    throw new InputError(
      `wasmEngine: threads must be a whole number from 1 to ${mostThreads} or "auto", got ${shownValue(threads)}`,
    );
}

/** The number of threads on a platform. */
export function threadsOf({ threads = "auto" }: WasmEngineOptions, platform: Platform): number {
  if (!platform.threads) return 1;
  return threads === "auto" ? Math.min(platform.parallelism, 16) : threads;
}
