// One loop of a nest. Along one of them neighbouring turns are lanes of vectors: several vectors at a time, then one,
// then single elements.

import type { StepId } from "../kernel.ts";
import type { Code, Local } from "../wasm/code.ts";
import { movedPointers, type Scope, type Width } from "./accesses.ts";
import type { Bounds } from "./chunk-bounds.ts";
import type { Nest } from "./nest.ts";

/** Some turns of a loop. */
interface TurnBounds extends Bounds {
  /** How many they can be; where that is known late, a number that leaves after whole steps what any could. */
  readonly lengths: readonly number[];
}

/** The code of a nest while it is written. */
export interface Writer {
  readonly code: Code;
  readonly nest: Nest;
  readonly unroll: number;
  readonly kept: readonly (readonly (readonly StepId[] | undefined)[])[];
  /** By depth: the turns of a loop that runs not all of them at once, or whose turns are counted when it runs. */
  readonly bounds: readonly (TurnBounds | undefined)[];
}

/** Writes one loop; along the vectors' loop the body is written for every width that some chunk needs. */
export function writeTurns(writer: Writer, scope: Scope, depth: number, body: (scope: Scope) => void): void {
  const { code, nest, unroll } = writer;
  const { size } = nest.loops[depth]!;
  const bounds = writer.bounds[depth];
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
  let rests = bounds?.lengths ?? [size];
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
