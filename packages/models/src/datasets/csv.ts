// Numbers separated by commas, one row an example.

import { InputError } from "@wengert/tensor";

/** The rows of a CSV file, one after another. */
export interface CsvTable {
  /** The names of the columns, where the first row holds names. */
  readonly header: readonly string[] | undefined;
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/**
 * The numbers of a CSV text. A first row in which no cell is a number is the header; empty lines are passed over.
 * @param place what errors call the file
 * @throws InputError with line and column when a cell is not a finite number, or a row has another length.
 */
export function decodeCsv(text: string, place = "csv"): CsvTable {
  const lines = text
    .split(/\r\n|\n|\r/)
    .map((line, index) => ({ cells: line.split(","), number: index + 1 }))
    .filter(({ cells }) => cells.length > 1 || cells[0]?.trim() !== "");
  const first = lines[0]?.cells ?? [];
  const header = first.length > 0 && first.every((cell) => !isNumber(cell)) ? first.map(unquoted) : undefined;
  const body = header === undefined ? lines : lines.slice(1);
  if (body.length === 0) throw new InputError(`${place}: there must be rows of numbers, got none`);
  const columns = body[0]?.cells.length ?? 0;
  const data = new Float64Array(body.length * columns);
  for (const [row, { cells, number }] of body.entries()) {
    if (cells.length !== columns) {
      throw new InputError(
        `${place}: every row must have ${columns} cells, got ${cells.length} in line ${number}`,
      );
    }
    for (const [column, cell] of cells.entries()) {
      if (!isNumber(cell)) {
        const where = `line ${number}, column ${column + 1}`;
        throw new InputError(
          `${place}: cells must be finite numbers, got ${JSON.stringify(cell.trim())} in ${where}`,
        );
      }
      data[row * columns + column] = Number(unquoted(cell));
    }
  }
  return { header, rows: body.length, columns, data };
}

function unquoted(cell: string): string {
  return cell.trim().replace(/^"(.*)"$/, "$1");
}

function isNumber(cell: string): boolean {
  const text = unquoted(cell);
  return text !== "" && Number.isFinite(Number(text));
}
