// The engine whose programs are measured, in one place.

import { referenceEngine, type Engine } from "@wengert/tensor";

/** How an engine is made: threads, and whether it may set experimental flags of the platform. */
export interface EngineChoice {
  readonly threads: number;
  readonly turbo: boolean;
}

/** The engine, and what it is in words. */
export function engineFor(_choice: EngineChoice): { readonly engine: Engine; readonly about: string } {
  return { engine: referenceEngine, about: "reference engine, 1 thread" };
}
