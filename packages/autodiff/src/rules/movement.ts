// Derivatives of movements: all are linear, and each transpose moves the elements back.

import {
  padInto,
  permute,
  reshape,
  reverse,
  sliceBlock,
  sum,
  type AxesAttributes,
  type AxisAttributes,
  type BlockAttributes,
  type Tensor,
} from "@wengert/tensor";
import { linear, type Point, type RuleFamily } from "../rule.ts";

/** Sums over the axes along which a broadcast repeated. */
function sumRepeated(ct: Tensor, { x, out, attributes: { axes } }: Point<AxesAttributes>): Tensor {
  const repeated = out.shape.flatMap((dim, axis) => {
    const from = axes.indexOf(axis);
    return from < 0 || x.shape[from] !== dim ? [axis] : [];
  });
  return reshape(repeated.length === 0 ? ct : sum(ct, repeated), x.shape);
}

/** The blocks of the cotangent that came from each part, in one walk along the axis. */
function partsOf(ct: Tensor, inputs: readonly Tensor[], axis: number): Tensor[] {
  let offset = 0;
  return inputs.map(({ shape }) => {
    const start = shape.map((_, a) => (a === axis ? offset : 0));
    // A concatenation of several parts has numbers for sizes along its axis.
    if (inputs.length > 1) offset += shape[axis] as number;
    return sliceBlock(
      ct,
      shape,
      start,
      shape.map((): number => 1),
    );
  });
}

function inverse(order: readonly number[]): number[] {
  const result = new Array<number>(order.length);
  for (const [to, from] of order.entries()) result[from] = to;
  return result;
}

/** A row for each movement. */
export const movementRules: RuleFamily<"movement"> = {
  reshape: linear((ct, { x }) => reshape(ct, x.shape)),
  permute: linear<{ readonly order: readonly number[] }>((ct, { attributes }) =>
    permute(ct, inverse(attributes.order)),
  ),
  broadcast: linear<AxesAttributes>((ct, point) => sumRepeated(ct, point)),
  slice: linear<BlockAttributes>((ct, { x, attributes: { start, step } }) =>
    padInto(ct, x.shape, start, step),
  ),
  pad: linear<BlockAttributes>((ct, { x, attributes: { start, step } }) =>
    sliceBlock(ct, x.shape, start, step),
  ),
  concat: {
    ...linear((ct) => ct),
    // All parts at once: one at a time would add up the sizes before it anew.
    vjp: (out, ct) => partsOf(ct, out.inputs, (out.attributes as AxisAttributes).axis),
  },
  reverse: linear<AxesAttributes>((ct, { attributes: { axes } }) => reverse(ct, axes)),
};
