// What every engine is: a way to make a program of a graph. Nothing here knows how.

import type { Graph } from "./graph.ts";
import type { NdArray } from "./ndarray.ts";
import type { Sizes } from "./shape.ts";
import type { Values } from "./values.ts";

/** Arrays by name. */
export type Arrays = Readonly<Record<string, NdArray>>;

/** What one run gives: the outputs, and what the parameters become. */
export interface RunResult {
  readonly outputs: Arrays;
  readonly updates: Arrays;
}

/** What a run may be told besides values. */
export interface RunOptions {
  /** Sizes of named dimensions of the graph that no value tells, such as those of a gradient that is zero or constant. */
  readonly sizes?: Sizes;
}

/** A graph that is ready to run. */
export interface Program {
  /** Outputs and updates for the values of all inputs and parameters; nothing is kept. */
  run(values: Values, options?: RunOptions): RunResult;
  /** A resident that keeps the given values of all parameters, and applies the updates to them after each run. */
  bind(state: Values): Resident;
}

/** A program with its parameters. */
export interface Resident {
  /** Outputs for the values of the inputs; afterwards the parameters have their next values. */
  run(inputs: Values, options?: RunOptions): Arrays;
  /** The present values of all parameters. */
  state(): Arrays;
}

/** A way to run graphs. */
export interface Engine {
  readonly name: string;
  /** @throws CompileError when the engine cannot run the graph. */
  compile(graph: Graph): Promise<Program>;
}
