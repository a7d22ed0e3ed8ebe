// Repetitions and rotations, as composites of movements.

import { InputError, ShapeError } from "../errors.ts";
import { normalAxis, showShape, type Dim, type Shape } from "../shape.ts";
import { shownValue } from "../shown-value.ts";
import { describeOperands, type Tensor } from "../tensor.ts";
import { add, rem, sub } from "./elementwise.ts";
import { gather } from "./indexing.ts";
import { concat, slice } from "./blocks.ts";
import { broadcastAlong, permute, reshape } from "./movement.ts";
import { requireListOf, shapeOf } from "./require.ts";
import { iota, size } from "./source.ts";

/** `dim` repeated; a name cannot be multiplied. */
function times(op: string, x: Tensor, axis: number, count: number): Dim {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new InputError(`${op}: counts are whole numbers from 0, got ${shownValue(count)}`);
  }
  const dim = x.shape[axis];
  if (typeof dim === "number") return dim * count;
  if (count === 1) return dim;
  throw new ShapeError(`${op}: a named axis cannot grow, got ${dim} times ${count}`, {
    context: describeOperands(["x"], [x]),
  });
}

/**
 * `x` as a whole repeated along its axes, a count an axis: `[1, 2]` twice is `[1, 2, 1, 2]`.
 * @throws ShapeError when there is not one count an axis, or a named axis would grow.
 */
export function tile(x: Tensor, counts: readonly number[]): Tensor {
  const rank = shapeOf("tile", x).length;
  requireListOf("tile", "counts", counts);
  if (counts.length !== rank) {
    throw new ShapeError(`tile: one count an axis is needed, got ${counts.length} for ${showShape(x.shape)}`);
  }
  const result = counts.map((count, axis) => times("tile", x, axis, count));
  const grown = counts.map((count) => count !== 1);
  const spread = counts.flatMap((count, axis) => (grown[axis] ? [count, x.shape[axis]] : [x.shape[axis]]));
  let place = 0;
  const axes = grown.map((grows) => (place += grows ? 2 : 1) - 1);
  return reshape(broadcastAlong(x, spread, axes), result);
}

/** Each element repeated along one axis: `[1, 2]` twice is `[1, 1, 2, 2]`. */
export function repeat(x: Tensor, count: number, axis: number): Tensor {
  const at = normalAxis("repeat", axis, shapeOf("repeat", x).length);
  const dim = times("repeat", x, at, count);
  if (count === 1) return x;
  const [before, after] = [x.shape.slice(0, at), x.shape.slice(at + 1)];
  const axes = x.shape.map((_, i) => (i <= at ? i : i + 1));
  const spread = broadcastAlong(x, [...before, x.shape[at], count, ...after], axes);
  return reshape(spread, [...before, dim, ...after]);
}

/** `x` rotated along one axis: element i goes to place i + shift, and round again from the start. */
export function roll<S extends Shape>(x: Tensor<S>, shift: number, axis: number): Tensor<S> {
  if (!Number.isSafeInteger(shift)) {
    throw new InputError(`roll: the shift must be a whole number, got ${shownValue(shift)}`);
  }
  const at = normalAxis("roll", axis, shapeOf("roll", x).length);
  const dim = x.shape[at];
  // The elements move and the shape stays.
  if (typeof dim === "string") return gather(x, rotated(x, at, dim, shift), at) as Tensor<S>;
  const start = dim === 0 ? 0 : ((-shift % dim) + dim) % dim;
  if (start === 0) return x;
  const part = (from: number, to: number | null): Tensor =>
    slice(x, [...x.shape.slice(0, at).map(() => null), [from, to]]);
  return concat([part(start, null), part(0, start)], at) as Tensor<S>;
}

/** (i - shift) modulo the size of a named axis. */
function rotated(x: Tensor, axis: number, dim: string, shift: number): Tensor {
  const length = size(x, axis, { dtype: "i32" });
  const place = rem(sub(iota([dim], 0), rem(shift, length)), length);
  return rem(add(place, length), length);
}

/** `x` with one axis moved to another place, the others in their order. */
export function moveAxis(x: Tensor, from: number, to: number): Tensor {
  const rank = shapeOf("moveAxis", x).length;
  const [source, target] = [normalAxis("moveAxis", from, rank), normalAxis("moveAxis", to, rank)];
  const order = x.shape.map((_, axis) => axis).filter((axis) => axis !== source);
  order.splice(target, 0, source);
  return permute(x, order);
}
