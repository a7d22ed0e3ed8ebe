import { array } from "@wengert/tensor";
import fc from "fast-check";
import { expect, test } from "vitest";
import { refuses } from "../../../test/arrays.ts";
import { accuracy, confusionMatrix, formatConfusion, predictedLabels } from "./confusion-matrix.ts";
import { formatTable } from "./tables.ts";

test("the predicted class is the largest output, the first of equal ones, or the side of a threshold", () => {
  expect([
    ...predictedLabels(
      array([
        [0.1, 0.5, 0.2],
        [0.7, 0.5, 0.1],
        [0.2, 0, 0.7],
      ]),
    ),
  ]).toEqual([1, 0, 2]);
  expect([...predictedLabels(array([[0.4, 0.5, 0.6]]))]).toEqual([0, 0, 1]);
  expect([...predictedLabels(array([[-1, 0, 0.1]]), 0)]).toEqual([0, 0, 1]);
});

test("the predicted class is the largest of each column, however many there are", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 6 }),
      fc.integer({ min: 1, max: 5 }),
      fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
      (classes, m, stream) => {
        const columns = Array.from({ length: m }, () => [...stream.take(classes)]);
        const rows = Array.from({ length: classes }, (_, c) => columns.map((column) => column[c] ?? 0));
        const wanted = columns.map((column) => column.indexOf(Math.max(...column)));
        expect([...predictedLabels(array(rows))]).toEqual(wanted);
      },
    ),
  );
});

test("one example is enough, and large counts stay apart", () => {
  expect([accuracy([1], [1]), accuracy([0], [1])]).toEqual([1, 0]);
  const text = formatConfusion(
    [
      [12345, 23456],
      [34567, 45678],
    ],
    ["0", "1"],
  );
  expect(text.split("\n").map((line) => line.split(/ +/))).toEqual([
    ["true", "0", "1", "found"],
    ["0", "12345", "23456", "34.5%"],
    ["1", "34567", "45678", "56.9%"],
  ]);
});

test("a row is a true class and a column a predicted one", () => {
  const matrix = confusionMatrix([0, 1, 1, 2, 0], [0, 1, 0, 2, 2], 3);
  expect(matrix).toEqual([
    [1, 1, 0],
    [0, 1, 0],
    [1, 0, 1],
  ]);
  expect(Object.isFrozen(matrix) && matrix.every((row) => Object.isFrozen(row))).toBe(true);
  expect(accuracy([0, 1, 1, 2, 0], [0, 1, 0, 2, 2])).toBe(0.6);
  expect(`\n${formatConfusion(matrix, ["cat", "dog", "2"])}\n`).toBe(`
true     0   1   2   found
0 cat    1   1   ·   50.0%
1 dog    ·   1   ·  100.0%
2        1   ·   1   50.0%
`);
});

test("tables align columns of numbers to the right", () => {
  expect(
    formatTable(
      ["name", "count"],
      [
        ["a", 1],
        ["bcdef", 1200],
      ],
    ),
  ).toBe(["name   count", "─────  ─────", "a          1", "bcdef  1,200"].join("\n"));
});

refuses([
  [
    "predictions of another number",
    () => accuracy([1], [1, 0]),
    "accuracy: there must be as many predictions as labels, and at least one, got 1 and 2",
  ],
  [
    "no predictions",
    () => confusionMatrix([], [], 2),
    "confusionMatrix: there must be as many predictions as labels, and at least one, got 0 and 0",
  ],
  [
    "classes that do not exist",
    () => confusionMatrix([0, 3], [0, 1], 2),
    "confusionMatrix: classes are whole numbers from 0 to 1, got 1 taken for 3 at example 1",
  ],
]);
