// The equation of an `einsum` as data: labels of every operand and of the result, checked against the operands.
// Axes under an ellipsis are labels too, counted from the last: `...1`, `...0`.

import { ShapeError } from "../errors.ts";
import { describeOperands, type Tensor } from "../tensor.ts";
import { showShape, type Dim } from "../shape.ts";

/** An index of an equation: a letter, or a numbered axis under an ellipsis. */
export type Label = string;

/** A checked equation: one label an axis, and the size that each label stands for. */
export interface Equation {
  readonly operands: readonly (readonly Label[])[];
  readonly result: readonly Label[];
  readonly sizes: ReadonlyMap<Label, Dim>;
}

/**
 * The equation, with its ellipses spelled out for these operands.
 * @throws ShapeError that names the operand and the index that do not fit.
 */
export function parseEquation(text: string, operands: readonly Tensor[]): Equation {
  if (typeof text !== "string") refuse("an equation is text", typeof text, operands);
  const compact = text.replaceAll(/\s+/g, "");
  const [left = "", right, ...more] = compact.split("->");
  if (more.length > 0) refuse("an equation has at most one arrow", `"${text}"`, operands);
  const terms = left.split(",");
  if (terms.length !== operands.length) {
    refuse("one term an operand", `${terms.length} terms and ${operands.length} operands`, operands);
  }
  const labels = terms.map((term, index) => operandLabels(term, index, operands));
  const sizes = sizesOf(labels, operands);
  return { operands: labels, result: resultLabels(right, labels, operands), sizes };
}

function refuse(rule: string, got: string, operands: readonly Tensor[], help?: string): never {
  throw new ShapeError(`einsum: ${rule}, got ${got}`, {
    context: describeOperands(["...operand"], operands),
    ...(help === undefined ? {} : { help }),
  });
}

const isEllipsis = (label: Label): boolean => label.startsWith("...");

/** Letters and at most one `...`. */
function tokens(term: string, place: string, operands: readonly Tensor[]): string[] {
  const found = term.match(/\.\.\.|[A-Za-z]|[^A-Za-z]/g) ?? [];
  const wrong = found.find((token) => token !== "..." && !/^[A-Za-z]$/.test(token));
  if (wrong !== undefined) refuse("indices are letters or ...", `"${wrong}" in ${place}`, operands);
  if (found.filter((token) => token === "...").length > 1) {
    refuse("a term has at most one ellipsis", `"${term}" for ${place}`, operands);
  }
  return found;
}

function ellipsisLabels(count: number): Label[] {
  return Array.from({ length: count }, (_, axis) => `...${count - 1 - axis}`);
}

function operandLabels(term: string, index: number, operands: readonly Tensor[]): Label[] {
  const { shape } = operands[index];
  const place = `operand ${index + 1}`;
  const found = tokens(term, place, operands);
  const letters = found.filter((token) => token !== "...").length;
  const hidden = shape.length - letters;
  if (hidden < 0 || (hidden > 0 && letters === found.length)) {
    refuse("a term has one index an axis", `"${term}" for ${place} of ${showShape(shape)}`, operands);
  }
  return found.flatMap((token) => (token === "..." ? ellipsisLabels(hidden) : [token]));
}

function sizesOf(labels: readonly (readonly Label[])[], operands: readonly Tensor[]): Map<Label, Dim> {
  const sizes = new Map<Label, Dim>();
  const origin = new Map<Label, number>();
  for (const [index, operand] of operands.entries()) {
    for (const [axis, label] of labels[index].entries()) {
      const [dim, known] = [operand.shape[axis], sizes.get(label)];
      const stretched = isEllipsis(label) && (known === 1 || dim === 1);
      if (known !== undefined && known !== dim && !stretched) {
        const first = `${known} in operand ${origin.get(label)! + 1}`;
        const what = isEllipsis(label) ? "an axis under ... has one size or 1" : "an index has one size";
        const which = isEllipsis(label) ? "" : `${label} = `;
        refuse(what, `${which}${first} and ${dim} in operand ${index + 1}`, operands);
      }
      if (known === undefined || known === 1) {
        sizes.set(label, dim);
        origin.set(label, index);
      }
    }
  }
  return sizes;
}

/** The labels of the result: as written, or by numpy's rule the ellipsis and then the letters that occur once. */
function resultLabels(
  term: string | undefined,
  labels: readonly (readonly Label[])[],
  operands: readonly Tensor[],
): readonly Label[] {
  const all = labels.flat();
  const hidden = ellipsisLabels(new Set(all.filter(isEllipsis)).size);
  if (term === undefined) {
    const letters = all.filter((label) => !isEllipsis(label));
    const once = letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label));
    return [...hidden, ...once.sort()];
  }
  const found = tokens(term, "the result", operands);
  const unknown = found.find((token) => token !== "..." && !all.includes(token));
  if (unknown !== undefined) refuse("the result has indices of operands", `${unknown} in none`, operands);
  const twice = found.find((token, at) => found.indexOf(token) !== at);
  if (twice !== undefined) refuse("the result has each index once", `${twice} twice`, operands);
  if (hidden.length > 0 && !found.includes("...")) {
    const rule = "the result has an ellipsis where operands have";
    refuse(rule, `"${term}"`, operands, `"...${term}" keeps these axes, sum(…) removes them`);
  }
  return found.flatMap((token) => (token === "..." ? hidden : [token]));
}
