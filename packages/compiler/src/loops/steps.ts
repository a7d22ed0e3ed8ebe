// The steps of a nest where they are known first: loads, constants, positions and operations, once for every vector.

import type { DType } from "@wengert/tensor";
import type { Step, StepId } from "../kernel.ts";
import type { Code, Local } from "../wasm/code.ts";
import { writeLoad, type Scope } from "./accesses.ts";
import { arithmetic, type ElementwiseName } from "./arithmetic.ts";
import { writeIndex } from "./index-step.ts";
import { readBack, type Nest } from "./nest.ts";
import type { Writer } from "./turns.ts";

/** Steps that do not vary over reduced loops, by the pass after which they are known and the depth. */
export function keptSteps({ times, steps, passes }: Nest): Writer["kept"] {
  const kept = Array.from({ length: passes + 1 }, (): StepId[][] => []);
  for (let id = 0; id < steps.length; id++) {
    const { varies, pass, depth } = times[id]!;
    if (!varies && steps[id]!.kind !== "reduce") (kept[pass + 1]![depth] ??= []).push(id);
  }
  return kept;
}

/** Steps that are known at a depth after a pass, -1 being none. */
export function stepsAt({ kept }: Writer, depth: number, pass: number): readonly StepId[] {
  return kept[pass + 1]?.[depth] ?? [];
}

/** The scope after computing the steps. */
export function withSteps(writer: Writer, scope: Scope, ids: readonly StepId[], pass = 0): Scope {
  if (ids.length === 0) return scope;
  const values = scope.values.slice();
  const inner: Scope = { ...scope, values };
  for (const id of ids) values[id] = writeStep(writer, inner, id, pass);
  return inner;
}

function writeStep(writer: Writer, scope: Scope, id: StepId, pass: number): readonly Local[] {
  const { nest, code } = writer;
  const step = nest.steps[id]!;
  const { dtype } = step;
  const stored = readBack(nest, id, pass);
  if (stored !== undefined && nest.times[id]!.varies) return writeLoad(writer, scope, stored, dtype);
  if (step.kind === "load") return writeLoad(writer, scope, step.access, dtype);
  if (step.kind === "constant") return [constantOf(code, dtype, step.value)];
  if (step.kind === "index") return writeIndex(code, nest, step, scope);
  if (step.kind === "reduce") throw new Error("bug: a fold is written after its pass");
  return writeApply(writer, scope, step);
}

/** An operation once for every vector, or once where all operands have the same in all lanes. */
function writeApply(
  { nest, code }: Writer,
  { values }: Scope,
  { primitive, operands, dtype }: Step & { readonly kind: "apply" },
): readonly Local[] {
  const typed = operands[primitive === "select" ? 1 : 0]!;
  const context = { code, lanes: nest.lanes, operand: nest.steps[typed]!.dtype, result: dtype };
  const write = arithmetic[primitive as ElementwiseName];
  const given = operands.map((id) => values[id]!);
  const count = given.reduce((most, { length }) => Math.max(most, length), 1);
  const results: Local[] = [];
  for (let i = 0; i < count; i++)
    results.push(write(context, ...given.map((each) => each[i % each.length]!)));
  return results;
}

function constantOf(code: Code, dtype: DType, value: number): Local {
  if (dtype === "f32") return code.f32x4(value);
  if (dtype === "f64") return code.f64x2(value);
  return code.i32x4(dtype === "bool" ? -value : value);
}
