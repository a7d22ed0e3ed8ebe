// Einsum against the definition, one loop over every index, for generated equations; fixed cases of numpy; refusals.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  arraysOf,
  at,
  expectClose,
  positions,
  property,
  refuses,
  tabulate,
  tame,
  unit,
  valueOf,
} from "../../../../test/arrays.ts";
import { array, constant, einsum, evaluate, input, type NdArray, type Tensor } from "../index.ts";

interface Case {
  readonly equation: string;
  readonly operands: readonly NdArray[];
  /** Labels of operands and of the result, ellipses spelled out in Greek. */
  readonly labels: readonly (readonly string[])[];
  readonly result: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
}

const letters = ["i", "j", "k", "A"];
const greek = ["α", "β"];

/** Terms of letters (also repeated), with an ellipsis somewhere, explicit or implicit results, in any order. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    sizes: fc.tuple(...[...letters, ...greek].map(() => fc.integer({ min: 0, max: 3 }))),
    terms: fc.array(
      fc.record({
        letters: fc.array(fc.constantFrom(...letters), { maxLength: 3 }),
        hidden: fc.option(fc.integer({ min: 0, max: 2 }), { nil: undefined }),
        place: fc.nat(3),
        ones: fc.tuple(fc.boolean(), fc.boolean()),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    explicit: fc.boolean(),
    order: fc.array(fc.nat(99), { minLength: 6, maxLength: 6 }),
    keep: fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    space: fc.boolean(),
  })
  .chain(({ sizes, terms, explicit, order, keep, space }) => {
    const sizeOf = new Map([...letters, ...greek].map((label, i) => [label, sizes[i]!]));
    const spelled = terms.map((term) => {
      const place = Math.min(term.place, term.letters.length);
      const hidden = term.hidden === undefined ? [] : greek.slice(greek.length - term.hidden);
      return {
        text: term.letters.toSpliced(place, 0, ...(term.hidden === undefined ? [] : ["..."])).join(""),
        labels: term.letters.toSpliced(place, 0, ...hidden),
        shape: term.letters
          .map((letter) => sizeOf.get(letter)!)
          .toSpliced(place, 0, ...hidden.map((label, i) => (term.ones[i] ? 1 : sizeOf.get(label)!))),
      };
    });
    // An axis under the ellipsis that is 1 in every operand is 1.
    for (const label of greek) {
      const found = spelled.flatMap((term) =>
        term.labels.flatMap((l, axis) => (l === label ? [term.shape[axis]!] : [])),
      );
      if (found.length > 0 && found.every((size) => size === 1)) sizeOf.set(label, 1);
    }
    const all = spelled.flatMap((term) => term.labels);
    const hidden = greek.filter((label) => all.includes(label));
    const used = letters.filter((letter) => all.includes(letter));
    const chosen = used
      .filter((_, i) => keep[i])
      .toSorted((a, b) => order[letters.indexOf(a)]! - order[letters.indexOf(b)]!);
    const place = order[5]! % (chosen.length + 1);
    const anyEllipsis = terms.some((term) => term.hidden !== undefined);
    const result = explicit
      ? chosen.toSpliced(place, 0, ...hidden)
      : [...hidden, ...used.filter((l) => all.indexOf(l) === all.lastIndexOf(l)).toSorted()];
    const arrow = explicit ? `->${chosen.toSpliced(place, 0, ...(anyEllipsis ? ["..."] : [])).join("")}` : "";
    const text = spelled.map((term) => term.text).join(",") + arrow;
    return fc.record({
      equation: fc.constant(space ? text.replaceAll(/(,|->)/g, " $1 ") : text),
      operands: fc.tuple(...spelled.map((term) => arraysOf(term.shape, "f64", tame))),
      labels: fc.constant(spelled.map((term) => term.labels)),
      result: fc.constant(result),
      sizes: fc.constant(sizeOf),
    });
  });

/** Every product that the equation adds for one position of the result. */
function products({ operands, labels, result, sizes }: Case, position: readonly number[]): number[] {
  const summed = [...new Set(labels.flat())].filter((label) => !result.includes(label));
  return positions(summed.map((label) => sizes.get(label)!)).map((inner) => {
    const index = new Map([
      ...result.map((label, i) => [label, position[i]!] as const),
      ...summed.map((label, i) => [label, inner[i]!] as const),
    ]);
    const factors = operands.map((x, i) =>
      at(
        x,
        labels[i]!.map((label, axis) => (x.shape[axis] === 1 ? 0 : index.get(label)!)),
      ),
    );
    return factors.reduce((a, b) => a * b, 1);
  });
}

