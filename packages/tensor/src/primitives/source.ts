// Nodes without inputs: where values enter a graph.

import { allocate, type DType } from "../dtype.ts";
import { InputError } from "../errors.ts";
import { makeArray, type NdArray } from "../ndarray.ts";
import type { Dim, Shape } from "../shape.ts";
import { family, type Row } from "./rows.ts";

/** What an input or a parameter is: its name and its type. */
interface FeedAttributes extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A value that the caller hands over; the evaluator puts it in place, so the kernel never runs. */
const feed: Row<FeedAttributes> = {
  operands: [],
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  kernel(_, { name }) {
    throw new InputError(`evaluate: every input needs a value, got none for ${name}`);
  },
};

const constant: Row<{ readonly value: NdArray }> = {
  operands: [],
  infer: (_, { value }) => ({ shape: value.shape, dtype: value.dtype }),
  kernel: (_, { value }) => value,
};

/** 0, 1, 2 … along one axis. */
const iota: Row<{ readonly shape: Shape; readonly axis: number; readonly dtype: DType }> = {
  operands: [],
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  kernel(_, { axis }, { shape, dtype }) {
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const size = shape[axis];
    const to = allocate(
      dtype,
      shape.reduce((a, b) => a * b, 1),
    );
    for (let i = 0; i < to.length; i++) to[i] = Math.floor(i / inner) % size;
    return makeArray(to, dtype, shape);
  },
};

/** The number that a named dimension stands for, as a scalar. */
const size: Row<{ readonly dimension: Dim; readonly dtype: DType }> = {
  operands: [],
  infer: (_, { dtype }) => ({ shape: [], dtype }),
  kernel(_, { dimension }, { dtype, sizes }) {
    const to = allocate(dtype, 1);
    const value = typeof dimension === "number" ? dimension : sizes[dimension];
    if (value === undefined) {
      throw new InputError(`evaluate: dimension ${dimension} has no size, got no value that has it`, {
        help: `evaluate(target, values, { sizes: { ${dimension}: … } }) gives it one`,
      });
    }
    to[0] = value;
    return makeArray(to, dtype, []);
  },
};

/** Sources by name. */
export const source = family({
  input: feed,
  parameter: feed,
  constant,
  iota,
  size,
});
