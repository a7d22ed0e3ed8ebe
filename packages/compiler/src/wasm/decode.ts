// Bytes → instructions, the inverse of `encode`: for texts and checks, which want names.
// Law: every instruction of the table comes back, but that an offset of 0 is none and floats have the precision of theirs.

import { instructions, type Immediate, type InstructionName, type InstructionRow } from "./instructions.ts";
import { noResult, typeBytes } from "./encode.ts";
import type { EncodedInstructions, Instruction, ValueType, WasmFunction } from "./module.ts";

/** Instructions while they are read. */
interface Reader {
  readonly encoded: EncodedInstructions;
  /** How many bytes and calls have been read. */
  at: number;
  calls: number;
}

function byte(reader: Reader): number {
  return reader.encoded.bytes[reader.at++]!;
}

function count(reader: Reader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const each = byte(reader);
    value += (each & 127) * scale;
    if (each < 128) return value;
  }
}

/** The last byte carries the sign in its bit 6, so that no sum needs more bits than the number. */
function integer(reader: Reader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const each = byte(reader);
    if (each < 128) return value + ((each ^ 64) - 64) * scale;
    value += (each & 127) * scale;
  }
}

function several(reader: Reader, length: number, read: (reader: Reader) => number): number[] {
  return Array.from({ length }, () => read(reader));
}

function viewOf(reader: Reader, length: number): DataView {
  return new DataView(Uint8Array.from(several(reader, length, byte)).buffer);
}

function offset(reader: Reader): number {
  byte(reader);
  return count(reader);
}

type Parts = readonly (number | string)[];

const readers: Readonly<Record<Immediate, (reader: Reader) => Parts>> = {
  none: () => [],
  block(reader) {
    const found = byte(reader);
    const type = (Object.keys(typeBytes) as ValueType[]).find((each) => typeBytes[each] === found);
    return found === noResult ? [] : [type!];
  },
  label: (reader) => [count(reader)],
  labels: (reader) => several(reader, count(reader) + 1, count),
  function: (reader) => [reader.encoded.calls[reader.calls++]!.callee],
  local: (reader) => [count(reader)],
  memory(reader) {
    const bytes = offset(reader);
    return bytes === 0 ? [] : [bytes];
  },
  memoryLane: (reader) => [offset(reader), byte(reader)],
  zero: (reader) => several(reader, 1, byte).slice(1),
  zero2: (reader) => several(reader, 2, byte).slice(2),
  i32: (reader) => [integer(reader)],
  i64: (reader) => [integer(reader)],
  f32: (reader) => [viewOf(reader, 4).getFloat32(0, true)],
  f64: (reader) => [viewOf(reader, 8).getFloat64(0, true)],
  lane: (reader) => [byte(reader)],
  lanes: (reader) => several(reader, 16, byte),
  bytes: (reader) => several(reader, 16, byte),
};

/** One number for prefix and code, which has at most 12 bits. */
const keyOf = (prefix: number, code: number): number => prefix * 4096 + code;

const names: ReadonlyMap<number, InstructionName> = new Map(
  Object.entries<InstructionRow>(instructions).map(([name, [prefix, code]]) => [
    keyOf(prefix, code),
    name as InstructionName,
  ]),
);

const prefixes: ReadonlySet<number> = new Set(
  Object.values<InstructionRow>(instructions).flatMap(([prefix]) => (prefix === 0 ? [] : [prefix])),
);

function decode(encoded: EncodedInstructions): readonly Instruction[] {
  const reader: Reader = { encoded, at: 0, calls: 0 };
  const decoded: Instruction[] = [];
  while (reader.at < encoded.bytes.length) {
    const first = byte(reader);
    const name = names.get(prefixes.has(first) ? keyOf(first, count(reader)) : keyOf(0, first))!;
    const [, , , , immediate = "none"]: InstructionRow = instructions[name];
    decoded.push([name, ...readers[immediate](reader)]);
  }
  return decoded;
}

/** The instructions of a function, one by one. */
export function instructionsOf({ body }: Pick<WasmFunction, "body">): readonly Instruction[] {
  return body.flatMap((part): readonly Instruction[] => ("bytes" in part ? decode(part) : [part]));
}
