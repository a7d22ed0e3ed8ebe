// Inside of all loops that are not reduced: passes over those that are, with what is folded in each.

import type { DType } from "@wengert/tensor";
import type { ReducePrimitive, Step, StepId } from "../kernel.ts";
import type { Code, Local } from "../wasm/code.ts";
import { writeStore, type Scope } from "./accesses.ts";
import { lesser } from "./chunk-bounds.ts";
import { blockTurns } from "./chunks.ts";
import { combine, firstLaneOr, foldLanes, foldStart } from "./folds.ts";
import { stepsOfPass } from "./nest.ts";
import { stepsAt, withSteps } from "./steps.ts";
import { writeTurns, type Writer } from "./turns.ts";

/** Inside of all loops that are not reduced: the passes over those that are, and what is known after each. */
export function writePasses(writer: Writer, scope: Scope): void {
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
  readonly primitive: ReducePrimitive;
  readonly dtype: DType;
  readonly operand: StepId;
  readonly start: Local;
  readonly partial: readonly Local[];
}

/** Writes one pass over the reduced loops; gives the scope with the values of its folds. */
function writePass(writer: Writer, scope: Scope, pass: number): Scope {
  const { nest, unroll } = writer;
  const folds = nest.steps.flatMap((step, id) =>
    step.kind === "reduce" && nest.times[id]!.pass === pass ? [startFold(writer, scope, id, step)] : [],
  );
  const ids = stepsOfPass(nest, pass);
  const write = (inner: Writer): void => writeReduced(inner, scope, { depth: nest.kept, ids, pass, folds });
  const turns = folds.some(isRounded) ? blockTurns(nest, unroll) : undefined;
  const values = scope.values.slice();
  for (const fold of inBlocks(writer, turns, folds, write)) values[fold.id] = finishFold(writer, fold);
  return { ...scope, values };
}

function startFold(
  { code, nest, unroll }: Writer,
  { width }: Scope,
  id: StepId,
  { primitive, dtype, operand }: Step & { readonly kind: "reduce" },
): Fold {
  const start = foldStart(code, primitive, dtype);
  const across = nest.vectorLoop >= nest.kept;
  const partial = Array.from({ length: across ? unroll : width.vectors }, () => copyOf(code, start));
  return { id, primitive, dtype, operand, start, partial };
}

/** A local of its own with the value of another. */
function copyOf(code: Code, value: Local): Local {
  const local = code.local("v128");
  assign(code, local, value);
  return local;
}

function assign(code: Code, local: Local, value: Local): void {
  code.emit("local.get", value);
  code.emit("local.set", local);
}

/** Takes a value into the partial result of a fold. */
function foldInto({ code, nest }: Writer, { primitive, dtype }: Fold, partial: Local, value: Local): void {
  assign(code, partial, combine(primitive, { code, lanes: nest.lanes, operand: dtype }, partial, value));
}

/**
 * Writes the turns of the outermost reduced loop, in blocks where a number of turns is given: each block is folded by
 * itself and then into the whole. Where all turns fit into one block, the sums are those without blocks.
 */
function inBlocks(
  writer: Writer,
  turns: number | undefined,
  folds: readonly Fold[],
  write: (writer: Writer) => void,
): readonly Fold[] {
  if (turns === undefined) {
    write(writer);
    return folds;
  }
  const { code, nest } = writer;
  const { size } = nest.loops[nest.kept]!;
  const all = writer.bounds[nest.kept] ?? { from: code.i32(0), to: code.i32(size), lengths: [size % turns] };
  // One register beside the loop, instead of one a vector, wherever lanes become one in the end.
  const across = nest.vectorLoop >= nest.kept;
  const totals = folds.map((fold) => ({
    ...fold,
    partial: fold.partial.slice(0, across ? 1 : undefined).map(() => copyOf(code, fold.start)),
  }));
  code.forRange({ from: all.from, to: all.to, step: turns }, (from) => {
    for (const { start, partial } of folds) for (const local of partial) assign(code, local, start);
    const to = lesser(code, code.op("i32.add", from, code.i32(turns)), all.to);
    const bounds = writer.bounds.slice();
    bounds[nest.kept] = { from, to, lengths: [turns, ...all.lengths] };
    write({ ...writer, bounds });
    for (const [f, fold] of folds.entries())
      for (const [i, value] of (across ? [together(writer, fold)] : fold.partial).entries())
        foldInto(writer, fold, totals[f]!.partial[i]!, value);
  });
  return totals;
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
  for (const fold of folds) {
    const { dtype, operand, start, partial } = fold;
    const values = scope.values[operand]!;
    for (let i = 0; i < vectors; i++) {
      const value = values[i % values.length]!;
      const alone = single && across ? firstLaneOr(code, nest.lanes, { dtype, value, start }) : value;
      foldInto(writer, fold, partial[i]!, alone);
    }
  }
  writeStores(writer, scope, pass);
}

/** The partial results of a fold as one vector. */
function together({ code, nest }: Writer, { primitive, dtype, partial }: Fold): Local {
  const context = { code, lanes: nest.lanes, operand: dtype };
  return partial.reduce((a, b) => combine(primitive, context, a, b));
}

/** The value of a fold after its pass: along reduced vectors, all lanes as one. */
function finishFold(writer: Writer, fold: Fold): readonly Local[] {
  const { code, nest } = writer;
  if (nest.vectorLoop < nest.kept) return fold.partial;
  const { primitive, dtype } = fold;
  return [foldLanes(code, primitive, { dtype, lanes: nest.lanes }, together(writer, fold))];
}

/** Whether the order in which values are taken in changes the result by more than a value's own rounding. */
function isRounded({ primitive, dtype }: Fold): boolean {
  return primitive === "sum" && (dtype === "f32" || dtype === "f64");
}
