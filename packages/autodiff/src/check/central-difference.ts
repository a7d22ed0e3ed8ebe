// Slopes by a five-point central difference, each with a bound of its error.

import type { Arrays, NdArray } from "@wengert/tensor";
import { largest, moved } from "./directions.ts";
import { tolerant, type Prepared } from "./subject.ts";

/** A slope an element of the output. */
export interface Slopes {
  readonly slopes: Float64Array;
  /** How far each may be from the derivative. */
  readonly bounds: Float64Array;
}

// f'(x) ≈ (8 (f(x+h) - f(x-h)) - (f(x+2h) - f(x-2h))) / 12h errs by f⁽⁵⁾h⁴/30 for truncation and by some ε f/h for
// rounding (Fornberg 1988). At h = ε^(1/5) both are of one size where f varies on a scale of 1. Where it varies on a
// smaller or larger one, the other steps are better: of all the one with the least bound is taken.
const step = Number.EPSILON ** (1 / 5);
const scales = [1, 1 / 8, 8] as const;

/** Evaluates the output with the moving inputs moved by h times the tangents. */
type At = (h: number) => NdArray;

/** The derivative of the output along tangents, by differences of its values. */
export function centralDifference(prepared: Prepared, tangents: Arrays): Slopes {
  const run = tolerant([prepared.out]);
  const at: At = (h) => {
    const values: Record<string, NdArray> = { ...prepared.values };
    for (const [k, i] of prepared.moving.entries()) {
      values[`in${i}`] = moved(prepared.values[`in${i}`] as NdArray, h, tangents[`t${k}`] as NdArray);
    }
    return run(values)[0] as NdArray;
  };
  const moving = prepared.moving.map((i) => prepared.values[`in${i}`] as NdArray);
  let best: Slopes | undefined;
  for (const scale of scales) {
    const found = slopesBy(at, step * scale, moving);
    best = best === undefined ? found : better(best, found);
    // A bound this small leaves no room for a wrong rule.
    if (best.bounds.every((bound, i) => bound <= 1e-8 * (1 + Math.abs(best!.slopes[i] as number)))) break;
  }
  return best as Slopes;
}

function better(a: Slopes, b: Slopes): Slopes {
  const first = a.bounds.map((bound, i) => (bound <= (b.bounds[i] as number) ? 1 : 0));
  return {
    slopes: a.slopes.map((slope, i) => (first[i] === 1 ? slope : (b.slopes[i] as number))),
    bounds: a.bounds.map((bound, i) => (first[i] === 1 ? bound : (b.bounds[i] as number))),
  };
}

function slopesBy(at: At, h: number, moving: readonly NdArray[]): Slopes {
  const [far, half, near] = [both(at, 4 * h), both(at, 2 * h), both(at, h)];
  const fine = stencil(near, half, h);
  const coarse = stencil(half, far, 2 * h);
  // Values err by some units in the last place of the largest term that goes into them, and so do the moved inputs.
  const values = Math.max(...[near, half].flat().map(largest));
  const terms = moving.reduce((sum, value) => sum + (largest(value) + 4 * h) * value.data.length, values);
  const rounding = (32 * Number.EPSILON * terms) / h;
  // The coarse formula's truncation is 16 times the fine one's, so that their distance bounds both.
  const bounds = fine.map((slope, i) => Math.abs(slope - (coarse[i] as number)) + rounding);
  return { slopes: fine, bounds: bounds.map((bound) => (Number.isNaN(bound) ? Infinity : bound)) };
}

function both(at: At, h: number): readonly [before: NdArray, after: NdArray] {
  return [at(-h), at(h)];
}

function stencil(
  near: readonly [NdArray, NdArray],
  far: readonly [NdArray, NdArray],
  h: number,
): Float64Array {
  const rise = ([before, after]: readonly [NdArray, NdArray], i: number): number =>
    (after.data[i] as number) - (before.data[i] as number);
  return Float64Array.from(near[0].data, (_, i) => (8 * rise(near, i) - rise(far, i)) / (12 * h));
}
