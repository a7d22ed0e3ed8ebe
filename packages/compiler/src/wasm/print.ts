// Module → the WebAssembly text format, an instruction a line, indented by blocks. It checks nothing.
// Law: wabt assembles the text to the bytes that `assemble` gives, but for an empty `else`, which it drops.

import { instructionsOf } from "./decode.ts";
import { instructions, type Immediate, type InstructionRow } from "./instructions.ts";
import type { ImportedFunction, ValueType, WasmFunction, WasmModule } from "./module.ts";

type Parts = readonly (number | string)[];

/** A function as the text refers to it. */
type Reference = (name: string) => string;

/** What is written after the name of an instruction, by what follows its opcode. */
const writers: Readonly<Record<Immediate, (immediates: Parts, reference: Reference) => Parts>> = {
  none: () => [],
  zero: () => [],
  zero2: () => [],
  block: ([type]) => (type === undefined ? [] : [`(result ${type})`]),
  label: (parts) => parts,
  labels: (parts) => parts,
  function: ([name], reference) => [reference(String(name))],
  local: (parts) => parts,
  memory: ([offset]) => offsetOf(offset),
  memoryLane: ([offset, lane = 0]) => [...offsetOf(offset), lane],
  i32: ([value]) => [Number(value) | 0],
  i64: ([value]) => [String(value)],
  f32: ([value]) => [float(Math.fround(Number(value)))],
  f64: ([value]) => [float(Number(value))],
  lane: (parts) => parts,
  lanes: (parts) => parts,
  bytes: (parts) => ["i8x16", ...parts],
};

function offsetOf(offset: number | string = 0): Parts {
  return offset === 0 ? [] : [`offset=${offset}`];
}

/** The shortest decimal of a double names a number of single precision, too. */
function float(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (Number.isFinite(value)) return Object.is(value, -0) ? "-0" : String(value);
  return value > 0 ? "inf" : "-inf";
}

/** Names that are identifiers of the text format stand for their functions; for other names their indices do. */
function referenceIn({ imports, functions }: WasmModule): Reference {
  const indices = new Map([...imports, ...functions].map(({ name }, index) => [name, index]));
  return (name) => (isIdentifier(name) ? `$${name}` : String(indices.get(name)));
}

function isIdentifier(name: string): boolean {
  return /^[\w!#$%&'*+\-./:<=>?@\\^`|~]+$/.test(name);
}

function quoted(text: string): string {
  const escaped = (letter: string): string => `\\u{${letter.codePointAt(0)!.toString(16)}}`;
  return `"${text.replaceAll(/["\\\p{Cc}]/gu, escaped)}"`;
}

function list(keyword: string, types: readonly ValueType[]): Parts {
  return types.length === 0 ? [] : [`(${keyword} ${types.join(" ")})`];
}

function head({ name, parameters, results }: ImportedFunction): string {
  const label = isIdentifier(name) ? [`$${name}`] : [];
  return ["(func", ...label, ...list("param", parameters), ...list("result", results)].join(" ");
}

const opens = new Set<string>(["block", "loop", "if", "else"]);
const closes = new Set<string>(["end", "else"]);

function bodyOf(each: WasmFunction, reference: Reference): readonly string[] {
  let depth = 2;
  const lines = instructionsOf(each).map(([name, ...immediates]) => {
    const [, , , , immediate = "none"]: InstructionRow = instructions[name];
    if (closes.has(name)) depth--;
    const indent = "  ".repeat(Math.max(depth, 0));
    if (opens.has(name)) depth++;
    return indent + [name, ...writers[immediate](immediates, reference)].join(" ");
  });
  return [...list("local", each.locals).map((text) => `    ${text}`), ...lines];
}

/** The module in the WebAssembly text format (WAT). */
export function printModule(module: WasmModule): string {
  const { pages, maximumPages, shared } = module.memory;
  const reference = referenceIn(module);
  return [
    "(module",
    ...module.imports.map((each) => `  (import "env" ${quoted(each.name)} ${head(each)}))`),
    `  (import "env" "memory" (memory ${pages} ${maximumPages}${shared ? " shared" : ""}))`,
    ...module.exports.map((name) => `  (export ${quoted(name)} (func ${reference(name)}))`),
    ...module.functions.flatMap((each) => [`  ${head(each)}`, ...bodyOf(each, reference), "  )"]),
    ")",
    "",
  ].join("\n");
}
