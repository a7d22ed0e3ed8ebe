// Diagonals, triangles and identities against conditions on row and column, and every refusal.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arraysOf,
  at,
  elementsOf,
  expectSame,
  property,
  refuses,
  shapes,
  tabulate,
  valueOf,
} from "../../../../test/arrays.ts";
import {
  constant,
  diagonal,
  diagonalMatrix,
  dtypes,
  evaluate,
  identityMatrix,
  input,
  trace,
  tril,
  triu,
  type Tensor,
} from "../index.ts";

const cases = fc
  .constantFrom(...dtypes)
  .chain((dtype) =>
    shapes({ minRank: 2, maxRank: 4 }).chain((shape) =>
      fc.tuple(
        arraysOf(shape, dtype),
        fc.integer({ min: -4, max: 4 }),
        fc.nat(shape.length - 1),
        fc.nat(shape.length - 2),
      ),
    ),
  );

property(
  "diagonal takes equal rows and columns, an offset apart, of any two axes",
  cases,
  ([x, offset, rows, other]) => {
    const columns = other >= rows ? other + 1 : other;
    const [height, width] = [x.shape[rows]!, x.shape[columns]!];
    const pairs = Array.from({ length: height }, (_, i) => [i, i + offset]).filter(
      ([, j]) => j! >= 0 && j! < width,
    );
    const kept = x.shape.map((_, axis) => axis).filter((axis) => axis !== rows && axis !== columns);
    const wanted = tabulate([...kept.map((axis) => x.shape[axis]!), pairs.length], x.dtype, (position) => {
      const [i, j] = pairs[position.at(-1)!]!;
      return at(
        x,
        x.shape.map((_, axis) =>
          axis === rows ? i! : axis === columns ? j! : position[kept.indexOf(axis)]!,
        ),
      );
    });
    expectSame(
      valueOf((t) => diagonal(t, { axes: [rows, columns - x.shape.length], offset }), [x], { named: false }),
      wanted,
    );
  },
);

property(
  "the diagonal of named axes is the one of numbers",
  fc.constantFrom(...dtypes).chain((dtype) =>
    fc.nat(4).chain((n) =>
      arraysOf(
        [2, n, n],
        dtype,
        elementsOf(dtype).map((x) => x + 0),
      ),
    ),
  ),
  (x) => {
    expectSame(
      valueOf((t) => diagonal(t), [x]),
      evaluate(diagonal(constant(x))),
    );
  },
);

describe.each([
  ["tril", tril, (row: number, column: number, offset: number) => column - row <= offset],
  ["triu", triu, (row: number, column: number, offset: number) => column - row >= offset],
] as const)("%s", (_, build, inside) => {
  property("keeps one side of a diagonal of the last two axes", cases, ([x, offset]) => {
    const wanted = tabulate(x.shape, x.dtype, (p) => (inside(p.at(-2)!, p.at(-1)!, offset) ? at(x, p) : 0));
    expectSame(
      valueOf((t) => build(t, offset), [x]),
      wanted,
    );
  });
  test("without an offset keeps the main diagonal", () => {
    expect(
      evaluate(
        build(
          constant([
            [1, 2],
            [3, 4],
          ]),
        ),
      ).data,
    ).toEqual(Float32Array.of(1, build === tril ? 0 : 2, build === tril ? 3 : 0, 4));
  });
});

property(
  "diagonalMatrix has its diagonal and 0 elsewhere",
  fc
    .constantFrom(...dtypes)
    .chain((dtype) => shapes({ minRank: 1, maxRank: 3 }).chain((shape) => arraysOf(shape, dtype))),
  (x) => {
    const wanted = tabulate([...x.shape, x.shape.at(-1)!], x.dtype, (p) =>
      p.at(-1) === p.at(-2) ? at(x, p.slice(0, -1)) : 0,
    );
    expectSame(
      valueOf((t) => diagonalMatrix(t), [x]),
      wanted,
    );
    expectSame(evaluate(diagonal(diagonalMatrix(constant(x)))), x);
  },
);

test("identityMatrix has 1 where row and column agree", () => {
  expectSame(
    evaluate(identityMatrix(3)),
    tabulate([3, 3], "f32", ([i, j]) => (i === j ? 1 : 0)),
  );
  expect(evaluate(identityMatrix(2, { dtype: "bool" })).dtype).toBe("bool");
  const m = input("m", ["m"]);
  const [identity] = evaluate([identityMatrix("m"), m], { m: [0, 0] });
  expect([...identity.data]).toEqual([1, 0, 0, 1]);
});

test("trace sums the diagonal, of every matrix or of two axes", () => {
  const x = constant([
    [
      [1, 2],
      [3, 4],
    ],
    [
      [5, 6],
      [7, 8],
    ],
  ]);
  expect([...evaluate(trace(x)).data]).toEqual([5, 13]);
  expect([...evaluate(trace(x, { axes: [0, 1] })).data]).toEqual([8, 10]);
  expect([...evaluate(trace(x, { offset: 1 })).data]).toEqual([2, 6]);
  const m = input("m", ["m", "m"]);
  expect([
    ...evaluate(trace(m), {
      m: [
        [1, 2],
        [3, 4],
      ],
    }).data,
  ]).toEqual([5]);
});

const named = input("x", ["m", 3]) as Tensor;
const vector = input("v", [3]) as Tensor;
refuses([
  [
    "the diagonal of a vector",
    () => diagonal(vector),
    `diagonal: the operand must have rows and columns, got [3]\n  x      v       [3]     input`,
  ],
  [
    "the trace of a vector",
    () => trace(vector),
    `trace: the operand must have rows and columns, got [3]\n  x      v       [3]     input`,
  ],
  [
    "a triangle of a vector",
    () => tril(vector),
    `tril: the operand must have rows and columns, got [3]\n  x      v       [3]     input`,
  ],
  [
    "the diagonal of unequal named axes",
    () => diagonal(named),
    "diagonal: named axes must be the same and the offset 0, got [m, 3] with offset 0\n  x      x       [m, 3]  input",
  ],
  [
    "an offset on named axes",
    () => diagonal(input("x", ["m", "m"]), { offset: 1 }),
    "diagonal: named axes must be the same and the offset 0, got [m, m] with offset 1\n  x      x       [m, m]  input",
  ],
  [
    "one axis as rows and columns",
    () => diagonal(named, { axes: [1, -1] }),
    "diagonal: axes must differ, got [1, -1]",
  ],
  [
    "an axis beyond the rank",
    () => diagonal(named, { axes: [0, 2] }),
    "diagonal: the axis must be within the rank, got 2 for rank 2\n  help   axes are -2 to 1",
  ],
  ["an offset that is not whole", () => triu(named, 0.5), "triu: the offset must be a whole number, got 0.5"],
  [
    "the matrix of a scalar",
    () => diagonalMatrix(constant(1)),
    "diagonalMatrix: the operand must have an axis, got []",
  ],
]);
