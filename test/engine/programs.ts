// The engines under test, and programs of them whose memory plan has been checked.

import { checkKernels, checkPlan } from "@wengert/compiler";
import { wasmEngine, type WasmEngine, type WasmProgram } from "@wengert/engine";
import { interpret, type Arrays, type Graph, type RunResult, type Sizes } from "@wengert/tensor";
import { disagreement } from "./agreement.ts";

/** With what the platform has. One thread, since every thread takes part in each of thousands of programs. */
export const engine: WasmEngine = wasmEngine({ threads: 1 });

/** With nothing beyond the standard. */
export const standardEngine: WasmEngine = wasmEngine({ threads: 1, features: "standard" });

/** The program of a graph; its plan for the sizes is sound. */
export async function programOf(
  document: Graph,
  { on = engine, sizes = {} }: { readonly on?: WasmEngine; readonly sizes?: Sizes } = {},
): Promise<WasmProgram> {
  const program = await on.compile(document);
  const { kernels, plan } = program.compiled(sizes);
  const problems = [...checkKernels(kernels), ...checkPlan(kernels, plan)];
  if (problems.length > 0) throw new Error(`the plan is not sound: ${problems.join("; ")}`);
  return program;
}

/** What two records of arrays do not have in common, to the bit. */
export function differences(found: Arrays, wanted: Arrays): readonly string[] {
  const names = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
  return names.flatMap((name) => {
    const [a, b] = [found[name], wanted[name]];
    if (a === undefined || b === undefined) return [`${name}: ${a === undefined ? "missing" : "unexpected"}`];
    const difference = disagreement(a, b);
    return difference === undefined ? [] : [`${name}: ${difference}`];
  });
}

/** Runs a graph on an engine and on the reference evaluator. */
export async function runBoth(
  document: Graph,
  values: Arrays,
  on: WasmEngine = engine,
): Promise<{ readonly found: RunResult; readonly wanted: RunResult }> {
  const program = await programOf(document, { on });
  return { found: program.run(values), wanted: interpret(document).run(values) };
}
