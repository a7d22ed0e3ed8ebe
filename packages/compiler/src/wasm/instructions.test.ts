// Every row of the table against an independent assembler (wabt) and the platform's validator: encoding by the
// first, operands and results by the second. A row that no case reaches fails.

import { setFlagsFromString } from "node:v8";
import { beforeAll, describe, expect, test } from "vitest";
import wabt from "wabt";
import { assemble } from "./assemble.ts";
import { instructionsOf } from "./decode.ts";
import { encode, type Encoding } from "./encode.ts";
import { instructions, type Immediate, type InstructionName, type InstructionRow } from "./instructions.ts";
import type { EncodedInstructions, Instruction, ValueType, WasmModule } from "./module.ts";
import { printModule } from "./print.ts";

declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

const names = Object.keys(instructions) as InstructionName[];
const rowOf = (name: InstructionName): InstructionRow => instructions[name];

const letters: Readonly<Record<string, ValueType>> = { i: "i32", l: "i64", f: "f32", d: "f64", v: "v128" };
const typesOf = (signature: string): ValueType[] => Array.from(signature, (letter) => letters[letter]!);
const operand: Readonly<Record<ValueType, Instruction>> = {
  i32: ["i32.const", 1],
  i64: ["i64.const", 2],
  f32: ["f32.const", 3],
  f64: ["f64.const", 4],
  v128: ["v128.const", ...Array.from({ length: 16 }, (_, i) => i)],
};

/** Zeros, subnormals, what is not finite, and what needs every digit. */
const floats = [0, -0, 1, -1.5, 0.1, 1 / 3, 2 ** -149, 5e-324, 2 ** -126, 3.4e38, 1.7e308, 1e21, 1e-7];
const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const edges = [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, 8192, -8192, -8193, 2 ** 31 - 1, -(2 ** 31)];
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i);
const offsets = [0, 1, 127, 128, 65_536, 2 ** 31, 2 ** 32 - 1];

/** The lanes that the name of an instruction tells. */
function lanesOf(name: string): number[] {
  const [, bits, lanes] = /(?:load|store)(\d+)|x(\d+)/.exec(name)!;
  return upTo(lanes === undefined ? 128 / Number(bits) : Number(lanes));
}

type Immediates = readonly (number | string)[];

/** What may follow an opcode: every kind, with its edge values. */
const immediates: Readonly<Record<Immediate, (name: string) => readonly Immediates[]>> = {
  none: () => [[]],
  zero: () => [[]],
  zero2: () => [[]],
  block: () => [[]],
  label: () => [[0]],
  labels: () => [[0]],
  function: () => [["callee"]],
  local: () => upTo(200).map((index) => [index]),
  memory: () => [[], ...offsets.map((offset) => [offset])],
  memoryLane: (name) => [[], ...offsets.flatMap((offset) => lanesOf(name).map((lane) => [offset, lane]))],
  i32: () => [...edges, 2 ** 32 - 1].map((value) => [value]),
  i64: () => [...edges, 2 ** 32, 2 ** 53, -(2 ** 53), 2 ** 53 - 1].map((value) => [value]),
  f32: () => [...floats, ...specials].map((value) => [value]),
  f64: () => [...floats, ...specials].map((value) => [value]),
  lane: (name) => lanesOf(name).map((lane) => [lane]),
  lanes: () => [upTo(16), upTo(16).map((lane) => 31 - lane)],
  bytes: () => [upTo(16).map((byte) => 255 - 16 * byte), upTo(16).map(() => 128)],
};

const one = operand.i32;

/** Bodies of `() → i32` for what the table cannot type: it stands on the stack by its place, not by its row. */
const control: Readonly<Record<string, readonly Instruction[]>> = {
  unreachable: [["unreachable"]],
  nop: [["nop"], one],
  block: [["block"], ["end"], ["block", "i32"], one, ["end"]],
  loop: [["loop"], ["end"], ["loop", "i32"], one, ["end"]],
  if: [one, ["if"], ["end"], one, ["if", "i32"], one, ["else"], one, ["end"]],
  else: [one, ["if"], ["nop"], ["else"], ["nop"], ["end"], one],
  end: [["block"], ["end"], one],
  br: [["block"], ["block"], ["br", 1], ["end"], ["end"], one, ["br", 0]],
  br_if: [["block"], one, ["br_if", 0], ["end"], one],
  br_table: [["block"], ["block"], one, ["br_table", 0, 1, 0, 1], ["end"], ["end"], one],
  return: [one, ["return"]],
  call: [one, operand.f64, ["call", "callee"], ["call", "host"], one],
  drop: [operand.v128, ["drop"], one],
  select: [one, one, one, ["select"]],
  "local.get": [["local.get", 0]],
  "local.set": [one, ["local.set", 0], one],
  "local.tee": [one, ["local.tee", 0]],
};

