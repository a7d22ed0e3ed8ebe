// Loading and storing the lanes of a vector: whole, one only, or one element for all lanes. Beyond the lanes that
// are asked for nothing is read and nothing written.

import { bytesPerElement, type DType } from "@wengert/tensor";
import type { Code, Local } from "../wasm/code.ts";
import type { InstructionName } from "../wasm/instructions.ts";
import type { Lanes } from "./arithmetic.ts";

/** Where elements lie: a pointer in a local and a distance in bytes. */
export interface Place {
  readonly pointer: Local;
  readonly offset: number;
}

/** Which lanes: all, elements `stride` bytes apart, or the first alone. */
export interface Selection {
  readonly lanes: Lanes;
  readonly single: boolean;
  /** Bytes between the elements of neighbouring lanes. */
  readonly stride: number;
}

/** Puts an address on the stack; gives the offset that remains for the instruction. */
function address(code: Code, { pointer, offset }: Place): number {
  code.emit("local.get", pointer);
  if (offset >= 0) return offset;
  code.emit("i32.const", offset);
  code.emit("i32.add");
  return 0;
}

function loaded(code: Code, name: InstructionName, place: Place): Local {
  const offset = address(code, place);
  code.emit(name, offset);
  const result = code.local("v128");
  code.emit("local.set", result);
  return result;
}

/** One element in every lane. */
export function loadSplat(code: Code, dtype: DType, lanes: Lanes, place: Place): Local {
  if (dtype === "bool") return maskOfBytes(code, lanes, loaded(code, "v128.load8_splat", place));
  return loaded(code, dtype === "f64" ? "v128.load64_splat" : "v128.load32_splat", place);
}

/** Neighbouring or distant elements in the lanes. */
export function loadVector(code: Code, dtype: DType, place: Place, selection: Selection): Local {
  const { lanes, single, stride } = selection;
  const bytes = bytesPerElement(dtype);
  const dense = stride === bytes;
  if (dtype === "bool") {
    if (single) return maskOfBytes(code, lanes, loaded(code, "v128.load8_splat", place));
    if (dense)
      return maskOfBytes(
        code,
        lanes,
        loaded(code, lanes === 4 ? "v128.load32_zero" : "v128.load16_splat", place),
      );
    return maskOfBytes(code, lanes, lanesOneByOne(code, "v128.load8_lane", place, selection));
  }
  if (dtype === "f64") {
    if (single) return loaded(code, "v128.load64_zero", place);
    return dense
      ? loaded(code, "v128.load", place)
      : lanesOneByOne(code, "v128.load64_lane", place, selection);
  }
  if (single) return loaded(code, "v128.load32_zero", place);
  if (!dense) return lanesOneByOne(code, "v128.load32_lane", place, selection);
  return loaded(code, lanes === 4 ? "v128.load" : "v128.load64_zero", place);
}

function lanesOneByOne(code: Code, name: InstructionName, place: Place, { lanes, stride }: Selection): Local {
  let vector = code.i32x4(0);
  for (let lane = 0; lane < lanes; lane++) {
    const offset = address(code, { pointer: place.pointer, offset: place.offset + lane * stride });
    code.emit("local.get", vector);
    code.emit(name, offset, lane);
    vector = code.local("v128");
    code.emit("local.set", vector);
  }
  return vector;
}

/** The first bytes, 0 or 1, as masks. */
function maskOfBytes(code: Code, lanes: Lanes, bytes: Local): Local {
  const words = code.op("i32x4.extend_low_i16x8_u", code.op("i16x8.extend_low_i8x16_u", bytes));
  if (lanes === 4) return code.op("i32x4.ne", words, code.i32x4(0));
  return code.op("i64x2.ne", code.op("i64x2.extend_low_i32x4_u", words), code.i32x4(0));
}

/** Writes the lanes to neighbouring or distant elements. */
export function storeVector(
  code: Code,
  dtype: DType,
  place: Place,
  selection: Selection,
  value: Local,
): void {
  const { lanes, single, stride } = selection;
  const bytes = bytesPerElement(dtype);
  const vector = dtype === "bool" ? bytesOfMask(code, lanes, value) : value;
  const write = (name: InstructionName, offset: number, lane?: number): void => {
    const rest = address(code, { pointer: place.pointer, offset });
    code.emit("local.get", vector);
    if (lane === undefined) code.emit(name, rest);
    else code.emit(name, rest, lane);
  };
  const laneStore: InstructionName =
    dtype === "bool" ? "v128.store8_lane" : dtype === "f64" ? "v128.store64_lane" : "v128.store32_lane";
  if (single) write(laneStore, place.offset, 0);
  else if (stride !== bytes)
    for (let lane = 0; lane < lanes; lane++) write(laneStore, place.offset + lane * stride, lane);
  else if (dtype === "bool") write(lanes === 4 ? "v128.store32_lane" : "v128.store16_lane", place.offset, 0);
  else if (dtype === "f64" || lanes === 4) write("v128.store", place.offset);
  else write("v128.store64_lane", place.offset, 0);
}

/** Masks as bytes 0 or 1 in the first lanes. */
function bytesOfMask(code: Code, lanes: Lanes, mask: Local): Local {
  const order = lanes === 4 ? [0, 4, 8, 12] : [0, 8, 0, 8];
  const lane = Array.from({ length: 16 }, (_, i) => order[i % 4]!);
  const ones = code.i32x4(0x0101_0101);
  return code.op("v128.and", code.opWith("i8x16.shuffle", lane, mask, mask), ones);
}
