// Numbers separated by commas, one row an example; cells may stand in double quotes (RFC 4180, without line ends
// within them). Every cell is a finite decimal number or the whole text is refused.

import { InputError } from "@wengert/tensor";

/** The rows of a CSV file, one after another. */
export interface CsvTable {
  /** The names of the columns, where the first row holds names. */
  readonly header: readonly string[] | undefined;
  readonly rows: number;
  readonly columns: number;
  /** The cells in C order: rows · columns numbers. */
  readonly data: Float64Array;
}

/** A row of the text, with the number of its line from 1. */
interface Line {
  readonly text: string;
  readonly number: number;
}

/**
 * The numbers of a CSV text; empty lines are passed over.
 * @param options `place`: what errors call the file; `header`: whether the first row holds the names of the columns,
 * by default `"auto"`: it does when it holds text and no number
 * @throws InputError with line and column when a cell is not a finite number, or a row has another length.
 */
export function decodeCsv(
  text: string,
  options: { readonly place?: string; readonly header?: boolean | "auto" } = {},
): CsvTable {
  const { place = "csv", header = "auto" } = options;
  const lines = text
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ text: line, number: index + 1 }))
    .filter((line) => line.text.trim() !== "");
  const [top] = lines;
  const first = top === undefined ? [] : cellsOf(top, place);
  const named = header === "auto" ? areNames(first) : header;
  const body = named ? lines.slice(1) : lines;
  if (body.length === 0) throw new InputError(`${place}: there must be rows of numbers, got none`);
  const columns = first.length;
  const data = new Float64Array(body.length * columns);
  for (const [row, line] of body.entries()) {
    data.set(numbersOf(line, columns, place), row * columns);
  }
  return Object.freeze({
    header: named ? Object.freeze(first) : undefined,
    rows: body.length,
    columns,
    data,
  });
}

function numbersOf(line: Line, columns: number, place: string): number[] {
  const cells = cellsOf(line, place);
  if (cells.length !== columns) {
    throw new InputError(
      `${place}: every row must have ${columns} cells, got ${cells.length} in line ${line.number}`,
    );
  }
  return cells.map((cell, column) => {
    const value = decimal(cell);
    if (Number.isFinite(value)) return value;
    const where = `line ${line.number}, column ${column + 1}`;
    throw new InputError(`${place}: cells must be finite numbers, got ${JSON.stringify(cell)} in ${where}`);
  });
}

/** The number that a cell says; NaN where it says none. `Number` alone would also take 0x10, and nothing as 0. */
function decimal(cell: string): number {
  return cell === "" || /^0[xob]/i.test(cell) ? Number.NaN : Number(cell);
}

/** A row of names holds text and no number, neither a missing one (NaN) nor an infinite one. */
function areNames(cells: readonly string[]): boolean {
  const numeric = cells.some(
    (cell) => !Number.isNaN(decimal(cell)) || /^[-+]?(?:nan|inf(?:inity)?)$/i.test(cell),
  );
  return !numeric && cells.some((cell) => cell !== "");
}

function cellsOf({ text, number }: Line, place: string): string[] {
  if (!text.includes('"')) return text.split(",").map((cell) => cell.trim());
  const cells: string[] = [];
  // A cell is quoted, with "" for a quote within, or has no quote; then comes a comma or the end.
  const cell = /\s*(?:"((?:[^"]|"")*)"|([^",]*?))\s*(,|$)/y;
  for (let more = true; more;) {
    const [, quoted, plain = "", end] = cell.exec(text) ?? [];
    if (end === undefined) {
      throw new InputError(`${place}: quotes must enclose whole cells, got others in line ${number}`);
    }
    cells.push(quoted?.replaceAll('""', '"').trim() ?? plain);
    more = end === ",";
  }
  return cells;
}
