// What a law says when it does not hold: with which inputs and directions, by how much, and how to see it again.

import { DerivativeError, formatArray, type Arrays, type NdArray } from "@wengert/tensor";
import { labelAt, type Prepared } from "./subject.ts";

/** Two numbers that a law says are equal, and are not. */
export interface Difference {
  readonly got: number;
  readonly wanted: number;
  readonly tolerance: number;
  /** Which numbers, such as `element [0, 2] of the output`. */
  readonly at: string;
}

/** What was found to break a law. */
export interface Finding {
  readonly law: string;
  readonly seed: number;
  /** What stands in place of what; a difference says it by itself. */
  readonly got: Difference | string;
  /** Tangents `t0`, `t1` … and the cotangent `ct`. */
  readonly directions?: Arrays;
}

/** Throws the error of a finding. */
export function refuse(prepared: Prepared, { law, seed, got, directions = {} }: Finding): never {
  const { subject, moving } = prepared;
  const numbers = typeof got === "string" ? got : `${got.got} for ${got.wanted}`;
  const where =
    typeof got === "string"
      ? []
      : [`at    ${got.at}`, `off   ${Math.abs(got.got - got.wanted)}, tolerance ${got.tolerance}`];
  const inputs = subject.inputs.map((value, i) => `${labelAt(subject, i)}  ${oneLine(value)}`);
  const along = Object.entries(directions).map(([name, value]) => {
    const position = moving[Number(name.slice(1))];
    const what = name === "ct" ? "cotangent" : `tangent of ${labelAt(subject, position as number)}`;
    return `${what}  ${oneLine(value)}`;
  });
  throw new DerivativeError(`${subject.name}: ${law}, got ${numbers}`, {
    context: [...where, ...inputs, ...along, `seed  ${seed}`],
  });
}

function oneLine(value: NdArray): string {
  return formatArray(value, { digits: 17, limit: 60 }).replaceAll(/\s+/g, " ");
}

/** `element [0, 2]`, from a position in C order. */
function elementAt(index: number, shape: readonly number[]): string {
  let rest = index;
  const position = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    position[axis] = rest % (shape[axis] as number);
    rest = Math.floor(rest / (shape[axis] as number));
  }
  return `element [${position.join(", ")}]`;
}

/** The first element at which two arrays differ by more than the tolerance; NaN differs from all but NaN. */
export function differenceOf(
  got: NdArray,
  wanted: ArrayLike<number>,
  tolerance: number | ((index: number) => number),
  what: string,
): Difference | undefined {
  for (const [i, value] of got.data.entries()) {
    const other = wanted[i] as number;
    const bound = typeof tolerance === "number" ? tolerance : tolerance(i);
    if (Object.is(value, other) || Math.abs(value - other) <= bound) continue;
    return { got: value, wanted: other, tolerance: bound, at: `${elementAt(i, got.shape)} of ${what}` };
  }
  return undefined;
}
