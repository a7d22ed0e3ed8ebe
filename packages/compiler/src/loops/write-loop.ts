// Loop kernel → code. Loops are written from the outermost inwards; every step where it is known first. Along one loop
// neighbouring turns are lanes of vectors: several vectors at a time, then one, then single elements.

import type { DType } from "@wengert/tensor";
import type { KernelCode } from "../kernel-code.ts";
import type { LoopKernel, Step, StepId } from "../kernel.ts";
import { writeFunction, type Code, type Features, type Local } from "../wasm/code.ts";
import { basePointers, movedPointers, writeLoad, writeStore, type Scope, type Width } from "./accesses.ts";
import { arithmetic, type ElementwiseName } from "./arithmetic.ts";
import { lengthsOf, outermostBounds, type Bounds } from "./chunk-bounds.ts";
import { chunksOf, unrollOf, type Chunks } from "./chunks.ts";
import { combine, firstLaneOr, foldLanes, foldStart } from "./folds.ts";
import { writeIndex } from "./index-step.ts";
import { nestOf, readBack, stepsOfPass, type Nest } from "./nest.ts";

interface Writer {
  readonly code: Code;
  readonly nest: Nest;
  readonly chunks: Chunks;
  readonly unroll: number;
  readonly kept: readonly (readonly (readonly StepId[] | undefined)[])[];
  /** Bounds of the outermost loop where it is shared among chunks or its turns are counted when it runs. */
  readonly bounds: Bounds | undefined;
}

/**
 * The code of a loop kernel whose accesses name operands by number.
 * @param operands the dtype of every operand, in the order of the entry's addresses
 * @param boundsAddress where the numbers lie that bound loops when they run, as u32
 */
export function writeLoop(
  kernel: LoopKernel,
  operands: readonly DType[],
  features: Features,
  boundsAddress = 0,
): KernelCode {
  const nest = nestOf(kernel, operands);
  const chunks = chunksOf(nest);
  const parameters = ["i32", "i32", ...operands.map(() => "i32" as const)] as const;
  // Without a point nothing is written. Strides of an empty array tell nothing, not even which loops they vary over.
  const empty = nest.loops.some(({ size, reduced }) => size === 0 && !reduced);
  const entry = writeFunction("loop", { parameters }, features, (code) => {
    if (empty) return;
    const bounds = outermostBounds(code, { nest, chunks, boundsAddress });
    writeNest({ code, nest, chunks, unroll: unrollOf(nest), kept: keptSteps(nest), bounds });
  });
  return { functions: [entry], chunks: chunks.count, scratchBytes: 0 };
}

function writeNest(writer: Writer): void {
  const { nest } = writer;
  const width = { vectors: 1, single: nest.vectorLoop < 0 };
  const scope: Scope = { values: [], pointers: basePointers(writer), indices: [], width };
  writeKept(writer, withSteps(writer, scope, stepsAt(writer, 0, -1)), 0);
}

/** Steps that do not vary over reduced loops, by the pass after which they are known and the depth. */
function keptSteps({ times, steps, passes }: Nest): Writer["kept"] {
  const kept = Array.from({ length: passes + 1 }, (): StepId[][] => []);
  for (let id = 0; id < steps.length; id++) {
    const { varies, pass, depth } = times[id]!;
    if (!varies && steps[id]!.kind !== "reduce") (kept[pass + 1]![depth] ??= []).push(id);
  }
  return kept;
}

/** Steps that are known at a depth after a pass, -1 being none. */
function stepsAt({ kept }: Writer, depth: number, pass: number): readonly StepId[] {
  return kept[pass + 1]?.[depth] ?? [];
}

/** Writes the loops from `depth` on that are not reduced. */
function writeKept(writer: Writer, scope: Scope, depth: number): void {
  const { nest } = writer;
  if (depth === nest.kept) {
    writePasses(writer, scope);
    return;
  }
  writeTurns(writer, scope, depth, (inner) => {
    writeKept(writer, withSteps(writer, inner, stepsAt(writer, depth + 1, -1)), depth + 1);
  });
}

/** Writes one loop; along the vectors' loop the body is written for every width that some chunk needs. */
function writeTurns(writer: Writer, scope: Scope, depth: number, body: (scope: Scope) => void): void {
  const { code, nest, unroll } = writer;
  const { size } = nest.loops[depth]!;
  const bounds = depth === 0 ? writer.bounds : undefined;
  const turn = (range: { from: Local; to: Local; step: number }, width: Width): void =>
    code.forRange(range, (index) => {
      const pointers = movedPointers(writer, scope.pointers, depth, index);
      body({ values: scope.values, pointers, indices: [...scope.indices, index], width });
    });
  if (depth !== nest.vectorLoop) {
    turn({ from: bounds?.from ?? code.i32(0), to: bounds?.to ?? code.i32(size), step: 1 }, scope.width);
    return;
  }
  let from = bounds?.from ?? code.i32(0);
  let rests = bounds === undefined ? [size] : lengthsOf(writer.nest, writer.chunks);
  for (const width of widths(unroll)) {
    const step = width.single ? 1 : width.vectors * nest.lanes;
    if (rests.every((rest) => rest < step)) continue;
    const after = rests.map((rest) => rest % step);
    const to =
      bounds === undefined
        ? code.i32(size - after[0]!)
        : after.every((rest) => rest === 0)
          ? bounds.to
          : wholeSteps(code, from, bounds.to, step);
    turn({ from, to, step }, width);
    from = to;
    rests = after;
  }
}

