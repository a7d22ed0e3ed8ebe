// Einstein summation by name of index: diagonals first, then sums of indices that occur once, then products of
// pairs from left to right through `dot`, each index summed as soon as no later operand needs it.

import { InputError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";
import { dot } from "./contraction.ts";
import { diagonal } from "./diagonal.ts";
import { parseEquation, type Label } from "./equation.ts";
import { permute, squeeze } from "./movement.ts";
import { sum } from "./reduction.ts";
import { requireOneDType, requireTensors } from "./require.ts";

/** A tensor whose axes have names. */
interface Labelled {
  readonly tensor: Tensor;
  readonly labels: readonly Label[];
}

/**
 * The sum of products that an equation describes, as in numpy: a letter an axis, `...` for any axes before, between
 * or after them. An index in several operands pairs them, an index that the result lacks is summed over, an index
 * that one operand has twice takes its diagonal. Without an arrow, the result has the axes under `...` and then the
 * letters that occur once, sorted. Axes under `...` broadcast; letters do not.
 *
 * @throws ShapeError that names the operand and the index where equation and operands do not fit.
 * @example
 * ```ts
 * import { constant, einsum, evaluate } from "@wengert/tensor";
 *
 * const x = constant([[1, 2], [3, 4]]);
 * console.log(String(evaluate(einsum("ij,kj->ik", x, x))));
 * console.log(String(evaluate(einsum("ii", x))));
 * ```
 * ```text
 * f32[2, 2]
 * [[ 5, 11],
 *  [11, 25]]
 * f32[] 5
 * ```
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  if (operands.length === 0) throw new InputError("einsum: at least one operand is needed, got none");
  requireTensors("einsum", operands);
  requireOneDType("einsum", ["...operand"], operands);
  const { operands: labels, result, sizes } = parseEquation(equation, operands);
  const terms = operands.map((tensor, index) =>
    withoutOnes(withDiagonals({ tensor, labels: labels[index] }), sizes),
  );
  let product = reduceTo(terms[0], needed(terms, 1, result));
  for (let next = 1; next < terms.length; next++) {
    const later = needed(terms, next + 1, result);
    const other = reduceTo(terms[next], new Set([...product.labels, ...later]));
    product = multiply(product, other, later);
  }
  const order = result.map((label) => product.labels.indexOf(label));
  return order.every((axis, i) => axis === i) ? product.tensor : permute(product.tensor, order);
}

/** The labels that the result or an operand from `from` on has. */
function needed(terms: readonly Labelled[], from: number, result: readonly Label[]): ReadonlySet<Label> {
  return new Set([...result, ...terms.slice(from).flatMap((term) => term.labels)]);
}

/** Each label once: two axes of one label become their diagonal. */
function withDiagonals({ tensor, labels }: Labelled): Labelled {
  const second = labels.findIndex((label, axis) => labels.indexOf(label) < axis);
  if (second < 0) return { tensor, labels };
  const label = labels[second];
  const first = labels.indexOf(label);
  const others = labels.filter((_, axis) => axis !== first && axis !== second);
  // `diagonal` puts the common axis last; a third axis of the same label waits for the next round.
  return withDiagonals({
    tensor: diagonal(tensor, { axes: [first, second] }),
    labels: [...others, label],
  });
}

/** Without the axes of size 1 that broadcast to a larger size under an ellipsis: other operands have that axis. */
function withoutOnes({ tensor, labels }: Labelled, sizes: ReadonlyMap<Label, unknown>): Labelled {
  const gone = labels.flatMap((label, axis) =>
    tensor.shape[axis] === 1 && sizes.get(label) !== 1 ? [axis] : [],
  );
  if (gone.length === 0) return { tensor, labels };
  return { tensor: squeeze(tensor, gone), labels: labels.filter((_, axis) => !gone.includes(axis)) };
}

/** Summed over every label that nobody needs. */
function reduceTo({ tensor, labels }: Labelled, keep: ReadonlySet<Label>): Labelled {
  const gone = labels.flatMap((label, axis) => (keep.has(label) ? [] : [axis]));
  if (gone.length === 0) return { tensor, labels };
  return { tensor: sum(tensor, gone), labels: labels.filter((label) => keep.has(label)) };
}

/** The product of a pair: common labels that are needed later are batches, the others are contracted. */
function multiply(left: Labelled, right: Labelled, later: ReadonlySet<Label>): Labelled {
  const common = left.labels.filter((label) => right.labels.includes(label));
  const batch = common.filter((label) => later.has(label));
  const contract = common.filter((label) => !later.has(label));
  const pair = (labels: readonly Label[]): [number[], number[]] => [
    labels.map((label) => left.labels.indexOf(label)),
    labels.map((label) => right.labels.indexOf(label)),
  ];
  const free = (side: Labelled): Label[] => side.labels.filter((label) => !common.includes(label));
  return {
    tensor: dot(left.tensor, right.tensor, { contract: pair(contract), batch: pair(batch) }),
    labels: [...batch, ...free(left), ...free(right)],
  };
}
