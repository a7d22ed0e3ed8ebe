// Operations that move elements and compute nothing. `slice` and `pad` are each other's transpose and share
// their attributes: element i of the small side is element start + i·step of the large one.

import { allocate } from "../dtype.ts";
import { InputError, ShapeError } from "../errors.ts";
import { makeArray } from "../ndarray.ts";
import { elements, countElements, sameShape, showShape, stridesOf, type Dim, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { family, requireSameDtype, type Row } from "./rows.ts";
import { copyStrided, gatherStrided, permuted } from "./strided.ts";

interface ShapeAttributes extends Readonly<Record<string, unknown>> {
  readonly shape: Shape;
}

/** Where a block lies in a larger array: one start and one step an axis, and the shape of the result. */
export interface BlockAttributes extends ShapeAttributes {
  readonly start: readonly number[];
  readonly step: readonly number[];
}

const reshape: Row<ShapeAttributes> = {
  operands: ["x"],
  infer([x], { shape }) {
    const [from, to] = [countElements(x.shape), countElements(shape)];
    if (from.factor !== to.factor || !sameShape(from.names, to.names)) {
      const rule = "the number of elements must stay";
      throw new ShapeError(`reshape: ${rule}, got ${showShape(x.shape)} to ${showShape(shape)}`);
    }
    return { shape, dtype: x.dtype };
  },
  kernel: ([x], _, { shape, dtype }) => makeArray(x.data, dtype, shape),
};

const permute: Row<{ readonly order: readonly number[] }> = {
  operands: ["x"],
  infer([x], { order }) {
    const rank = x.shape.length;
    if (
      order.length !== rank ||
      new Set(order).size !== rank ||
      order.some((axis) => !(Number.isInteger(axis) && axis >= 0 && axis < rank))
    ) {
      const rule = "the order must name every axis once";
      throw new ShapeError(`permute: ${rule}, got [${order.join(", ")}] for ${showShape(x.shape)}`);
    }
    return { shape: order.map((axis) => x.shape[axis]), dtype: x.dtype };
  },
  kernel: ([x], { order }, { shape, dtype }) => makeArray(permuted(x, order), dtype, shape),
};

/** Repeats along axes: axis i of the input is axis `axes[i]` of the result, of the same size or of size 1. */
const broadcast: Row<ShapeAttributes & { readonly axes: readonly number[] }> = {
  operands: ["x"],
  infer([x], { shape, axes }) {
    const rising = axes.every((axis, i) => axis < shape.length && (i === 0 || axis > axes[i - 1]));
    const fits = x.shape.every((dim, i) => dim === 1 || dim === shape[axes[i]]);
    if (axes.length !== x.shape.length || !rising || !fits) {
      const rule = "sizes must be equal or 1";
      const got = `${showShape(x.shape)} to ${showShape(shape)} at axes [${axes.join(", ")}]`;
      throw new ShapeError(`broadcast: ${rule}, got ${got}`);
    }
    return { shape, dtype: x.dtype };
  },
  kernel([x], { axes }, { shape, dtype }) {
    const from = stridesOf(x.shape);
    const strides = new Array<number>(shape.length).fill(0);
    for (const [i, axis] of axes.entries()) strides[axis] = x.shape[i] === 1 ? 0 : from[i];
    return makeArray(gatherStrided(x, shape, strides), dtype, shape);
  },
};

/** Refuses a block that does not lie within `large`; sizes that are names are checked when they are bound. */
function requireWithin(op: string, small: Shape, large: Shape, { start, step }: BlockAttributes): void {
  const fits = small.every((dim, axis) => {
    const [first, by, whole] = [start[axis], step[axis], large[axis]];
    if (dim === whole && first === 0 && by === 1) return true;
    if (!Number.isInteger(first) || !Number.isInteger(by) || first < 0 || by < 1 || typeof dim === "string")
      return false;
    return typeof whole === "string" || dim === 0 || first + (dim - 1) * by < whole;
  });
  if (fits && small.length === large.length && start.length === small.length && step.length === small.length)
    return;
  const got = `${showShape(small)} from [${start.join(", ")}] by [${step.join(", ")}] in ${showShape(large)}`;
  throw new ShapeError(`${op}: the block must lie within the shape, got ${got}`);
}

function requireBound(
  op: string,
  small: readonly number[],
  large: readonly number[],
  block: BlockAttributes,
): void {
  for (const [axis, size] of small.entries()) {
    const end = size === 0 ? 0 : block.start[axis] + (size - 1) * block.step[axis];
    if (size > 0 && end >= large[axis]) {
      throw new InputError(
        `${op}: the block must lie within the shape, got element ${end} of ${large[axis]} on axis ${axis}`,
      );
    }
  }
}

/** Where the block begins and its strides, in a C-ordered array of shape `large`. */
function blockStrides(
  large: readonly number[],
  block: BlockAttributes,
): { offset: number; strides: number[] } {
  const strides = stridesOf(large);
  const offset = strides.reduce((sum, stride, axis) => sum + stride * block.start[axis], 0);
  return { offset, strides: strides.map((stride, axis) => stride * block.step[axis]) };
}

const slice: Row<BlockAttributes> = {
  operands: ["x"],
  infer([x], attributes) {
    requireWithin("slice", attributes.shape, x.shape, attributes);
    return { shape: attributes.shape, dtype: x.dtype };
  },
  kernel([x], attributes, { shape, dtype }) {
    requireBound("slice", shape, x.shape, attributes);
    const { offset, strides } = blockStrides(x.shape, attributes);
    return makeArray(gatherStrided(x, shape, strides, offset), dtype, shape);
  },
};

/** Zeros of the given shape with the input placed in them. */
const pad: Row<BlockAttributes> = {
  operands: ["x"],
  infer([x], attributes) {
    requireWithin("pad", x.shape, attributes.shape, attributes);
    return { shape: attributes.shape, dtype: x.dtype };
  },
  kernel([x], attributes, { shape, dtype }) {
    requireBound("pad", x.shape, shape, attributes);
    const to = allocate(dtype, elements(shape));
    const { offset, strides } = blockStrides(shape, attributes);
    if (x.data.length > 0) copyStrided(x.data, 0, stridesOf(x.shape), to, offset, strides, x.shape);
    return makeArray(to, dtype, shape);
  },
};

const concat: Row<{ readonly axis: number }> = {
  operands: ["...part"],
  infer(inputs, { axis }) {
    const first = inputs[0];
    if (first === undefined) throw new ShapeError("concat: at least one part is needed, got none");
    for (const part of inputs) {
      requireSameDtype(first, part);
      const fits =
        part.shape.length === first.shape.length &&
        part.shape.every((d, i) => i === axis || d === first.shape[i]);
      if (!fits) {
        const got = `${showShape(first.shape)} and ${showShape(part.shape)}`;
        throw new ShapeError(`concat: parts must agree on every axis but ${axis}, got ${got}`);
      }
    }
    return {
      shape: first.shape.map((dim, i) => (i === axis ? total(inputs, axis) : dim)),
      dtype: first.dtype,
    };
  },
  kernel(inputs, { axis }, { shape, dtype }) {
    const to = allocate(dtype, elements(shape));
    const strides = stridesOf(shape);
    let offset = 0;
    for (const part of inputs) {
      if (part.data.length > 0)
        copyStrided(part.data, 0, stridesOf(part.shape), to, offset, strides, part.shape);
      offset += part.shape[axis] * strides[axis];
    }
    return makeArray(to, dtype, shape);
  },
};

function total(parts: readonly Tensor[], axis: number): Dim {
  if (parts.length === 1) return parts[0].shape[axis];
  let sum = 0;
  for (const part of parts) {
    const dim = part.shape[axis];
    if (typeof dim === "string") {
      throw new ShapeError(`concat: sizes along the axis must be numbers, got ${dim} on axis ${axis}`);
    }
    sum += dim;
  }
  return sum;
}

const reverse: Row<{ readonly axes: readonly number[] }> = {
  operands: ["x"],
  infer: ([x]) => ({ shape: x.shape, dtype: x.dtype }),
  kernel([x], { axes }, { shape, dtype }) {
    const strides = stridesOf(shape);
    let offset = 0;
    for (const axis of axes) {
      offset += strides[axis] * (shape[axis] - 1);
      strides[axis] = -strides[axis];
    }
    return makeArray(gatherStrided(x, shape, strides, offset), dtype, shape);
  },
};

/** Movements by name. */
export const movement = family({
  reshape,
  permute,
  broadcast,
  slice,
  pad,
  concat,
  reverse,
});