function widths(unroll: number): readonly Width[] {
  const one: readonly Width[] = [
    { vectors: 1, single: false },
    { vectors: 1, single: true },
  ];
  return unroll > 1 ? [{ vectors: unroll, single: false }, ...one] : one;
}

/** `from` and as many whole steps as there are up to `to`; steps are powers of 2. */
function wholeSteps(code: Code, from: Local, to: Local, step: number): Local {
  const whole = code.op("i32.and", code.op("i32.sub", to, from), code.i32(-step));
  return code.op("i32.add", from, whole);
}

/** The scope after computing the steps. */
function withSteps(writer: Writer, scope: Scope, ids: readonly StepId[], pass = 0): Scope {
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

/** Inside of all loops that are not reduced: the passes over those that are, and what is known after each. */
function writePasses(writer: Writer, scope: Scope): void {
  const { nest } = writer;
  let current = scope;
  for (let pass = 0; pass < nest.passes; pass++) {
    current = writePass(writer, current, pass);
    for (let depth = 0; depth <= nest.kept; depth++)
      current = withSteps(writer, current, stepsAt(writer, depth, pass));
  }
  writeStores(writer, current, -1);
}

function writeStores(writer: Writer, scope: Scope, pass: number): void {
  const { stores, storePasses } = writer.nest;
  for (let i = 0; i < stores.length; i++) {
    const { step, access } = stores[i]!;
    if (storePasses[i] === pass) writeStore(writer, scope, access, step);
  }
}

/** One fold while its loops run: a partial result a vector. */
interface Fold {
  readonly id: StepId;
  readonly operand: StepId;
  readonly start: Local;
  readonly partial: readonly Local[];
}

/** Writes one pass over the reduced loops; gives the scope with the values of its folds. */
function writePass(writer: Writer, scope: Scope, pass: number): Scope {
  const { nest } = writer;
  const folds: Fold[] = [];
  for (let id = 0; id < nest.steps.length; id++)
    if (nest.steps[id]!.kind === "reduce" && nest.times[id]!.pass === pass)
      folds.push(startFold(writer, scope, id));
  const ids = stepsOfPass(nest, pass);
  writeReduced(writer, scope, { depth: nest.kept, ids, pass, folds });
  const values = scope.values.slice();
  for (const fold of folds) values[fold.id] = finishFold(writer, fold);
  return { ...scope, values };
}

function startFold({ code, nest, unroll }: Writer, scope: Scope, id: StepId): Fold {
  const step = nest.steps[id]!;
  if (step.kind !== "reduce") throw new Error("bug: only a reduction folds");
  const start = foldStart(code, step.primitive, step.dtype);
  const across = nest.vectorLoop >= nest.kept;
  const partial = Array.from({ length: across ? unroll : scope.width.vectors }, () => {
    const local = code.local("v128");
    code.emit("local.get", start);
    code.emit("local.set", local);
    return local;
  });
  return { id, operand: step.operand, start, partial };
}

interface Pass {
  readonly depth: number;
  readonly ids: readonly StepId[];
  readonly pass: number;
  readonly folds: readonly Fold[];
}

function writeReduced(writer: Writer, scope: Scope, pass: Pass): void {
  const { nest } = writer;
  const { depth } = pass;
  if (depth === nest.loops.length) {
    writeInnermost(writer, scope, pass);
    return;
  }
  writeTurns(writer, scope, depth, (inner) => {
    const ids = pass.ids.filter((id) => nest.times[id]!.depth === depth + 1);
    writeReduced(writer, withSteps(writer, inner, ids, pass.pass), { ...pass, depth: depth + 1 });
  });
}

function writeInnermost(writer: Writer, scope: Scope, { pass, folds }: Pass): void {
  const { code, nest } = writer;
  const { vectors, single } = scope.width;
  const across = nest.vectorLoop >= nest.kept;
  for (const { id, operand, start, partial } of folds) {
    const step = nest.steps[id]!;
    if (step.kind !== "reduce") continue;
    const context = { code, lanes: nest.lanes, operand: step.dtype };
    const values = scope.values[operand]!;
    for (let i = 0; i < vectors; i++) {
      const value = values[i % values.length]!;
      const alone =
        single && across ? firstLaneOr(code, nest.lanes, { dtype: step.dtype, value, start }) : value;
      code.emit("local.get", combine(step.primitive, context, partial[i]!, alone));
      code.emit("local.set", partial[i]!);
    }
  }
  writeStores(writer, scope, pass);
}

/** The value of a fold after its pass: along reduced vectors, all lanes as one. */
function finishFold({ code, nest }: Writer, { id, partial }: Fold): readonly Local[] {
  const step = nest.steps[id]!;
  if (step.kind !== "reduce" || nest.vectorLoop < nest.kept) return partial;
  const context = { code, lanes: nest.lanes, operand: step.dtype };
  const total = partial.reduce((a, b) => combine(step.primitive, context, a, b));
  return [foldLanes(code, step.primitive, { dtype: step.dtype, lanes: nest.lanes }, total)];
}
