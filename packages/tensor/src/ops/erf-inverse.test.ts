// erfInverse against erf, in both precisions and every piece of its range.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  arraysOf,
  at,
  expectClose,
  property,
  refuses,
  shapes,
  tabulate,
  valueOf,
} from "../../../../test/arrays.ts";
import { array, cast, constant, erf, erfInverse, evaluate, input } from "../index.ts";

describe.each([
  ["f64", 2 ** -53, 5.5],
  ["f32", 2 ** -24, 3.5],
] as const)("in %s", (dtype, roundoff, end) => {
  const arguments_ = fc.double({ min: -end, max: end, noNaN: true });
  property(
    "erfInverse(erf(y)) is y, as far as erf(y) tells it",
    shapes({ maxRank: 3 }).chain((s) => arraysOf(s, "f64", arguments_)),
    (y) => {
      const x = evaluate(cast(erf(constant(y)), dtype));
      const value = evaluate(cast(erfInverse(constant(x)), "f64"));
      const wanted = tabulate(y.shape, "f64", (p) =>
        Math.abs(at(x, p)) === 1 ? Math.sign(at(x, p)) * Number.POSITIVE_INFINITY : at(y, p),
      );
      // Rounding x moves y by the slope √π/2·e^(y²); the polynomial itself errs by a few units in the last place.
      expectClose(value, wanted, (p) => {
        const result = at(y, p);
        return roundoff * (8 * Math.abs(result) + 8 * Math.exp(result * result)) + Number.MIN_VALUE;
      });
      valueOf((t) => erfInverse(t), [x]);
    },
  );
});

test("erfInverse at its ends, beyond them, and at 0", () => {
  const x = constant(array([1, -1, 1.5, -2, Number.NaN, 0, -0, Number.POSITIVE_INFINITY], { dtype: "f64" }));
  const { POSITIVE_INFINITY: infinite, NaN: none } = Number;
  expect([...evaluate(erfInverse(x)).data]).toEqual([infinite, -infinite, none, none, none, 0, -0, none]);
});

test.each([
  [0.5, 0.4769362762044699],
  [0.999, 2.326753765513525],
  [1 - 2 ** -40, 5.05125408524939],
  [1e-10, 8.862269254527581e-11],
])("erfInverse(%d) is %d", (x, y) => {
  expect(Math.abs(evaluate(erfInverse(constant(array(x, { dtype: "f64" })))).data[0]! / y - 1)).toBeLessThan(
    1e-14,
  );
});

refuses([
  [
    "integers",
    () => erfInverse(input("n", [2], { dtype: "i32" })),
    'erfInverse: the dtype must be floating-point, got i32\n  x      n       [2] i32  input\n  help   cast(x, "f32")',
  ],
]);
