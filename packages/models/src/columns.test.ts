import { array, sameArray } from "@wengert/tensor";
import { expect, test } from "vitest";
import { allColumns, columnsAt, rowsOf } from "./columns.ts";

const value = array([
  [1, 2, 3],
  [4, 5, 6],
]);

test("columns come back in the order of the positions, any number of times", () => {
  const rows = rowsOf(value, "f32");
  expect([rows.size, rows.count, [...rows.data]]).toEqual([2, 3, [1, 4, 2, 5, 3, 6]]);
  expect(sameArray(columnsAt(rows, [0, 1, 2]), value)).toBe(true);
  expect(
    sameArray(
      columnsAt(rows, [2, 0, 2, 1]),
      array([
        [3, 1, 3, 2],
        [6, 4, 6, 5],
      ]),
    ),
  ).toBe(true);
});

test("the dtype is that of the network", () => {
  const doubles = array(
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    { dtype: "f64" },
  );
  expect(sameArray(columnsAt(rowsOf(value, "f64"), [0, 1, 2]), doubles)).toBe(true);
  expect(sameArray(allColumns(value, "f64"), doubles)).toBe(true);
  expect(sameArray(allColumns(doubles, "f32"), value)).toBe(true);
  expect(allColumns(value, "f32")).toBe(value);
});