property("einsum is the sum of products over every index that the result lacks", cases, (each) => {
  const shape = each.result.map((label) => each.sizes.get(label)!);
  const wanted = tabulate(shape, "f64", (position) => products(each, position).reduce((a, b) => a + b, 0));
  expectClose(
    valueOf((...t) => einsum(each.equation, ...t), each.operands),
    wanted,
    (position) => {
      const terms = products({ ...each, operands: each.operands.map(absolute) }, position);
      // Each partial sum and product rounds; sums of sums add up to no more than all terms and operands.
      return (
        unit * 4 * (terms.length + each.operands.length + 2) * (terms.reduce((a, b) => a + b, 0) + 1e-300)
      );
    },
  );
});

const absolute = (x: NdArray): NdArray => tabulate(x.shape, "f64", (position) => Math.abs(at(x, position)));

const square = constant([
  [1, 2],
  [3, 4],
]);
const tall = constant([
  [1, 2],
  [3, 4],
  [5, 6],
]);
const row = constant([10, 20]);
const nested = (x: Tensor): unknown => {
  const value = evaluate(x);
  return [value.shape, [...value.data]];
};

test.each([
  [
    "a product of matrices",
    einsum("ij,jk", tall, square),
    [
      [3, 2],
      [7, 10, 15, 22, 23, 34],
    ],
  ],
  [
    "a transposed result",
    einsum("ij,jk->ki", tall, square),
    [
      [2, 3],
      [7, 15, 23, 10, 22, 34],
    ],
  ],
  [
    "implicit results in sorted order",
    einsum("ba", tall),
    [
      [2, 3],
      [1, 3, 5, 2, 4, 6],
    ],
  ],
  [
    "capital letters before small ones",
    einsum("aB->Ba", tall),
    [
      [2, 3],
      [1, 3, 5, 2, 4, 6],
    ],
  ],
  ["the trace", einsum("ii", square), [[], [5]]],
  ["the diagonal", einsum("ii->i", square), [[2], [1, 4]]],
  ["the sum of everything", einsum("ij->", tall), [[], [21]]],
  ["an index of one operand that is summed", einsum("ij,k->k", square, row), [[2], [100, 200]]],
  [
    "a product of elements",
    einsum("ij,ij->ij", square, square),
    [
      [2, 2],
      [1, 4, 9, 16],
    ],
  ],
  [
    "an outer product",
    einsum("i,j", row, row),
    [
      [2, 2],
      [100, 200, 200, 400],
    ],
  ],
  [
    "a scalar operand",
    einsum(",ij->ji", constant(2), square),
    [
      [2, 2],
      [2, 6, 4, 8],
    ],
  ],
  ["scalars alone", einsum(",->", constant(2), constant(3)), [[], [6]]],
  ["three operands", einsum("i,ij,j->", row, square, row), [[], [2700]]],
  ["an ellipsis that broadcasts", einsum("...i,...i->...", tall, constant([[1, 1]])), [[3], [3, 7, 11]]],
  [
    "an ellipsis in one operand",
    einsum("...j,jk->...k", tall, square),
    [
      [3, 2],
      [7, 10, 15, 22, 23, 34],
    ],
  ],
  [
    "an ellipsis for no axes",
    einsum("ij...->ji...", square),
    [
      [2, 2],
      [1, 3, 2, 4],
    ],
  ],
  [
    "an index three times in an operand",
    einsum(
      "iii->i",
      constant([
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ]),
    ),
    [[2], [1, 8]],
  ],
])("einsum: %s", (_, tensor, value) => {
  expect(nested(tensor)).toEqual(value);
});

test("einsum of integers is exact, and of truth values may reorder", () => {
  expect(
    nested(einsum("i,i", constant([65537, 1], { dtype: "i32" }), constant([65537, 1], { dtype: "i32" }))),
  ).toEqual([[], [131074]]);
  expect(nested(einsum("ij->ji", constant([[true, false]])))).toEqual([
    [2, 1],
    [1, 0],
  ]);
});

