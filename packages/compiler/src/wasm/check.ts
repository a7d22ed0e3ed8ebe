// The invariants of a well-formed module, and the types on the stack of every function: what the platform's validator
// demands, said with the names of functions and the places of instructions. Law: both judge every module alike.

import { instructionsOf } from "./decode.ts";
import { instructions, type Immediate, type InstructionName, type InstructionRow } from "./instructions.ts";
import type { Instruction, ValueType, WasmFunction, WasmModule } from "./module.ts";

type Parts = readonly (number | string)[];
type Signatures = ReadonlyMap<string, Pick<WasmFunction, "parameters" | "results">>;

/** What is wrong, or nothing. */
type Stray = string | undefined;

/** An operand on the stack; after a branch that is always taken it may be of any type. */
type Operand = ValueType | "any";

/** A block that is open, the function itself being the outermost. */
interface Frame {
  readonly kind: "function" | "block" | "loop" | "if" | "else";
  readonly results: readonly ValueType[];
  /** The number of operands below it. */
  readonly height: number;
  /** Whether what follows in it is never reached. */
  dead: boolean;
}

/** A function while it is walked. The first problem ends the walk: what follows would be judged on a wrong stack. */
interface Walk {
  readonly signatures: Signatures;
  readonly locals: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly stack: Operand[];
  readonly frames: Frame[];
  problem: string | undefined;
}

/** The platform's limits, of V8 and of every other browser (the limits of the JavaScript API). */
const limits = { locals: 50_000, parameters: 1000, pages: 65_536, labels: 65_520 };

const letters: Readonly<Record<string, ValueType>> = { i: "i32", l: "i64", f: "f32", d: "f64", v: "v128" };
const typesOf = (signature: string): ValueType[] => Array.from(signature, (letter) => letters[letter]!);

/** The number of lanes that the name of an instruction tells: 4 for `f32x4.…`, 2 for `v128.load64_lane`. */
function lanesOf(name: string): number {
  const [, bits, lanes] = /(?:load|store)(\d+)|x(\d+)/.exec(name)!;
  return lanes === undefined ? 128 / Number(bits) : Number(lanes);
}

const isBelow = (part: number | string | undefined, end: number): boolean =>
  typeof part === "number" && Number.isInteger(part) && part >= 0 && part < end;
const areBelow = (parts: Parts, count: number, end: number): boolean =>
  parts.length === count && parts.every((part) => isBelow(part, end));
const areNumbers = (parts: Parts, count: number): boolean =>
  parts.length === count && parts.every((part) => typeof part === "number");

type ImmediateRule = (parts: Parts, walk: Walk, name: string) => readonly [holds: boolean, wanted: string];

const nothing: ImmediateRule = (parts) => [parts.length === 0, "nothing"];
const number: ImmediateRule = (parts) => [areNumbers(parts, 1), "a number"];

/** What may follow an opcode, by kind. */
const immediateRules: Readonly<Record<Immediate, ImmediateRule>> = {
  none: nothing,
  zero: nothing,
  zero2: nothing,
  block: (parts) => [
    parts.length === 0 || (parts.length === 1 && Object.values<unknown>(letters).includes(parts[0])),
    "a type of values or nothing",
  ],
  label: (parts, { frames }) => [areBelow(parts, 1, frames.length), `a label below ${frames.length}`],
  labels: (parts, { frames }) => [
    isBelow(parts.length - 1, limits.labels + 1) && areBelow(parts, parts.length, frames.length),
    `at least one label and at most ${limits.labels + 1}, each below ${frames.length}`,
  ],
  function: ([callee, ...rest], { signatures }) => [
    signatures.has(String(callee)) && rest.length === 0,
    "the name of a function",
  ],
  local: (parts, { locals }) => [areBelow(parts, 1, locals.length), `a local below ${locals.length}`],
  memory: ([offset = 0, ...rest]) => [
    isBelow(offset, 2 ** 32) && rest.length === 0,
    "an offset of 32 bits or nothing",
  ],
  memoryLane: ([offset = 0, lane = 0, ...rest], _, name) => [
    isBelow(offset, 2 ** 32) && isBelow(lane, lanesOf(name)) && rest.length === 0,
    `an offset of 32 bits and a lane below ${lanesOf(name)}`,
  ],
  i32: (parts) => [
    areNumbers(parts, 1) && isBelow(Number(parts[0]) + 2 ** 31, 3 * 2 ** 31),
    "an integer of 32 bits",
  ],
  i64: (parts) => [
    areNumbers(parts, 1) && Number.isInteger(parts[0]) && Math.abs(Number(parts[0])) <= 2 ** 53,
    "an integer of at most 53 bits",
  ],
  f32: number,
  f64: number,
  lane: (parts, _, name) => [areBelow(parts, 1, lanesOf(name)), `a lane below ${lanesOf(name)}`],
  lanes: (parts) => [areBelow(parts, 16, 32), "16 lanes below 32"],
  bytes: (parts) => [areBelow(parts, 16, 256), "16 bytes"],
};

