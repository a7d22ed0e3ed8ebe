// The shape of a loop nest before it is written: loops merged where every access allows it, the loop that vectors
// run along, and for every step at which depth and in which pass over the reduced loops it is computed.

import { bytesPerElement, type DType } from "@wengert/tensor";
import type { Access, LoopKernel, Step, StepId, Store } from "../kernel.ts";
import type { Lanes } from "./arithmetic.ts";
import { blockLoops, keptLoops, mergeLoops, orderLoops, runsAcross, type Loop } from "./order.ts";

/** When a step is computed. */
interface StepTime {
  /** How many loops are open where it can be computed first. */
  readonly depth: number;
  /** Varies over reduced loops: the first pass in which it can be computed. Else: the pass that it waits for, or -1. */
  readonly pass: number;
  readonly varies: boolean;
  /** Whether lanes differ. */
  readonly vector: boolean;
}

/** A kernel with its loops in order. */
export interface Nest {
  readonly loops: readonly Loop[];
  /** How many loops are not reduced. */
  readonly kept: number;
  /** The loop whose neighbouring turns are lanes, or -1 where there is no loop. */
  readonly vectorLoop: number;
  readonly lanes: Lanes;
  /** With strides by loop. */
  readonly steps: readonly Step[];
  readonly stores: readonly Store[];
  readonly times: readonly StepTime[];
  /** By store: the pass in which it is done, or -1 where it does not vary over reduced loops. */
  readonly storePasses: readonly number[];
  readonly passes: number;
  /** Dtypes of the operands, by the number that accesses give. */
  readonly operands: readonly DType[];
  /** Which number of the program bounds the outermost loop when it runs, and how many turns one of it is. */
  readonly bound: { readonly number: number; readonly turns: number } | undefined;
}

/** Orders and merges the loops of a kernel and finds out when everything is computed. */
export function nestOf(kernel: LoopKernel, operands: readonly DType[]): Nest {
  const merged = mergeLoops(orderLoops(kernel));
  const lanes = [...operands, ...kernel.steps.map(({ dtype }) => dtype)].some((d) => bytesPerElement(d) === 8)
    ? 2
    : 4;
  const across = runsAcross(merged, lanes);
  const { loops, steps, stores } = across || kernel.bound !== undefined ? merged : blockLoops(merged);
  const kept = keptLoops(loops);
  const vectorLoop = across ? loops.length - 1 : kept - 1;
  const times = timesOf(steps, { kept, vectorLoop });
  const storePasses = stores.map(({ step, access }) => {
    if (!access.strides.slice(kept).some((stride) => stride !== 0)) return -1;
    const { varies, pass } = times[step]!;
    return varies ? pass : pass + 1;
  });
  const folds = steps.map((step, id) => (step.kind === "reduce" ? times[id]!.pass : -1));
  const passes = Math.max(-1, ...folds, ...storePasses) + 1;
  const bound =
    kernel.bound === undefined
      ? undefined
      : { number: kernel.bound, turns: loops[0]!.size / kernel.sizes[0]! };
  return { loops, kept, vectorLoop, lanes, steps, stores, times, storePasses, passes, operands, bound };
}

function timesOf(
  steps: readonly Step[],
  { kept, vectorLoop }: { readonly kept: number; readonly vectorLoop: number },
): readonly StepTime[] {
  const times: StepTime[] = [];
  const ofStrides = (strides: readonly number[]): StepTime => {
    const depth = strides.findLastIndex((stride) => stride !== 0) + 1;
    return {
      depth,
      pass: depth > kept ? 0 : -1,
      varies: depth > kept,
      vector: (strides[vectorLoop] ?? 0) !== 0,
    };
  };
  for (const step of steps) {
    if (step.kind === "load") times.push(ofStrides(step.access.strides));
    else if (step.kind === "index") times.push(ofStrides(step.strides));
    else if (step.kind === "constant") times.push({ depth: 0, pass: -1, varies: false, vector: false });
    else if (step.kind === "apply") times.push(timeOfApply(step.operands.map((id) => times[id]!)));
    else {
      const { varies, pass, vector } = times[step.operand]!;
      const after = varies ? pass : pass + 1;
      times.push({ depth: kept, pass: after, varies: false, vector: vector && vectorLoop < kept });
    }
  }
  return times;
}

function timeOfApply(operands: readonly StepTime[]): StepTime {
  const depth = Math.max(0, ...operands.map((operand) => operand.depth));
  const vector = operands.some((operand) => operand.vector);
  const varies = operands.some((operand) => operand.varies);
  if (!varies) return { depth, vector, varies, pass: Math.max(-1, ...operands.map(({ pass }) => pass)) };
  const passes = operands.map((operand) => (operand.varies ? operand.pass : operand.pass + 1));
  return { depth, vector, varies, pass: Math.max(0, ...passes) };
}

/** The steps that one pass over the reduced loops computes, in order; values stored by earlier passes are read back. */
export function stepsOfPass(nest: Nest, pass: number): readonly StepId[] {
  const { steps, times } = nest;
  const needed = steps.map(
    (_, id) =>
      times[id]!.varies && nest.stores.some(({ step }, i) => step === id && nest.storePasses[i] === pass),
  );
  for (let id = steps.length - 1; id >= 0; id--) {
    const step = steps[id]!;
    if (step.kind === "reduce") {
      if (times[id]!.pass === pass) needed[step.operand] ||= times[step.operand]!.varies;
    } else if (needed[id] && step.kind === "apply" && readBack(nest, id, pass) === undefined)
      for (const operand of step.operands) needed[operand] ||= times[operand]!.varies;
  }
  return needed.flatMap((isNeeded, id) => (isNeeded ? [id] : []));
}

/** The access at which an earlier pass left the value of a step. */
export function readBack({ steps, stores, storePasses }: Nest, id: StepId, pass: number): Access | undefined {
  if (pass <= 0 || steps[id]!.kind !== "apply") return undefined;
  const place = stores.findIndex(
    ({ step }, i) => step === id && storePasses[i]! >= 0 && storePasses[i]! < pass,
  );
  return place < 0 ? undefined : stores[place]!.access;
}
