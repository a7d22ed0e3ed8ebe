// Instructions → bytes of the WebAssembly binary format, but for the indices of functions, which only a whole module
// knows. It checks nothing: `check` does, and so does the platform.
// Hot, and seldom optimised in time: lists are read by position, for patterns of lists iterate.

import { instructions, type Immediate, type InstructionName, type InstructionRow } from "./instructions.ts";
import type { Call, ValueType } from "./module.ts";

/** Instructions as bytes while they grow. */
export interface Encoding {
  readonly bytes: number[];
  readonly calls: Call[];
}

/** The bytes that stand for the types of values. */
export const typeBytes: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

/** The byte that stands for no result of a block. */
export const noResult = 0x40;

/** Appends the LEB128 of an unsigned number below 2^53. */
export function unsigned(to: number[], value: number): void {
  if (value < 16_384) {
    if (value < 128) to.push(value);
    else to.push((value & 127) | 128, value >> 7);
    return;
  }
  let rest = value;
  while (rest >= 128) {
    to.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  to.push(rest);
}

/** Appends the LEB128 of a signed number of at most 53 bits. */
function signed(to: number[], value: number): void {
  let rest = value;
  while (rest < -64 || rest > 63) {
    to.push((((rest % 128) + 128) % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  to.push(rest & 127);
}

/** A NaN is written as the canonical one: the bits of a NaN of JavaScript are the platform's choice. */
function floatBytes(to: number[], value: number, size: 4 | 8): void {
  const view = new DataView(new ArrayBuffer(8));
  if (Number.isNaN(value)) view.setBigUint64(0, size === 4 ? 0x7fc0_0000n : 0x7ff8_0000_0000_0000n, true);
  else if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  for (let i = 0; i < size; i++) to.push(view.getUint8(i));
}

/** Log2 of the bytes that each memory instruction accesses: the natural alignment. */
function alignmentOf(name: string): number {
  const [, bits] = /(?:load|store|rmw|wait)(\d+)?/.exec(name) ?? [];
  if (name.startsWith("v128.load") && /x\d_[su]$/.test(name)) return 3;
  if (name === "memory.atomic.notify") return 2;
  const whole = name.startsWith("v128") ? 128 : /^.64/.test(name) ? 64 : 32;
  return Math.log2(Number(bits ?? whole) / 8);
}

/** What follows the name of an instruction, in any kind of list. */
export type Immediates = ArrayLike<number | string>;

/** The immediate at a position, of which `check` knows that it is a number. */
function number(immediates: Immediates, position: number): number {
  return immediates[position] as number;
}

type Writer = (to: Encoding, immediates: Immediates) => void;

const eachByte: Writer = ({ bytes }, immediates) =>
  void bytes.push(...(immediates as unknown as readonly number[]));

const index: Writer = ({ bytes }, immediates) => unsigned(bytes, number(immediates, 0));

const writers: Readonly<Record<Exclude<Immediate, "none" | "memory" | "memoryLane">, Writer>> = {
  block: ({ bytes }, { 0: type }) =>
    void bytes.push(type === undefined ? noResult : typeBytes[type as ValueType]),
  label: index,
  labels({ bytes }, immediates) {
    unsigned(bytes, immediates.length - 1);
    for (let i = 0; i < immediates.length; i++) unsigned(bytes, number(immediates, i));
  },
  function: ({ bytes, calls }, immediates) =>
    void calls.push({ at: bytes.length, callee: immediates[0] as string }),
  local: index,
  zero: ({ bytes }) => void bytes.push(0),
  zero2: ({ bytes }) => void bytes.push(0, 0),
  i32: ({ bytes }, immediates) => signed(bytes, number(immediates, 0) | 0),
  i64: ({ bytes }, immediates) => signed(bytes, number(immediates, 0)),
  f32: ({ bytes }, immediates) => floatBytes(bytes, number(immediates, 0), 4),
  f64: ({ bytes }, immediates) => floatBytes(bytes, number(immediates, 0), 8),
  lane: eachByte,
  lanes: eachByte,
  bytes: eachByte,
};

function immediatesOf(name: string, immediate: Immediate): Writer | undefined {
  if (immediate === "none") return undefined;
  if (immediate !== "memory" && immediate !== "memoryLane") return writers[immediate];
  const alignment = alignmentOf(name);
  const hasLane = immediate === "memoryLane";
  return ({ bytes }, immediates) => {
    const offset = number(immediates, 0) ?? 0;
    bytes.push(alignment);
    unsigned(bytes, offset);
    if (hasLane) bytes.push(number(immediates, 1) ?? 0);
  };
}

/** One call for all bytes of an opcode: a call costs more than a byte. */
function opcodeOf([prefix, code]: InstructionRow): Writer {
  const bytes: number[] = [prefix];
  unsigned(bytes, code);
  const [first = 0, second, third] = prefix === 0 ? [code] : bytes;
  if (second === undefined) return (to) => void to.bytes.push(first);
  if (third === undefined) return (to) => void to.bytes.push(first, second);
  return (to) => void to.bytes.push(first, second, third);
}

function writerOf(name: string, row: InstructionRow): Writer {
  const opcode = opcodeOf(row);
  const rest = immediatesOf(name, row[4] ?? "none");
  if (rest === undefined) return opcode;
  return (to, immediates) => {
    opcode(to, immediates);
    rest(to, immediates);
  };
}

/** Found once, because a row is read far more slowly than an instruction is written. */
const instructionWriters = Object.fromEntries(
  Object.entries<InstructionRow>(instructions).map(([name, row]) => [name, writerOf(name, row)]),
) as Readonly<Record<InstructionName, Writer>>;

/** Appends an instruction. */
export function encode(to: Encoding, name: InstructionName, immediates: Immediates): void {
  instructionWriters[name](to, immediates);
}
