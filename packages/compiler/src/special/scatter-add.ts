// Zeros [outer, size, inner] plus `updates[o, c, i]` at `[o, index[c], i]`, in the order of c. A chunk owns places of
// outer × inner and goes through all indices, so that no two chunks add to one element.

import type { KernelCode } from "../kernel-code.ts";
import { scaled, total } from "../matrix/addresses.ts";
import { writeFunction, type Code, type Local } from "../wasm/code.ts";
import { whereInRange } from "./failure.ts";
import type { IndexedRows } from "./gather.ts";
import { forRows, gridOf, writePart, type Part } from "./grid.ts";
import { addRow, clearRow, namesOf, type NumberType } from "./rows.ts";

/** Sizes of out [outer, size, inner], of the indices [count] and of the updates [outer, count, inner]. */
export type AddedRows = IndexedRows & { readonly dtype: NumberType };

/**
 * The kernel of scatterAdd: `(chunk, scratch, updates, indices, out, failure, kernel number)`. Sums of f32 are rounded
 * after every addition; updates whose index is out of range are skipped.
 */
export function writeScatterAdd(rows: AddedRows): KernelCode {
  const { dtype, outer, size, inner, count } = rows;
  const rowBytes = inner * namesOf(dtype).bytes;
  const grid = gridOf(outer, inner, size + count);
  const write = (code: Code): void => {
    const [, , updates, indices, out, block, kernel] = code.parameters as Parameters;
    writePart(code, grid, (part) =>
      forRows(code, part, (o) => {
        const at = scaled(code, part.firstColumn, namesOf(dtype).bytes);
        const rowsAt = (base: Local, height: number): Local =>
          total(code, base, scaled(code, o, height * rowBytes), at);
        const sums = rowsAt(out, size);
        clear(code, rows, part, sums);
        const added = rowsAt(updates, count);
        code.forRange({ from: code.i32(0), to: code.i32(count), step: 1 }, (c) => {
          const index = code.opWith("i32.load", [0], total(code, indices, scaled(code, c, 4)));
          whereInRange(code, { block, kernel }, { index, position: c, size }, () => {
            const to = total(code, sums, scaled(code, index, rowBytes));
            addRow(code, dtype, {
              to,
              from: total(code, added, scaled(code, c, rowBytes)),
              count: part.width,
            });
          });
        });
      }),
    );
  };
  const entry = writeFunction("scatterAdd", { parameters }, { relaxed: false, wide: false }, write);
  return { functions: [entry], chunks: grid.chunks, scratchBytes: 0 };
}

type Parameters = readonly [Local, Local, Local, Local, Local, Local, Local];
const parameters = Array.from({ length: 7 }, () => "i32" as const);

/** Fills a chunk's columns of one [size, inner] with zeros, at once where they are all. */
function clear(code: Code, { dtype, size, inner }: AddedRows, { width }: Part, sums: Local): void {
  const { bytes } = namesOf(dtype);
  if (width === inner) {
    for (const operand of [sums, code.i32(0), code.i32(size * inner * bytes)])
      code.emit("local.get", operand);
    code.emit("memory.fill");
    return;
  }
  code.forRange({ from: code.i32(0), to: code.i32(size), step: 1 }, (row) =>
    clearRow(code, { to: total(code, sums, scaled(code, row, inner * bytes)), bytes: width * bytes }),
  );
}
