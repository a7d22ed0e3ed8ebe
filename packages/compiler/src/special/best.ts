// The best element so far and its position, in every lane or alone. NaN beats every number and no NaN, so the first of
// them wins; -0 and 0 are equal; of equals the first wins.

import { isFloat } from "@wengert/tensor";
import type { Code, Local } from "../wasm/code.ts";
import type { InstructionName } from "../wasm/instructions.ts";
import { assign, namesOf, type NumberType } from "./rows.ts";

/** Which element is best. */
export interface Search {
  readonly primitive: "argMax" | "argMin";
  readonly dtype: NumberType;
}

/** The best so far, as variables. Positions beside f64 have 64 bits where there are two lanes. */
export interface Best {
  readonly value: Local;
  readonly position: Local;
  readonly isVector: boolean;
}

/** What is compared with the best. */
export interface Candidate {
  readonly value: Local;
  readonly position: Local;
}

/** Variables that begin with an element and its position. */
export function newBest(
  code: Code,
  { dtype }: Search,
  first: Candidate & { readonly isVector: boolean },
): Best {
  const { isVector } = first;
  const value = code.local(isVector ? "v128" : namesOf(dtype).scalar);
  const position = code.local(isVector ? "v128" : "i32");
  assign(code, value, first.value);
  assign(code, position, first.position);
  return { value, position, isVector };
}

/** Takes what beats the best. */
export function takeBetter(code: Code, search: Search, best: Best, candidate: Candidate): void {
  takeWhere(code, beats(code, search, best, candidate.value), best, candidate);
}

/** Takes what beats the best, or equals it and stands before it: for candidates that come in any order. */
export function takeBetterOrEarlier(code: Code, search: Search, best: Best, candidate: Candidate): void {
  const { scalar } = namesOf(search.dtype);
  const [a, b] = [candidate.value, best.value];
  const equal = code.op(`${scalar}.eq`, a, b);
  const same = isFloat(search.dtype)
    ? code.op("i32.or", equal, code.op("i32.and", isNaN(code, scalar, a), isNaN(code, scalar, b)))
    : equal;
  const isEarlier = code.op("i32.lt_u", candidate.position, best.position);
  const better = beats(code, search, best, a);
  takeWhere(code, code.op("i32.or", better, code.op("i32.and", same, isEarlier)), best, candidate);
}

const isNaN = (code: Code, scalar: "f32" | "f64" | "i32", x: Local): Local => code.op(`${scalar}.ne`, x, x);

/** Whether a value beats the best: a condition, or a mask of lanes. */
function beats(
  code: Code,
  { primitive, dtype }: Search,
  { value: best, isVector }: Best,
  value: Local,
): Local {
  const { scalar, vector } = namesOf(dtype);
  const shape = isVector ? vector : scalar;
  const isMore = primitive === "argMax";
  if (!isFloat(dtype))
    return code.op(
      `${shape}.${isMore ? "gt" : "lt"}_${dtype === "i32" ? "s" : "u"}` as InstructionName,
      value,
      best,
    );
  // The best is no NaN, and the value not on its worse side, nor equal to it.
  const isNumber = code.op(`${shape}.eq` as InstructionName, best, best);
  const isWorse = code.op(`${shape}.${isMore ? "le" : "ge"}` as InstructionName, value, best);
  return isVector ? code.op("v128.andnot", isNumber, isWorse) : code.op("i32.gt_u", isNumber, isWorse);
}

function takeWhere(code: Code, where: Local, best: Best, candidate: Candidate): void {
  for (const part of ["value", "position"] as const) {
    for (const operand of [candidate[part], best[part], where]) code.emit("local.get", operand);
    code.emit(best.isVector ? "v128.bitselect" : "select");
    code.emit("local.set", best[part]);
  }
}
