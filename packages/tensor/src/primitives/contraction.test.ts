// The kernel of `dot` against a sum over positions, for every choice of contracted and batch axes.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arraysOf,
  at,
  expectClose,
  expectSame,
  positions,
  property,
  refuses,
  tabulate,
  tame,
  unit,
  valueOf,
} from "../../../../test/arrays.ts";
import { arrayFrom, constant, dot, evaluate, input, type DType, type NdArray } from "../index.ts";

/** Operands with axes of letters: shared ones are batch or contracted, others free, in a shuffled order. */
const cases = (dtype: DType, element?: fc.Arbitrary<number>) =>
  fc
    .record({
      batch: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
      contract: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 }),
      left: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 1 }),
      right: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 1 }),
    })
    .chain(({ batch, contract, left, right }) => {
      const named = (kind: string, sizes: readonly number[]) =>
        sizes.map((size, i) => ({ label: `${kind}${i}`, size }));
      const shared = [...named("b", batch), ...named("c", contract)];
      const order = <T>(axes: readonly T[]) => fc.shuffledSubarray([...axes], { minLength: axes.length });
      return fc.tuple(order([...shared, ...named("x", left)]), order([...shared, ...named("y", right)]));
    })
    .chain(([x, y]) =>
      fc.record({
        x: arraysOf(
          x.map((axis) => axis.size),
          dtype,
          element,
        ),
        y: arraysOf(
          y.map((axis) => axis.size),
          dtype,
          element,
        ),
        left: fc.constant(x.map((axis) => axis.label)),
        right: fc.constant(y.map((axis) => axis.label)),
      }),
    );

interface Case {
  readonly x: NdArray;
  readonly y: NdArray;
  readonly left: readonly string[];
  readonly right: readonly string[];
}

function expected({ x, y, left, right }: Case, dtype: DType) {
  const kind = (letter: string): string[] => left.filter((label) => label.startsWith(letter)).toSorted();
  const [batch, contract] = [kind("b"), kind("c")];
  const result = [
    ...batch,
    ...left.filter((l) => l.startsWith("x")),
    ...right.filter((l) => l.startsWith("y")),
  ];
  const sizeOf = (label: string): number =>
    x.shape[left.indexOf(label)] ?? y.shape[right.indexOf(label)] ?? 0;
  const terms = (position: readonly number[]): number[][] =>
    positions(contract.map(sizeOf)).map((inner) => {
      const index = new Map([
        ...result.map((l, i) => [l, position[i]!] as const),
        ...contract.map((l, i) => [l, inner[i]!] as const),
      ]);
      return [
        at(
          x,
          left.map((l) => index.get(l)!),
        ),
        at(
          y,
          right.map((l) => index.get(l)!),
        ),
      ];
    });
  const pair = (labels: readonly string[]): [number[], number[]] => [
    labels.map((label) => left.indexOf(label)),
    labels.map((label) => right.indexOf(label)),
  ];
  return {
    shape: result.map(sizeOf),
    terms,
    options: { batch: pair(batch), contract: pair(contract) },
    dtype,
  };
}

property("dot sums the products over contracted axes, for every batch", cases("f64", tame), (each) => {
  const { shape, terms, options } = expected(each, "f64");
  const wanted = tabulate(shape, "f64", (p) => terms(p).reduce((sum, [a, b]) => sum + a! * b!, 0));
  // n products and n sums, each rounded: within (n + 1)·unit of Σ|a·b| on either side.
  const bound = (p: readonly number[]): number =>
    2 * (terms(p).length + 1) * unit * terms(p).reduce((sum, [a, b]) => sum + Math.abs(a! * b!), 0) +
    Number.MIN_VALUE * 99;
  expectClose(
    valueOf((a, b) => dot(a, b, options), [each.x, each.y]),
    wanted,
    bound,
  );
});

describe.each(["i32", "u32"] as const)("in %s", (dtype) => {
  property("dot is exact modulo 2³²", cases(dtype), (each) => {
    const { shape, terms, options } = expected(each, dtype);
    const wanted = tabulate(shape, dtype, (p) => {
      const exact = terms(p).reduce((sum, [a, b]) => sum + BigInt(a!) * BigInt(b!), 0n);
      return Number(dtype === "i32" ? BigInt.asIntN(32, exact) : BigInt.asUintN(32, exact));
    });
    expectSame(
      valueOf((a, b) => dot(a, b, options), [each.x, each.y]),
      wanted,
    );
  });
});

test("f32 products are summed in double precision and rounded once", () => {
  const x = constant(arrayFrom(Float32Array.of(1e8, 1, -1e8, 1), [1, 4]));
  const ones = constant(arrayFrom(Float32Array.of(1, 1, 1, 1), [4, 1]));
  expect(evaluate(dot(x, ones)).data[0]).toBe(2);
});

test("NaN and infinity are not lost beside zeros", () => {
  const x = constant([[0, 0, 0, 0, 0]]);
  const y = constant([[1], [Number.POSITIVE_INFINITY], [1], [1], [Number.NaN]]);
  expect(evaluate(dot(x, y)).data[0]).toBeNaN();
  expect(evaluate(dot(constant([[0]]), constant([[Number.NEGATIVE_INFINITY]]))).data[0]).toBeNaN();
});

const x = input("x", [3, "m"]);
const context = (y: string): string => `\n  left   x       [3, m]  input\n  right  y       ${y}  input`;

refuses([
  [
    "contracted axes of unequal size",
    () => dot(x, input("y", [3, 4])),
    `dot: contracted dimensions must be equal in pairs, got [3, m] axes [1] and [3, 4] axes [0]${context("[3, 4]")}`,
  ],
  [
    "batch axes of unequal size",
    () => dot(x, input("y", ["m", 4]), { batch: [[0], [1]] }),
    `dot: batch dimensions must be equal in pairs, got [3, m] axes [0] and [m, 4] axes [1]${context("[m, 4]")}`,
  ],
  [
    "axes that are no pairs",
    () => dot(x, input("y", ["m", 4]), { contract: [[1], []] }),
    `dot: contracted dimensions must be equal in pairs, got [3, m] axes [1] and [m, 4] axes []${context("[m, 4]")}`,
  ],
  [
    "an axis that is contracted twice",
    () =>
      dot(x, input("y", [3, 3]), {
        contract: [
          [0, 0],
          [0, 1],
        ],
      }),
    `dot: an axis is contracted or a batch, and once, got axes [0, 0] of the left${context("[3, 3]")}`,
  ],
  [
    "an axis that is contracted and a batch",
    () => dot(input("z", [3, 3]), input("y", [3]), { contract: [[0], [0]], batch: [[1], [0]] }),
    "dot: an axis is contracted or a batch, and once, got axes [0, 0] of the right\n  left   z       [3, 3]  input\n  right  y       [3]     input",
  ],
  [
    "unequal dtypes",
    () => dot(x, input("y", ["m", 3], { dtype: "f64" })),
    'dot: dtypes must agree, got f32 and f64\n  left   x       [3, m]      input\n  right  y       [m, 3] f64  input\n  help   cast one of them, as in cast(x, "f64")',
  ],
  [
    "truth values",
    () => dot(input("a", [2], { dtype: "bool" }), input("b", [2], { dtype: "bool" })),
    'dot: the dtype must be number, got bool\n  left   a       [2] bool  input\n  right  b       [2] bool  input\n  help   cast(x, "f32")',
  ],
  [
    "an axis beyond the rank",
    () => dot(x, input("y", ["m", 3]), { contract: [[2], [0]] }),
    "dot: the axis must be within the rank, got 2 for rank 2\n  help   axes are -2 to 1",
  ],
]);