function moduleOf(results: readonly ValueType[], body: readonly Instruction[]): WasmModule {
  const locals: ValueType[] = upTo(200).map(() => "i32");
  return {
    memory: { pages: 1, maximumPages: 2, shared: true },
    imports: [{ name: "host", parameters: ["f32"], results: [] }],
    functions: [
      { name: "callee", parameters: ["i32", "f64"], results: ["f32"], locals: [], body: [operand.f32] },
      { name: "case", parameters: [], results, locals, body },
    ],
    exports: ["case"],
  };
}

function encoded(body: readonly Instruction[]): EncodedInstructions {
  const encoding: Encoding = { bytes: [], calls: [] };
  for (const [name, ...parts] of body) encode(encoding, name, parts);
  return encoding;
}

/** An instruction as it is read from bytes: an offset of 0 is none, integers are signed, floats as precise as theirs. */
function asRead([name, ...parts]: Instruction): Instruction {
  const [, , , , immediate] = rowOf(name);
  if (immediate === "memory") return parts[0] === 0 ? [name] : [name, ...parts];
  if (immediate === "memoryLane") return [name, parts[0] ?? 0, parts[1] ?? 0];
  if (name === "i32.const") return [name, Number(parts[0]) | 0];
  return name === "f32.const" ? [name, Math.fround(Number(parts[0]))] : [name, ...parts];
}

/** A module for each edge value of what follows the opcode; control has bodies of its own. */
function modulesOf(name: InstructionName): readonly WasmModule[] {
  const special = control[name];
  if (special !== undefined) return [moduleOf(["i32"], special)];
  const [, , operands, results, immediate = "none"] = rowOf(name);
  const before = typesOf(operands).map((type) => operand[type]);
  return immediates[immediate](name).map((after) =>
    moduleOf(typesOf(results), [...before, [name, ...after]]),
  );
}

const features = { simd: true, threads: true, relaxed_simd: true, bulk_memory: true, sat_float_to_int: true };

type Wabt = Awaited<ReturnType<typeof wabt>>;

function wabtBytes({ parseWat }: Wabt, module: WasmModule): Uint8Array {
  const parsed = parseWat("case.wat", printModule(module), features);
  try {
    return parsed.toBinary({}).buffer.slice();
  } finally {
    parsed.destroy();
  }
}

const hexadecimal = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("every instruction", () => {
  let tools: Wabt;
  beforeAll(async () => {
    setFlagsFromString("--experimental-wasm-relaxed-simd");
    tools = await wabt();
  });

  test.each(names)(
    "%s has the bytes that wabt gives it, is read back from them, and has the types that the platform gives it",
    (name) => {
      for (const module of modulesOf(name)) {
        const body = instructionsOf(module.functions[1]!);
        expect(body.some(([each]) => each === name)).toBe(true);
        expect(instructionsOf({ body: [encoded(body)] })).toEqual(body.map(asRead));
        const bytes = assemble(module);
        expect(hexadecimal(bytes), printModule(module)).toBe(hexadecimal(wabtBytes(tools, module)));
        expect(WebAssembly.validate(bytes), printModule(module)).toBe(true);
      }
    },
  );

  const typed = names.filter((name) => control[name] === undefined);
  test.each(typed)("%s refuses operands and results of other types", (name) => {
    const [, , operands, results] = rowOf(name);
    const body = instructionsOf(modulesOf(name)[0]!.functions[1]!);
    const valid = (to: readonly ValueType[], other: readonly Instruction[]): boolean =>
      WebAssembly.validate(assemble(moduleOf(to, other)));
    const types = typesOf(results);
    expect(valid(types, body)).toBe(true);
    for (let place = 0; place < operands.length; place++) {
      const other = operand[operands[place] === "i" ? "i64" : "i32"];
      expect(valid(types, body.with(place, other))).toBe(false);
    }
    expect(valid(types, operands === "" ? [one, ...body] : body.slice(1))).toBe(false);
    expect(valid([...types, "i32"], body)).toBe(false);
    expect(valid(results === "" ? ["i32"] : [results === "i" ? "i64" : "i32"], body)).toBe(false);
  });

  test("no two have one code", () => {
    const codes = names.map((name) => `${rowOf(name)[0]} ${rowOf(name)[1]}`);
    expect(new Set(codes).size).toBe(names.length);
  });
});
