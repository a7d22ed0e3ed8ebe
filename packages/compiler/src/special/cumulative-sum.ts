// Each element plus all before it along the middle axis of [outer, size, inner]. Lines are summed side by side where
// inner is more than 1. Floats of either width are summed in f64, as the reference does, so results are equal to the bit.

import { isFloat } from "@wengert/tensor";
import type { KernelCode } from "../kernel-code.ts";
import { scaled, total } from "../matrix/addresses.ts";
import { writeFunction, type Code, type Local, type WriteBody } from "../wasm/code.ts";
import type { InstructionName } from "../wasm/instructions.ts";
import type { ValueType } from "../wasm/module.ts";
import { forColumns, type Place } from "./columns.ts";
import { forRows, gridOf, writePart } from "./grid.ts";
import { assign, namesOf, storeAt, type NumberType } from "./rows.ts";

/** Sizes of an array [outer, size, inner] of which one axis is scanned or reduced. */
export interface MiddleAxis {
  readonly dtype: NumberType;
  readonly outer: number;
  readonly size: number;
  readonly inner: number;
}

/** The kernel of cumulativeSum: `(chunk, scratch, x, out)`. */
export function writeCumulativeSum({ dtype, outer, size, inner }: MiddleAxis): KernelCode {
  const { bytes } = namesOf(dtype);
  const grid = gridOf(outer, inner, { weight: size });
  const write: WriteBody = (code, _chunk, _scratch, x, out) => {
    writePart(code, grid, (part) =>
      forRows(code, part, (row) => {
        const at = total(
          code,
          scaled(code, row, size * inner * bytes),
          scaled(code, part.firstColumn, bytes),
        );
        forColumns(code, { width: part.width, bytes, step: stepOf(dtype) }, (first, places) => {
          const start = first === undefined ? at : total(code, at, first);
          const from = total(code, x, start);
          const to = total(code, out, start);
          const sums = places.map((place) => newSum(code, scanOf(dtype, place)));
          const line = { from: code.i32(0), to: code.i32(size * inner * bytes), step: inner * bytes };
          code.forRange(line, (distance) => {
            const source = total(code, from, distance);
            const target = total(code, to, distance);
            places.forEach((place, i) =>
              addElement(code, scanOf(dtype, place), { source, target, offset: place.offset, sum: sums[i]! }),
            );
          });
        });
      }),
    );
  };
  const parameters = ["i32", "i32", "i32", "i32"] as const;
  const entry = writeFunction("cumulativeSum", { parameters }, { relaxed: false, wide: false }, write);
  return { functions: [entry], chunks: grid.chunks, scratchBytes: 0 };
}

/** Elements that are summed in one vector: of f32 two, since they are summed in f64. */
const stepOf = (dtype: NumberType): number => (isFloat(dtype) ? 2 : 4);

/** How the elements of a place are loaded, summed and stored: instructions, one after the other. */
interface Scan {
  readonly sum: ValueType;
  readonly load: readonly [load: InstructionName, widen?: InstructionName];
  readonly add: InstructionName;
  readonly narrow?: InstructionName;
  readonly store: readonly [store: InstructionName, lane?: number];
}

function scanOf(dtype: NumberType, { isVector }: Place): Scan {
  if (dtype === "f32" && isVector)
    return {
      sum: "v128",
      load: ["v128.load64_zero", "f64x2.promote_low_f32x4"],
      add: "f64x2.add",
      narrow: "f32x4.demote_f64x2_zero",
      store: ["v128.store64_lane", 0],
    };
  if (dtype === "f32")
    return {
      sum: "f64",
      load: ["f32.load", "f64.promote_f32"],
      add: "f64.add",
      narrow: "f32.demote_f64",
      store: ["f32.store"],
    };
  const { scalar, vector } = namesOf(dtype);
  if (isVector) return { sum: "v128", load: ["v128.load"], add: `${vector}.add`, store: ["v128.store"] };
  return { sum: scalar, load: [`${scalar}.load`], add: `${scalar}.add`, store: [`${scalar}.store`] };
}

/** A variable that begins with 0. Locals do so too, but this one is begun anew for every line. */
function newSum(code: Code, { sum: type }: Scan): Local {
  const sum = code.local(type);
  assign(code, sum, type === "v128" ? code.i32x4(0) : type === "f64" ? code.f64(0) : code.i32(0));
  return sum;
}

/** `sum := sum + source; target := sum`. */
function addElement(
  code: Code,
  { load: [load, widen], add, narrow, store: [store, lane] }: Scan,
  { source, target, offset, sum }: { source: Local; target: Local; offset: number; sum: Local },
): void {
  const loaded = code.opWith(load, [offset], source);
  assign(code, sum, code.op(add, sum, widen === undefined ? loaded : code.op(widen, loaded)));
  const value = narrow === undefined ? sum : code.op(narrow, sum);
  storeAt(code, store, { address: target, offset, value, ...(lane === undefined ? {} : { lane }) });
}
