// Writing the body of a function: instructions in order, locals on demand, constants set once at the beginning.
// A value is a local that is set once; V8 turns locals into registers, so naming every value costs nothing.

import { constantsOf } from "./constants.ts";
import { encode, unsigned, type Encoding, type Immediates } from "./encode.ts";
import { instructions, type InstructionName, type InstructionRow } from "./instructions.ts";
import type { ValueType, WasmFunction } from "./module.ts";

/** The index of a local. */
export type Local = number;

/** What the platform can do beyond the standard. */
export interface Features {
  /** Relaxed SIMD: `relaxed_madd`, fused where the machine has it. */
  readonly relaxed: boolean;
  /** V8 turns pairs of 128-bit operations into 256-bit ones. */
  readonly wide: boolean;
}

/** The first of at most two immediates, or all as a list. */
type FirstImmediate = number | string | readonly number[];

/** The body of one function while it is written. */
export interface Code {
  readonly features: Features;
  /** The locals of the parameters. */
  readonly parameters: readonly Local[];
  /** A new local. */
  local(type: ValueType): Local;
  /** Appends an instruction with its immediates, or with all of them as a list where they may be many. */
  emit(name: InstructionName, ...immediates: [] | [FirstImmediate] | [first: number, second: number]): void;
  /** Appends the instruction applied to locals; gives a new local with the result. */
  op(name: InstructionName, ...operands: readonly Local[]): Local;
  /** The same, for an instruction with immediates. */
  opWith(name: InstructionName, immediates: readonly number[], ...operands: readonly Local[]): Local;
  /** A local that holds a constant, set at the beginning of the function and shared by all who ask for it. */
  i32(value: number): Local;
  f32(value: number): Local;
  f64(value: number): Local;
  /** Four 32-bit lanes; one number stands for all. */
  i32x4(...lanes: readonly number[]): Local;
  f32x4(...lanes: readonly number[]): Local;
  /** Two 64-bit lanes; integers as bigint, one stands for both. */
  i64x2(...lanes: readonly bigint[]): Local;
  f64x2(...lanes: readonly number[]): Local;
  /** `x * y + z` in every lane: one rounding where `features.relaxed` and the machine fuse, else two. */
  madd(type: "f32x4" | "f64x2", x: Local, y: Local, z: Local): Local;
  /** `for (index = from; index < to; index += step)`, unsigned, over a new local; no turn when from ≥ to. */
  forRange(range: Range, body: (index: Local) => void): void;
}

/** The turns of a loop: bounds in locals, step a constant. */
interface Range {
  readonly from: Local;
  readonly to: Local;
  readonly step: number;
}

const typeOfLetter: Readonly<Record<string, ValueType>> = {
  i: "i32",
  l: "i64",
  f: "f32",
  d: "f64",
  v: "v128",
};

/** A function while it is written: constants first, then everything else. */
interface Body {
  readonly locals: ValueType[];
  readonly prologue: Encoding;
  readonly body: Encoding;
  /** Where in the body its last instruction begins, and the local that it sets, or -1. */
  lastSetAt: number;
  lastSet: Local;
}

/** Appends the body of a function, whose parameters it is given, and leaves the results on the stack. */
export type WriteBody = (code: Code, ...parameters: readonly Local[]) => void;

/** Writes a function. */
export function writeFunction(
  name: string,
  signature: { readonly parameters: readonly ValueType[]; readonly results?: readonly ValueType[] },
  features: Features,
  write: WriteBody,
): WasmFunction {
  const { parameters, results = [] } = signature;
  const state: Body = {
    locals: [],
    prologue: { bytes: [], calls: [] },
    body: { bytes: [], calls: [] },
    lastSetAt: 0,
    lastSet: -1,
  };
  const code = codeOf(parameters, features, state);
  write(code, ...code.parameters);
  return { name, parameters, results, locals: state.locals, body: [state.prologue, state.body] };
}

const [, localGet] = instructions["local.get"];
const [, localSet] = instructions["local.set"];
const [, localTee] = instructions["local.tee"];

