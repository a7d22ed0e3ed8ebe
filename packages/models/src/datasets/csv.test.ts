// CSV: numbers come back as they were written, in quotes or not, and what is no number is refused with its place.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeCsv } from "./csv.ts";

const cell = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer());
const tables = fc
  .record({ rows: fc.integer({ min: 1, max: 5 }), columns: fc.integer({ min: 1, max: 4 }) })
  .chain(({ rows, columns }) =>
    fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), {
      minLength: rows,
      maxLength: rows,
    }),
  );
const written = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

test("decodeCsv: reads the numbers that were written, whatever ends the lines and stands around the cells", () => {
  const quote = fc.constantFrom('"', "");
  const space = fc.constantFrom("", " ", "\t");
  const lineEnd = fc.constantFrom("\n", "\r\n", "\r", "\n\n", "\n  \n");
  const last = fc.constantFrom("", "\n");
  fc.assert(
    fc.property(tables, quote, space, lineEnd, last, (rows, mark, gap, end, final) => {
      const line = (row: readonly number[]): string =>
        row.map((value) => gap + mark + written(value) + mark + gap).join(",");
      const read = decodeCsv(rows.map(line).join(end) + final);
      expect([read.header, read.rows, read.columns]).toEqual([undefined, rows.length, rows[0]?.length]);
      expect(read.data).toEqual(Float64Array.from(rows.flat()));
    }),
  );
});

describe("decodeCsv: the header", () => {
  test.each([
    ["names", "a, b c ", ["a", "b c"]],
    ["names in quotes, with commas and quotes", '"a,b","say ""c"""', ["a,b", 'say "c"']],
    ["a gap among names", ",b", ["", "b"]],
    ["a byte order mark before names", "\uFEFFa,b", ["a", "b"]],
  ])("may be %s", (_, line, header) => {
    const read = decodeCsv(`${line}\n1,2\n`);
    expect([read.header, read.rows, ...read.data]).toEqual([header, 1, 1, 2]);
  });

  test("is taken or not as the options say", () => {
    const text = "2001,2002\n1,2\n";
    expect(decodeCsv(text).rows).toBe(2);
    expect(decodeCsv(text, { header: false }).rows).toBe(2);
    const named = decodeCsv(text, { header: true });
    expect([named.header, named.rows]).toEqual([["2001", "2002"], 1]);
    expect(() => decodeCsv("a,b\n1,2\n", { header: false })).toThrow(
      'csv: cells must be finite numbers, got "a" in line 1, column 1',
    );
  });
});

test.each([
  ["", "f: there must be rows of numbers, got none"],
  ["\n \n", "f: there must be rows of numbers, got none"],
  ["a,b\n", "f: there must be rows of numbers, got none"],
  ["1,2\n3", "f: every row must have 2 cells, got 1 in line 2"],
  ["1,2\n3,4,5", "f: every row must have 2 cells, got 3 in line 2"],
  ["a,b,c\n\n1,2", "f: every row must have 3 cells, got 2 in line 3"],
  ["1,2\n\n3,x", 'f: cells must be finite numbers, got "x" in line 3, column 2'],
  ["1,2\n3,", 'f: cells must be finite numbers, got "" in line 2, column 2'],
  ['1," "', 'f: cells must be finite numbers, got "" in line 1, column 2'],
  [",\n1,2", 'f: cells must be finite numbers, got "" in line 1, column 1'],
  ["1,NaN", 'f: cells must be finite numbers, got "NaN" in line 1, column 2'],
  ["nan,a\n1,2", 'f: cells must be finite numbers, got "nan" in line 1, column 1'],
  ["a,-inf\n1,2", 'f: cells must be finite numbers, got "a" in line 1, column 1'],
  ["1,Infinity", 'f: cells must be finite numbers, got "Infinity" in line 1, column 2'],
  ["1,1e999", 'f: cells must be finite numbers, got "1e999" in line 1, column 2'],
  ["0x10,2", 'f: cells must be finite numbers, got "0x10" in line 1, column 1'],
  ["1,2 3", 'f: cells must be finite numbers, got "2 3" in line 1, column 2'],
  ['1,2\n3,"4', "f: quotes must enclose whole cells, got others in line 2"],
  ['1,2\n3"4",5', "f: quotes must enclose whole cells, got others in line 2"],
  ['1,2\n"3"4,5', "f: quotes must enclose whole cells, got others in line 2"],
])("decodeCsv: refuses %j", (text, message) => {
  expect(() => decodeCsv(text, { place: "f" })).toThrow(message);
});
