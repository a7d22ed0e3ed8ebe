// Repetitions and rotations against the position each element comes from, and every refusal.

import fc from "fast-check";
import { expect, test } from "vitest";
import {
  arraysOf,
  at,
  expectSame,
  property,
  refuses,
  shapes,
  tabulate,
  valueOf,
} from "../../../../test/arrays.ts";
import { constant, evaluate, input, repeat, roll, tile, type Tensor } from "../index.ts";

property(
  "tile repeats the whole along every axis",
  shapes({ maxRank: 3 }).chain((shape) => fc.tuple(arraysOf(shape), fc.tuple(...shape.map(() => fc.nat(3))))),
  ([x, counts]) => {
    const wanted = tabulate(
      x.shape.map((size, axis) => size * counts[axis]!),
      "f64",
      (p) =>
        at(
          x,
          p.map((i, axis) => i % x.shape[axis]!),
        ),
    );
    expectSame(
      valueOf((t) => tile(t, counts), [x], { named: false }),
      wanted,
    );
  },
);

const withAxis = shapes({ minRank: 1, maxRank: 4 }).chain((shape) =>
  fc.tuple(arraysOf(shape), fc.integer({ min: -shape.length, max: shape.length - 1 })),
);

property(
  "repeat repeats each element along one axis",
  fc.tuple(withAxis, fc.nat(3)),
  ([[x, axis], count]) => {
    const along = (axis + x.shape.length) % x.shape.length;
    const wanted = tabulate(x.shape.with(along, x.shape[along]! * count), "f64", (p) =>
      at(x, p.with(along, Math.floor(p[along]! / count))),
    );
    expectSame(
      valueOf((t) => repeat(t, count, axis), [x], { named: false }),
      wanted,
    );
  },
);

property(
  "roll moves element i to place i + shift, round and round",
  fc.tuple(withAxis, fc.integer({ min: -9, max: 9 })),
  ([[x, axis], shift]) => {
    const along = (axis + x.shape.length) % x.shape.length;
    const size = x.shape[along]!;
    const wanted = tabulate(x.shape, "f64", (p) =>
      at(x, p.with(along, (((p[along]! - shift) % size) + size) % size)),
    );
    expectSame(
      valueOf((t) => roll(t, shift, axis), [x]),
      wanted,
    );
  },
);

test("a named axis stays where it is not multiplied", () => {
  const x = input("x", ["m", 2]);
  expect(tile(x, [1, 2]).shape).toEqual(["m", 4]);
  expect(repeat(x, 1, 0)).toBe(x);
  const value = evaluate(tile(x, [1, 2]), {
    x: [
      [1, 2],
      [3, 4],
    ],
  });
  expect([...value.data]).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
});

test("a shift by whole turns is no node", () => {
  const x = constant([1, 2, 3]);
  expect(roll(x, -6, 0)).toBe(x);
});

const x = input("x", ["m", 2]) as Tensor;
const context = "\n  x      x       [m, 2]  input";

refuses([
  ["too few counts", () => tile(x, [1]), "tile: one count an axis is needed, got 1 for [m, 2]"],
  ["a negative count", () => tile(x, [1, -1]), "tile: counts are whole numbers from 0, got -1"],
  ["a count that is not whole", () => repeat(x, 0.5, 1), "repeat: counts are whole numbers from 0, got 0.5"],
  [
    "a named axis that would grow",
    () => tile(x, [2, 1]),
    `tile: a named axis cannot grow, got m times 2${context}`,
  ],
  [
    "a named axis that would be repeated",
    () => repeat(x, 0, 0),
    `repeat: a named axis cannot grow, got m times 0${context}`,
  ],
  [
    "repeating along an axis beyond the rank",
    () => repeat(x, 2, 2),
    "repeat: the axis must be within the rank, got 2 for rank 2\n  help   axes are -2 to 1",
  ],
  ["a shift that is not whole", () => roll(x, 0.5, 0), "roll: the shift must be a whole number, got 0.5"],
  [
    "rolling along an axis beyond the rank",
    () => roll(x, 1, -3),
    "roll: the axis must be within the rank, got -3 for rank 2\n  help   axes are -2 to 1",
  ],
]);
