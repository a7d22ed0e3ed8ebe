// The values of operations by formulas of numbers, without tensors: the first law compares them with the kernels.
// A formula takes arrays and attributes as the cases give them, and returns numbers in C order.

import type { NdArray } from "@wengert/tensor";
import { at, positions } from "../arrays.ts";

/** Numbers in C order, from the inputs and the attributes of a case. */
export type Formula = (inputs: readonly NdArray[], attributes: never) => ArrayLike<number>;

type Position = readonly number[];

/** The inputs of a case with two arrays. */
const two = (inputs: readonly NdArray[]): readonly [NdArray, NdArray] =>
  inputs as readonly [NdArray, NdArray];

/** A formula of one element. */
export function each(f: (x: number) => number): Formula {
  return ([x]) => Array.from((x as NdArray).data, f);
}

/** A formula of two elements at one position. */
export function pairs(f: (x: number, y: number) => number): Formula {
  return (inputs) => {
    const [x, y] = two(inputs);
    return Array.from(x.data, (value, i) => f(value, y.data[i] as number));
  };
}

/** A formula of the position in the result, whose shape may depend on the attributes. */
export function tabulated<A>(
  shapeOf: (inputs: readonly [NdArray, ...NdArray[]], attributes: A) => Position,
  f: (inputs: readonly [NdArray, ...NdArray[]], position: Position, attributes: A) => number,
): Formula {
  return (given, attributes: A) => {
    const inputs = given as readonly [NdArray, ...NdArray[]];
    return positions(shapeOf(inputs, attributes)).map((position) => f(inputs, position, attributes));
  };
}

/** Every axis of a rank counted from the front. */
export function fromFront(axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** A formula of the list of elements along the axes that the attributes name. */
export function reduced(f: (list: readonly number[]) => number): Formula {
  return ([x], axes: readonly number[]) => {
    const { shape } = x as NdArray;
    const lost = fromFront(axes, shape.length);
    const kept = shape.map((_, axis) => axis).filter((axis) => !lost.includes(axis));
    const results = positions(kept.map((axis) => shape[axis] as number));
    const lists = new Map(results.map((position) => [position.join(), [] as number[]]));
    for (const position of positions(shape)) {
      lists.get(kept.map((axis) => position[axis]).join())?.push(at(x as NdArray, position));
    }
    return results.map((position) => f(lists.get(position.join()) ?? []));
  };
}

/** A formula of an element and of all elements along one axis, in order. */
export function along(f: (list: readonly number[], index: number) => number): Formula {
  return tabulated<number>(
    ([x]) => x.shape,
    ([x], position, axis) => {
      const [a] = fromFront([axis], x.shape.length) as [number];
      const list = Array.from({ length: x.shape[a] as number }, (_, i) => at(x, position.with(a, i)));
      return f(list, position[a] as number);
    },
  );
}

/** The element of `x` at the position that the result's position comes from; its shape is that of the result. */
export function picked<A>(
  shapeOf: (x: NdArray, attributes: A) => Position,
  from: (position: Position, attributes: A, x: NdArray) => Position,
): Formula {
  return tabulated<A>(
    ([x], a) => shapeOf(x, a),
    ([x], position, a) => at(x, from(position, a, x)),
  );
}

/** Σ of the terms over all values of the free letters: an einsum of two operands in plain loops. */
export function summed(equation: string, inputs: readonly NdArray[]): number[] {
  const [left, output] = equation.replaceAll("...", "b").split("->") as [string, string];
  const terms = left.split(",");
  const size = new Map<string, number>();
  for (const [i, term] of terms.entries()) {
    for (const [axis, letter] of Array.from(term).entries()) {
      size.set(letter, (inputs[i] as NdArray).shape[axis] as number);
    }
  }
  const sizesOf = (letters: readonly string[]): number[] => letters.map((letter) => size.get(letter) ?? 1);
  const free = Array.from(output);
  const inner = [...size.keys()].filter((letter) => !free.includes(letter));
  return positions(sizesOf(free)).map((outer) => {
    let total = 0;
    for (const rest of positions(sizesOf(inner))) {
      const letterAt = new Map([...free, ...inner].map((letter, i) => [letter, [...outer, ...rest][i] ?? 0]));
      const factor = (term: string, i: number): number =>
        at(
          inputs[i] as NdArray,
          Array.from(term).map((letter) => letterAt.get(letter) ?? 0),
        );
      total += terms.map(factor).reduce((product, value) => product * value, 1);
    }
    return total;
  });
}

export const sum = (list: readonly number[]): number => list.reduce((total, x) => total + x, 0);
export const mean = (list: readonly number[]): number => sum(list) / list.length;
export const variance = (list: readonly number[]): number => mean(list.map((x) => (x - mean(list)) ** 2));

/** erf x = 2/√π e^(-x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!, whose terms have one sign (Abramowitz and Stegun 7.1.6). */
export function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 200; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

/** The x with erf x = y, by bisection. */
export function erfInverse(y: number): number {
  if (y === 0) return 0;
  let [low, high] = [-3, 3];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (erf(middle) < y) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