/** No immediates, or those that have a default. */
const none: readonly number[] = [];

// Reads and writes of locals are half of all instructions. V8 optimises what is hot on other threads, soon where a function
// is short, and a first compilation is over before it gains from that: so what is frequent returns early, and cases that
// could stand in a function of their own stand here.

/** A local that is read as soon as it is set stays on the stack. */
function get(state: Body, index: Local): void {
  if (state.lastSet === index) {
    state.body.bytes[state.lastSetAt] = localTee;
    state.lastSet = -1;
  } else push(state, index);
}

function push(state: Body, index: Local): void {
  const { bytes } = state.body;
  state.lastSet = -1;
  if (index < 128) {
    bytes.push(localGet, index);
    return;
  }
  if (index < 16_384) bytes.push(localGet, (index & 127) | 128, index >> 7);
  else {
    bytes.push(localGet);
    unsigned(bytes, index);
  }
}

function set(state: Body, index: Local): void {
  const { bytes } = state.body;
  state.lastSetAt = bytes.length;
  state.lastSet = index;
  if (index < 128) {
    bytes.push(localSet, index);
    return;
  }
  if (index < 16_384) bytes.push(localSet, (index & 127) | 128, index >> 7);
  else {
    bytes.push(localSet);
    unsigned(bytes, index);
  }
}

function listOf(first?: FirstImmediate, second?: number): Immediates {
  if (first === undefined) return none;
  if (typeof first === "object") return first;
  return second === undefined ? [first] : [first, second];
}

/** Only the first can be on the stack. */
function getAll(state: Body, x?: Local, y?: Local, z?: Local): void {
  if (x === undefined) return;
  get(state, x);
  if (y === undefined) return;
  push(state, y);
  if (z !== undefined) push(state, z);
}

function codeOf(parameters: readonly ValueType[], features: Features, state: Body): Code {
  const { locals, body } = state;
  const local = (type: ValueType): Local => parameters.length + locals.push(type) - 1;
  // Hot: every instruction of a program passes here, mostly before any of it has been optimised, so that lists of
  // operands and iterators would cost more than the instructions. No instruction has more than three operands.
  const emit = (name: InstructionName, first?: FirstImmediate, second?: number): void => {
    if (name === "local.get") get(state, first as Local);
    else if (name === "local.set") set(state, first as Local);
    else {
      state.lastSet = -1;
      encode(body, name, listOf(first, second));
    }
  };
  const opWith = (
    name: InstructionName,
    immediates: readonly number[],
    x?: Local,
    y?: Local,
    z?: Local,
  ): Local => {
    getAll(state, x, y, z);
    encode(body, name, immediates);
    const row: InstructionRow = instructions[name];
    const result = local(typeOfLetter[row[3]]!);
    set(state, result);
    return result;
  };
  const op = (name: InstructionName, x?: Local, y?: Local, z?: Local): Local => opWith(name, none, x, y, z);
  return {
    features,
    parameters: parameters.map((_, index) => index),
    local,
    emit,
    op,
    opWith,
    ...constantsOf(state.prologue, local),
    madd: (type, x, y, z) =>
      features.relaxed ? op(`${type}.relaxed_madd`, x, y, z) : op(`${type}.add`, op(`${type}.mul`, x, y), z),
    forRange: (range, inner) => writeLoop(emit, local("i32"), range, inner),
  };
}

/** The test stands at the end, so that a turn costs one branch. */
function writeLoop(
  emit: Code["emit"],
  index: Local,
  { from, to, step }: Range,
  inner: (index: Local) => void,
): void {
  emit("local.get", from);
  emit("local.tee", index);
  emit("local.get", to);
  emit("i32.lt_u");
  emit("if");
  emit("loop");
  inner(index);
  emit("local.get", index);
  emit("i32.const", step);
  emit("i32.add");
  emit("local.tee", index);
  emit("local.get", to);
  emit("i32.lt_u");
  emit("br_if", 0);
  emit("end");
  emit("end");
}
