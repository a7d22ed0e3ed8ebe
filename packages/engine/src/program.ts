// A graph that runs: on values that come anew with each run, or with its parameters resident.

import type { CompiledProgram } from "@wengert/compiler";
import {
  check,
  requireDocument,
  requireKnownFields,
  type Arrays,
  type Graph,
  type Program,
  type RunOptions,
  type RunResult,
  type Sizes,
  type Values,
} from "@wengert/tensor";
import { fitterOf, requireAllSizes } from "./feed-checks.ts";
import { formsOf, type Context } from "./forms.ts";
import { residentOf, type WasmResident } from "./resident.ts";
import { createSpace, type Form, type Space } from "./space.ts";

/** A program of the WebAssembly engine. */
export interface WasmProgram extends Program {
  /**
   * Outputs and updates, as copies.
   * @throws InputError when values do not fit; also when a bool is another byte than 0 or 1, which the reference
   * evaluator takes, and gives results for that depend on the operation. CompileError when sizes are new and the program
   * for them would be too large, or threads were lost.
   */
  run(values: Values, options?: RunOptions): RunResult;
  bind(state: Values): WasmResident;
  /**
   * The compiled form for sizes of the named dimensions: kernels, plan, bytes. It may have room for up to twice as much
   * along dimensions whose number it learns when it runs: `loopDimensions` of `@wengert/compiler` tells which.
   * @throws InputError when a dimension has no size, is unknown, or its size is no whole number from 0.
   */
  compiled(sizes?: Sizes): CompiledProgram;
}

/**
 * The program of a graph.
 * @throws GraphError when it is no well-formed graph document, CompileError when it cannot be compiled.
 */
export function programOf(context: Context, document: Graph): WasmProgram {
  // Here and not in the compiler: once a graph, however many sizes it is compiled for.
  requireDocument("compile", document);
  check(document);
  const forms = formsOf(context, document);
  const feeds = { ...forms.inputs, ...forms.parameters };
  const names = Object.keys(feeds);
  const fit = fitterOf(feeds, forms.dimensions);
  let space: Space | undefined;
  const attempt = (form: Form, arrays: Arrays): RunResult => {
    try {
      space ??= createSpace(form, context.pool);
      space.enter(form);
      space.write(names, arrays);
      space.step();
      return { outputs: space.outputs(false), updates: space.parameters(form.loaded.program.updates) };
    } catch (error) {
      // Nothing is kept between runs, so a new memory serves as well.
      if (space?.isBroken() === true) space = undefined;
      throw error;
    }
  };
  return {
    run(values, options) {
      requireKnownFields("run", options, ["sizes"]);
      const { arrays, sizes } = fit(values, { told: options?.sizes });
      const form = forms.of(sizes, space?.loaded());
      const { threads } = context.pool.status();
      try {
        return attempt(form, arrays);
      } catch (error) {
        // Where threads were lost, those that are left begin again.
        if (space !== undefined || context.pool.status().threads === threads) throw error;
        return attempt(form, arrays);
      }
    },
    bind: (state) => residentOf(context, forms, state),
    compiled(sizes = {}) {
      requireAllSizes("compiled", sizes, forms.dimensions);
      return forms.of(sizes).loaded.program;
    },
  };
}