function fail(walk: Walk, words: string): void {
  walk.problem ??= words;
}

function pop(walk: Walk, expected: Operand): Operand {
  const frame = walk.frames.at(-1)!;
  if (walk.stack.length === frame.height) {
    if (!frame.dead)
      fail(walk, `needs ${expected === "any" ? "a value" : expected} on the stack, got nothing`);
    return "any";
  }
  const found = walk.stack.pop()!;
  if (found !== expected && found !== "any" && expected !== "any")
    fail(walk, `needs ${expected} on the stack, got ${found}`);
  return found;
}

function popAll(walk: Walk, types: readonly ValueType[]): void {
  for (const type of types.toReversed()) pop(walk, type);
}

/** What follows is never reached: the operands of the block are forgotten, and any are there. */
function leave(walk: Walk): void {
  const frame = walk.frames.at(-1)!;
  walk.stack.length = frame.height;
  frame.dead = true;
}

function open(walk: Walk, kind: Frame["kind"], results: readonly ValueType[]): void {
  walk.frames.push({ kind, results, height: walk.stack.length, dead: false });
}

function close(walk: Walk): Frame {
  const frame = walk.frames.at(-1)!;
  popAll(walk, frame.results);
  const left = walk.stack.length - frame.height;
  if (left > 0) fail(walk, `a block must leave its results alone on the stack, got ${left} more`);
  walk.frames.pop();
  return frame;
}

/** What a branch to a label takes: a loop begins anew and takes nothing. */
function taken({ frames }: Walk, label: number): readonly ValueType[] {
  const frame = frames.at(-1 - label)!;
  return frame.kind === "loop" ? [] : frame.results;
}

function branchTable(walk: Walk, labels: readonly number[]): void {
  pop(walk, "i32");
  const types = taken(walk, labels.at(-1)!);
  for (const label of labels) {
    const others = taken(walk, label);
    if (others.length !== types.length) fail(walk, "all labels must take as many values");
    const found = others.toReversed().map((type) => pop(walk, type));
    walk.stack.push(...found.reverse());
  }
  popAll(walk, types);
  leave(walk);
}

/** The instructions whose effect on the stack depends on where they stand. */
const effects: Readonly<Partial<Record<InstructionName, (walk: Walk, parts: Parts) => void>>> = {
  unreachable: leave,
  block: (walk, parts) => open(walk, "block", parts as readonly ValueType[]),
  loop: (walk, parts) => open(walk, "loop", parts as readonly ValueType[]),
  if(walk, parts) {
    pop(walk, "i32");
    open(walk, "if", parts as readonly ValueType[]);
  },
  else(walk) {
    const { kind, results } = close(walk);
    if (kind !== "if") fail(walk, "must follow an if");
    open(walk, "else", results);
  },
  end(walk) {
    if (walk.frames.length === 1) return fail(walk, "must end a block, got none");
    const { kind, results } = close(walk);
    if (kind === "if" && results.length > 0) fail(walk, "must follow an else where an if gives a value");
    walk.stack.push(...results);
  },
  br(walk, [label]) {
    popAll(walk, taken(walk, Number(label)));
    leave(walk);
  },
  br_if(walk, [label]) {
    pop(walk, "i32");
    const types = taken(walk, Number(label));
    popAll(walk, types);
    walk.stack.push(...types);
  },
  br_table: (walk, parts) => branchTable(walk, parts.map(Number)),
  return(walk) {
    popAll(walk, walk.results);
    leave(walk);
  },
  call(walk, [name]) {
    const { parameters, results } = walk.signatures.get(String(name))!;
    popAll(walk, parameters);
    walk.stack.push(...results);
  },
  drop: (walk) => void pop(walk, "any"),
  select(walk) {
    pop(walk, "i32");
    const second = pop(walk, "any");
    const first = pop(walk, second);
    walk.stack.push(first === "any" ? second : first);
  },
  "local.get": ({ stack, locals }, [index]) => void stack.push(locals[Number(index)]!),
  "local.set": (walk, [index]) => void pop(walk, walk.locals[Number(index)]!),
  "local.tee"(walk, [index]) {
    pop(walk, walk.locals[Number(index)]!);
    walk.stack.push(walk.locals[Number(index)]!);
  },
};

