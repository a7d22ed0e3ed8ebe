// What the parent asks a peer's process, and what it answers: a line of JSON each, requests on standard input and
// answers on descriptor 3, so that nothing that a library prints can be taken for an answer.

import { type Net } from "./nets.ts";

/** The operations that are measured by themselves. */
export type ElementwiseName = "exp" | "sigmoid" | "tanh" | "relu";

/** A request. */
export type Request =
  /** Loads a network and its data, makes the training step, and runs it once. */
  | { readonly kind: "prepare"; readonly net: Net; readonly file: string }
  /** Runs so many further steps, or fewer when `seconds` have passed; one at least. */
  | { readonly kind: "steps"; readonly count: number; readonly seconds: number }
  /** Makes an elementwise operation over so many elements, and runs it once. */
  | { readonly kind: "elementwise"; readonly op: ElementwiseName; readonly elements: number };

/** The answer to `prepare` and `elementwise`. */
export interface Prepared {
  /** Milliseconds from the data to a step that could run: building, differentiating, compiling. */
  readonly compileTime: number;
  /** Milliseconds of the first step, which compiles where the library does it then. */
  readonly firstTime: number;
  readonly loss: number;
  /** What runs: library versions, threads and flags as the process sees them. */
  readonly about: string;
}

/** The answer to `steps`. */
export interface Stepped {
  /** Milliseconds of every step. */
  readonly times: readonly number[];
  /** The cost before the update of every step. */
  readonly losses: readonly number[];
  /** Bytes of the largest resident set so far. */
  readonly peakMemory: number;
}

/** The answer when a request failed. */
export interface Failed {
  readonly error: string;
}

/** One training, or one operation, in a peer's process. */
export interface Task {
  readonly about: string;
  /** One step; it gives the cost as a number, so that nothing is left to be computed when it returns. */
  readonly step: () => number | Promise<number>;
}
