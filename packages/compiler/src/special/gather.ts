// `out[o, c, i] = x[o, index[c], i]`: rows of bytes, copied by vectors. The dtype matters only by its size.

import { bytesPerElement, type DType } from "@wengert/tensor";
import type { KernelCode } from "../kernel-code.ts";
import { scaled, total } from "../matrix/addresses.ts";
import { writeFunction, type Code, type Local } from "../wasm/code.ts";
import { whereInRange } from "./failure.ts";
import { forRows, gridOf, writePart } from "./grid.ts";
import { copyRow } from "./rows.ts";

/** Sizes of x [outer, size, inner], of the indices [count] and of out [outer, count, inner]. */
export interface IndexedRows {
  readonly dtype: DType;
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
  readonly count: number;
  /** Either is 32 bits; a negative index is out of range. */
  readonly indexType: "i32" | "u32";
}

/**
 * The kernel of gather: `(chunk, scratch, x, indices, out, failure, kernel number)`. Rows whose index is out of range
 * are left as they are.
 */
export function writeGather({ dtype, outer, size, inner, count }: IndexedRows): KernelCode {
  const bytes = bytesPerElement(dtype);
  const grid = gridOf(outer * count, inner);
  const write = (code: Code): void => {
    const [, , x, indices, out, block, kernel] = code.parameters as Parameters;
    // Without rows, indices are looked at all the same.
    if (outer === 0) return forIndices(code, { count, size }, () => undefined);
    writePart(code, grid, (part) => {
      const at = scaled(code, part.firstColumn, bytes);
      forRows(code, part, (row) => {
        const [o, c] = outer === 1 ? [code.i32(0), row] : divided(code, row, count);
        const index = code.opWith("i32.load", [0], total(code, indices, scaled(code, c, 4)));
        whereInRange(code, { block, kernel }, { index, position: c, size }, () => {
          const source = code.op("i32.add", scaled(code, o, size), index);
          const from = total(code, x, scaled(code, source, inner * bytes), at);
          const to = total(code, out, scaled(code, row, inner * bytes), at);
          copyRow(code, { to, from, bytes: part.width * bytes });
        });
      });
    });
  };
  const entry = writeFunction("gather", { parameters }, { relaxed: false, wide: false }, write);
  return { functions: [entry], chunks: grid.chunks, scratchBytes: 0 };
}

/** Runs the body for every index in range, in order: of kernels that are called as this one. */
export function forIndices(
  code: Code,
  { count, size }: Pick<IndexedRows, "count" | "size">,
  body: (c: Local, index: Local) => void,
): void {
  const [, , , indices, , block, kernel] = code.parameters as Parameters;
  code.forRange({ from: code.i32(0), to: code.i32(count), step: 1 }, (c) => {
    const index = code.opWith("i32.load", [0], total(code, indices, scaled(code, c, 4)));
    whereInRange(code, { block, kernel }, { index, position: c, size }, () => body(c, index));
  });
}

type Parameters = readonly [Local, Local, Local, Local, Local, Local, Local];
const parameters = Array.from({ length: 7 }, () => "i32" as const);

function divided(code: Code, value: Local, by: number): readonly [quotient: Local, rest: Local] {
  const divisor = code.i32(by);
  return [code.op("i32.div_u", value, divisor), code.op("i32.rem_u", value, divisor)];
}
