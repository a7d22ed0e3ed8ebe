// The loops of the commonest elementwise operations on floats, one function each: a loop that calls a function of the
// operation is ten times as slow, since it serves all of them and none is inlined.
// Hot loops; benchmark: `pnpm run bench:reference`. Results are those of the functions in elementwise.ts, bit for bit.

import type { TypedArray } from "../dtype.ts";

/** Writes the result for every element of two operands. */
export type BinaryLoop = (x: TypedArray, y: TypedArray, to: TypedArray) => void;

/** Writes the result for every element of one operand. */
export type UnaryLoop = (x: TypedArray, to: TypedArray) => void;

/** x + y. */
export const addLoop: BinaryLoop = (x, y, to) => {
  for (let i = 0; i < to.length; i++) to[i] = x[i] + y[i];
};

/** x - y. */
export const subLoop: BinaryLoop = (x, y, to) => {
  for (let i = 0; i < to.length; i++) to[i] = x[i] - y[i];
};

/** x · y. */
export const mulLoop: BinaryLoop = (x, y, to) => {
  for (let i = 0; i < to.length; i++) to[i] = x[i] * y[i];
};

/** x / y. */
export const divLoop: BinaryLoop = (x, y, to) => {
  for (let i = 0; i < to.length; i++) to[i] = x[i] / y[i];
};

/** Whether x is at most y. */
export const lessEqualLoop: BinaryLoop = (x, y, to) => {
  for (let i = 0; i < to.length; i++) to[i] = x[i] <= y[i] ? 1 : 0;
};

/** Whether x is above y. */
export const greaterLoop: BinaryLoop = (x, y, to) => {
  for (let i = 0; i < to.length; i++) to[i] = x[i] > y[i] ? 1 : 0;
};

/** -x. */
export const negLoop: UnaryLoop = (x, to) => {
  for (let i = 0; i < to.length; i++) to[i] = -x[i];
};

/** √x. */
export const sqrtLoop: UnaryLoop = (x, to) => {
  for (let i = 0; i < to.length; i++) to[i] = Math.sqrt(x[i]);
};
