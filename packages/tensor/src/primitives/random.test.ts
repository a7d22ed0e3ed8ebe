// The kernel of threefry2x32: known answers, counters that start anywhere, and every refusal.

import { expect, test } from "vitest";
import { refuses } from "../../../../test/arrays.ts";
import { apply, constant, evaluate, input, primitives, type Shape, type Tensor } from "../index.ts";

const word = (...pair: number[]): Tensor => constant(pair, { dtype: "u32" });
const words = (key: Tensor, counter: Tensor, shape: Shape): Tensor =>
  apply(primitives.threefry2x32, [key, counter], { shape });
const valuesOf = (key: Tensor, counter: Tensor, shape: Shape): number[] => [
  ...evaluate(words(key, counter, shape)).data,
];

test.each([
  [
    [0, 0],
    [0, 0],
    [0x6b200159, 0x99ba4efe],
  ],
  [
    [0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x1cb996fc, 0xbb002be7],
  ],
  [
    [0x13198a2e, 0x03707344],
    [0x243f6a88, 0x85a308d3],
    [0xc4923a9c, 0x483df7a0],
  ],
])("key %j and counter %j give %j (Random123's known answers)", (key, counter, answer) => {
  expect(valuesOf(word(...key), word(...counter), [])).toEqual(answer);
});

test("the position is added to the counter, and carries into its high word", () => {
  const key = word(3, 4);
  const last = 0xffffffff;
  expect(valuesOf(key, word(7, last), [3])).toEqual([
    ...valuesOf(key, word(7, last), []),
    ...valuesOf(key, word(8, 0), []),
    ...valuesOf(key, word(8, 1), []),
  ]);
  expect(valuesOf(key, word(last, last), [2]).slice(2)).toEqual(valuesOf(key, word(0, 0), []));
  expect(valuesOf(key, word(0, 0), [2, 2]).slice(6)).toEqual(valuesOf(key, word(0, 3), []));
});

test("the words stand on a last axis of size 2", () => {
  expect(words(word(1, 2), word(0, 0), ["m", 3]).shape).toEqual(["m", 3, 2]);
  expect(evaluate(words(word(1, 2), word(0, 0), [0, 3])).shape).toEqual([0, 3, 2]);
});

const context = (key: string, counter: string): string => `\n  key      ${key}\n  counter  ${counter}`;

refuses([
  [
    "a key of one word",
    () => words(input("k", [1], { dtype: "u32" }), input("c", [2], { dtype: "u32" }), []),
    `threefry2x32: the key must be u32 [2], got u32 [1]${context("k       [1] u32  input", "c       [2] u32  input")}`,
  ],
  [
    "a key of another dtype",
    () => words(input("k", [2]), input("c", [2], { dtype: "u32" }), []),
    `threefry2x32: the key must be u32 [2], got f32 [2]${context("k       [2]      input", "c       [2] u32  input")}`,
  ],
  [
    "a counter of another dtype",
    () => words(input("k", [2], { dtype: "u32" }), input("c", [2], { dtype: "i32" }), []),
    `threefry2x32: the counter must be u32 [2], got i32 [2]${context("k       [2] u32  input", "c       [2] i32  input")}`,
  ],
]);