test("einsum pairs named dimensions, takes their diagonal and broadcasts them against 1", () => {
  const x = input("x", ["m", "m"]);
  const values = {
    x: array([
      [1, 2],
      [3, 4],
    ]),
  };
  expect([...evaluate(einsum("ii->i", x), values).data]).toEqual([1, 4]);
  expect(einsum("ab,bc->ca", x, input("y", ["m", "n"])).shape).toEqual(["n", "m"]);
  expect(einsum("...,...->...", x, input("y", [1, "m"])).shape).toEqual(["m", "m"]);
});

const a = input("a", [2, 3]);
const b = input("b", [4, "m"]);
const one = "\n  operand1  a       [2, 3]  input";
const both = `${one}\n  operand2  b       [4, m]  input`;

refuses([
  ["no operand", () => einsum("->"), "einsum: at least one operand is needed, got none"],
  [
    "two arrows",
    () => einsum("ij->j->i", a),
    `einsum: an equation has at most one arrow, got "ij->j->i"${one}`,
  ],
  [
    "too few terms",
    () => einsum("ij", a, b),
    `einsum: one term an operand, got 1 terms and 2 operands${both}`,
  ],
  [
    "a sign that is no index",
    () => einsum("i*,jk", a, b),
    `einsum: indices are letters or ..., got "*" in operand 1${both}`,
  ],
  [
    "a sign in the result",
    () => einsum("ij->1", a),
    `einsum: indices are letters or ..., got "1" in the result${one}`,
  ],
  ["two dots", () => einsum("..ij", a), `einsum: indices are letters or ..., got "." in operand 1${one}`],
  [
    "two ellipses",
    () => einsum("...i...", a),
    `einsum: a term has at most one ellipsis, got "...i..." for operand 1${one}`,
  ],
  [
    "too few indices",
    () => einsum("ij,j", a, b),
    `einsum: a term has one index an axis, got "j" for operand 2 of [4, m]${both}`,
  ],
  [
    "too many indices",
    () => einsum("ijk,jk", a, b),
    `einsum: a term has one index an axis, got "ijk" for operand 1 of [2, 3]${both}`,
  ],
  [
    "too many indices beside an ellipsis",
    () => einsum("...ijk", a),
    `einsum: a term has one index an axis, got "...ijk" for operand 1 of [2, 3]${one}`,
  ],
  [
    "an index of two sizes",
    () => einsum("ij,jk", a, b),
    `einsum: an index has one size, got j = 3 in operand 1 and 4 in operand 2${both}`,
  ],
  [
    "a diagonal of two sizes",
    () => einsum("ii", a),
    `einsum: an index has one size, got i = 2 in operand 1 and 3 in operand 1${one}`,
  ],
  [
    "a letter that would broadcast",
    () => einsum("ij,ij", a, input("b", [1, 3])),
    `einsum: an index has one size, got i = 2 in operand 1 and 1 in operand 2${one}\n  operand2  b       [1, 3]  input`,
  ],
  [
    "an ellipsis of two sizes",
    () => einsum("...,...", a, b),
    `einsum: an axis under ... has one size or 1, got 2 in operand 1 and 4 in operand 2${both}`,
  ],
  [
    "an index that no operand has",
    () => einsum("ij->k", a),
    `einsum: the result has indices of operands, got k in none${one}`,
  ],
  [
    "an index twice in the result",
    () => einsum("ij->ii", a),
    `einsum: the result has each index once, got i twice${one}`,
  ],
  [
    "a result without the ellipsis",
    () => einsum("i...->i", a),
    `einsum: the result has an ellipsis where operands have, got "i"${one}\n  help   "...i" keeps these axes, sum(…) removes them`,
  ],
  [
    "two dtypes",
    () => einsum("ij,kl", a, input("b", [4, "m"], { dtype: "f64" })),
    'einsum: dtypes must agree, got f32 and f64\n  operand1  a       [2, 3]      input\n  operand2  b       [4, m] f64  input\n  help   cast one of them, as in cast(x, "f64")',
  ],
]);