function step(walk: Walk, [name, ...parts]: Instruction): void {
  if (!Object.hasOwn(instructions, name)) return fail(walk, "must be an instruction of the table");
  const [, , operands, results, immediate = "none"]: InstructionRow = instructions[name];
  const [holds, wanted] = immediateRules[immediate](parts, walk, name);
  if (!holds) return fail(walk, `must be followed by ${wanted}, got ${parts.join(" ") || "nothing"}`);
  const effect = effects[name];
  if (effect !== undefined) return effect(walk, parts);
  popAll(walk, typesOf(operands));
  walk.stack.push(...typesOf(results));
}

/** What is wrong with the body of a function, and where, or nothing. */
function strayIn(each: WasmFunction, signatures: Signatures): Stray {
  const { name, parameters, results, locals } = each;
  const outermost: Frame = { kind: "function", results, height: 0, dead: false };
  const walk: Walk = {
    signatures,
    locals: [...parameters, ...locals],
    results,
    stack: [],
    frames: [outermost],
    problem: undefined,
  };
  for (const [position, instruction] of instructionsOf(each).entries()) {
    step(walk, instruction);
    if (walk.problem !== undefined)
      return `function ${name}, instruction ${position} (${instruction.join(" ")}): ${walk.problem}`;
  }
  if (walk.frames.length > 1) fail(walk, `every block must end, got ${walk.frames.length - 1} open`);
  else close(walk);
  return walk.problem === undefined ? undefined : `function ${name}, end: ${walk.problem}`;
}

const repeated = (names: readonly string[]): Stray =>
  names.find((name, index) => names.indexOf(name) !== index);
const namesOf = ({ imports, functions }: WasmModule): string[] =>
  [...imports, ...functions].map(({ name }) => name);

/** Each invariant of a module outside the bodies, by the words in which it is said. */
const moduleRules: Readonly<Record<string, (module: WasmModule) => Stray>> = {
  "the memory must have at most its maximum of pages, and that at most 65536": ({ memory }) => {
    const { pages, maximumPages } = memory;
    const right = isBelow(pages, maximumPages + 1) && isBelow(maximumPages, limits.pages + 1);
    return right ? undefined : `${pages} of ${maximumPages}`;
  },
  "a function must have a name of its own": (module) => repeated(namesOf(module)),
  "an export must be a function": (module) => {
    const names = new Set(namesOf(module));
    return module.exports.find((name) => !names.has(name));
  },
  "an export must stand once": ({ exports }) => repeated(exports),
  "a function must have at most 1000 parameters and 1000 results": ({ imports, functions }) =>
    [...imports, ...functions].find(
      ({ parameters, results }) => Math.max(parameters.length, results.length) > limits.parameters,
    )?.name,
  "a function must have at most 50000 locals": ({ functions }) =>
    functions.find(({ parameters, locals }) => parameters.length + locals.length > limits.locals)?.name,
};

/**
 * What is wrong with a module, a sentence each: of the module as a whole, then the first of every function with its
 * name and the position of the instruction. Empty if and only if the platform takes the module.
 */
export function checkModule(module: WasmModule): readonly string[] {
  const signatures = new Map([...module.imports, ...module.functions].map((each) => [each.name, each]));
  const whole = Object.entries(moduleRules).flatMap(([words, rule]) => {
    const found = rule(module);
    return found === undefined ? [] : [`${words}, got ${found}`];
  });
  return [...whole, ...module.functions.flatMap((each) => strayIn(each, signatures) ?? [])];
}
