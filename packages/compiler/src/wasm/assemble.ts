// Module → bytes of the WebAssembly binary format. It checks nothing: `check` does, and so does the platform.

import { instructions, type Immediate, type InstructionRow } from "./instructions.ts";
import type { Instruction, ValueType, WasmFunction, WasmModule } from "./module.ts";

const typeBytes: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};
const noResult = 0x40;

/** Bytes that grow. */
interface Sink {
  bytes: Uint8Array;
  length: number;
}

function sink(capacity = 256): Sink {
  return { bytes: new Uint8Array(capacity), length: 0 };
}

function reserve(to: Sink, more: number): void {
  if (to.length + more <= to.bytes.length) return;
  const grown = new Uint8Array(Math.max(2 * to.bytes.length, to.length + more));
  grown.set(to.bytes.subarray(0, to.length));
  to.bytes = grown;
}

function byte(to: Sink, value: number): void {
  if (to.length === to.bytes.length) reserve(to, 1);
  to.bytes[to.length++] = value;
}

/** LEB128 of an unsigned number below 2^53, most of which are below 128. */
function unsigned(to: Sink, value: number): void {
  let rest = value;
  while (rest >= 128) {
    byte(to, (rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  if (to.length === to.bytes.length) reserve(to, 1);
  to.bytes[to.length++] = rest;
}

/** LEB128 of a signed number of at most 53 bits. */
function signed(to: Sink, value: number): void {
  let rest = value;
  while (rest < -64 || rest > 63) {
    byte(to, (((rest % 128) + 128) % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  byte(to, rest & 127);
}

function append(to: Sink, from: Sink): void {
  reserve(to, from.length);
  to.bytes.set(from.bytes.subarray(0, from.length), to.length);
  to.length += from.length;
}

function text(to: Sink, value: string): void {
  const bytes = Array.from(value, (letter) => utf8(letter.codePointAt(0)!)).flat();
  unsigned(to, bytes.length);
  for (const each of bytes) byte(to, each);
}

function utf8(point: number): readonly number[] {
  if (point < 0x80) return [point];
  const tail = (shift: number): number => 0x80 | ((point >> shift) & 63);
  if (point < 0x800) return [0xc0 | (point >> 6), tail(0)];
  if (point < 0x1_0000) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}

/** A NaN is written as the canonical one: the bits of a NaN of JavaScript are the platform's choice. */
function floatBytes(to: Sink, value: number, size: 4 | 8): void {
  reserve(to, 8);
  const view = new DataView(to.bytes.buffer, to.length);
  if (Number.isNaN(value)) view.setBigUint64(0, size === 4 ? 0x7fc0_0000n : 0x7ff8_0000_0000_0000n, true);
  else if (size === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  to.length += size;
}

/** Log2 of the bytes that each memory instruction accesses: the natural alignment. */
function alignmentOf(name: string): number {
  const [, bits] = /(?:load|store|rmw|wait)(\d+)?/.exec(name) ?? [];
  if (name.startsWith("v128.load") && /x\d_[su]$/.test(name)) return 3;
  if (name === "memory.atomic.notify") return 2;
  const whole = name.startsWith("v128") ? 128 : /^.64/.test(name) ? 64 : 32;
  return Math.log2(Number(bits ?? whole) / 8);
}

/** Found once, because a name is read far more slowly than an instruction is written. */
const alignments: ReadonlyMap<string, number> = new Map(
  Object.entries<InstructionRow>(instructions)
    .filter(([, [, , , , immediate]]) => immediate === "memory" || immediate === "memoryLane")
    .map(([name]) => [name, alignmentOf(name)]),
);

type FunctionIndices = ReadonlyMap<string, number>;

type Writer = (to: Sink, instruction: Instruction, functions: FunctionIndices) => void;

/** The immediate at a position, of which `check` knows that it is a number. */
function number(instruction: Instruction, position: number): number {
  return instruction[position] as number;
}

function eachByte(to: Sink, instruction: Instruction): void {
  for (let i = 1; i < instruction.length; i++) byte(to, number(instruction, i));
}

const writers: Readonly<Record<Exclude<Immediate, "none">, Writer>> = {
  block: (to, { 1: type }) => byte(to, type === undefined ? noResult : typeBytes[type as ValueType]),
  label: (to, instruction) => unsigned(to, number(instruction, 1)),
  labels(to, instruction) {
    unsigned(to, instruction.length - 2);
    for (let i = 1; i < instruction.length; i++) unsigned(to, number(instruction, i));
  },
  function: (to, { 1: name }, functions) => unsigned(to, functions.get(name as string)!),
  local: (to, instruction) => unsigned(to, number(instruction, 1)),
  memory: writeMemory,
  memoryLane(to, instruction) {
    writeMemory(to, instruction);
    byte(to, number(instruction, 2) ?? 0);
  },
  zero: (to) => byte(to, 0),
  zero2(to) {
    byte(to, 0);
    byte(to, 0);
  },
  i32: (to, instruction) => signed(to, number(instruction, 1) | 0),
  i64: (to, instruction) => signed(to, number(instruction, 1)),
  f32: (to, instruction) => floatBytes(to, number(instruction, 1), 4),
  f64: (to, instruction) => floatBytes(to, number(instruction, 1), 8),
  lane: eachByte,
  lanes: eachByte,
  bytes: eachByte,
};

function writeMemory(to: Sink, instruction: Instruction): void {
  byte(to, alignments.get(instruction[0])!);
  unsigned(to, number(instruction, 1) ?? 0);
}

/** Hot, and seldom optimised in time: rows and instructions are read by position, for patterns of lists iterate. */
function writeBody(to: Sink, body: readonly Instruction[], functions: FunctionIndices): void {
  for (let i = 0; i < body.length; i++) {
    const instruction = body[i]!;
    const row: InstructionRow = instructions[instruction[0]];
    if (row[0] === 0) byte(to, row[1]);
    else {
      byte(to, row[0]);
      unsigned(to, row[1]);
    }
    const immediate = row[4];
    // Most are locals.
    if (immediate === "local") unsigned(to, number(instruction, 1));
    else if (immediate !== undefined && immediate !== "none") writers[immediate](to, instruction, functions);
  }
}

/** Neighbouring locals of one type as a count and the type. */
function writeLocals(to: Sink, locals: readonly ValueType[]): void {
  let runs = 0;
  for (let i = 0; i < locals.length; i++) if (locals[i] !== locals[i - 1]) runs++;
  unsigned(to, runs);
  for (let i = 0; i < locals.length;) {
    const first = i;
    while (i < locals.length && locals[i] === locals[first]) i++;
    unsigned(to, i - first);
    byte(to, typeBytes[locals[first]!]);
  }
}

function writeFunctions(to: Sink, functions: readonly WasmFunction[], indices: FunctionIndices): void {
  unsigned(to, functions.length);
  const code = sink(1 << 12);
  for (const { locals, body } of functions) {
    code.length = 0;
    writeLocals(code, locals);
    writeBody(code, body, indices);
    byte(code, 0x0b);
    unsigned(to, code.length);
    append(to, code);
  }
}

function section(to: Sink, id: number, write: (to: Sink) => void): void {
  const content = sink();
  write(content);
  byte(to, id);
  unsigned(to, content.length);
  append(to, content);
}

/** Signatures, each once, and the index of each function's own. */
function signatures(module: WasmModule): {
  types: readonly string[];
  indexOf: (f: WasmFunction | WasmModule["imports"][number]) => number;
} {
  const key = ({
    parameters,
    results,
  }: {
    parameters: readonly ValueType[];
    results: readonly ValueType[];
  }): string => `${parameters.join(" ")}:${results.join(" ")}`;
  const types = [...new Set([...module.imports, ...module.functions].map(key))];
  const indices = new Map(types.map((type, index) => [type, index]));
  return { types, indexOf: (f) => indices.get(key(f))! };
}

function writeTypes(to: Sink, types: readonly string[]): void {
  unsigned(to, types.length);
  for (const type of types) {
    byte(to, 0x60);
    for (const list of type.split(":")) {
      const names = list === "" ? [] : (list.split(" ") as ValueType[]);
      unsigned(to, names.length);
      for (const name of names) byte(to, typeBytes[name]);
    }
  }
}

function writeImports(to: Sink, module: WasmModule, indexOf: ReturnType<typeof signatures>["indexOf"]): void {
  const { memory, imports } = module;
  unsigned(to, imports.length + 1);
  for (const each of imports) {
    text(to, "env");
    text(to, each.name);
    byte(to, 0);
    unsigned(to, indexOf(each));
  }
  text(to, "env");
  text(to, "memory");
  byte(to, 2);
  byte(to, memory.shared ? 3 : 1);
  unsigned(to, memory.pages);
  unsigned(to, memory.maximumPages);
}

/** The binary of a module. */
export function assemble(module: WasmModule): Uint8Array<ArrayBuffer> {
  const { types, indexOf } = signatures(module);
  const functions = new Map([...module.imports, ...module.functions].map(({ name }, index) => [name, index]));
  const to = sink(1 << 14);
  for (const each of [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) byte(to, each);
  section(to, 1, (content) => writeTypes(content, types));
  section(to, 2, (content) => writeImports(content, module, indexOf));
  section(to, 3, (content) => {
    unsigned(content, module.functions.length);
    for (const each of module.functions) unsigned(content, indexOf(each));
  });
  section(to, 7, (content) => {
    unsigned(content, module.exports.length);
    for (const name of module.exports) {
      text(content, name);
      byte(content, 0);
      unsigned(content, functions.get(name)!);
    }
  });
  section(to, 10, (content) => writeFunctions(content, module.functions, functions));
  return to.bytes.slice(0, to.length);
}
