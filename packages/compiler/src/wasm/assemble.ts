// Module → bytes of the WebAssembly binary format. It checks nothing: `check` does, and so does the platform.
// A binary is a list of parts, each a list of bytes, so that what is written once is copied once.

import { encode, typeBytes, unsigned, type Encoding } from "./encode.ts";
import type { EncodedInstructions, ValueType, WasmFunction, WasmModule } from "./module.ts";

type Bytes = readonly number[];
type FunctionIndices = ReadonlyMap<string, number>;

function leb(value: number): Bytes {
  const bytes: number[] = [];
  unsigned(bytes, value);
  return bytes;
}

function text(value: string): Bytes {
  const bytes = Array.from(value, (letter) => utf8(letter.codePointAt(0)!)).flat();
  return [...leb(bytes.length), ...bytes];
}

function utf8(point: number): readonly number[] {
  if (point < 0x80) return [point];
  const tail = (shift: number): number => 0x80 | ((point >> shift) & 63);
  if (point < 0x800) return [0xc0 | (point >> 6), tail(0)];
  if (point < 0x1_0000) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}

function lengthOf(parts: readonly Bytes[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** Neighbouring locals of one type as a count and the type. */
function localsOf({ locals }: WasmFunction): Bytes {
  const bytes: number[] = [];
  let runs = 0;
  for (let i = 0; i < locals.length; i++) if (locals[i] !== locals[i - 1]) runs++;
  unsigned(bytes, runs);
  for (let i = 0; i < locals.length;) {
    const first = i;
    while (i < locals.length && locals[i] === locals[first]) i++;
    unsigned(bytes, i - first);
    bytes.push(typeBytes[locals[first]!]);
  }
  return bytes;
}

/** Appends encoded instructions with the indices of the functions that they call. */
function link({ bytes, calls }: EncodedInstructions, functions: FunctionIndices, parts: Bytes[]): void {
  let from = 0;
  for (const { at, callee } of calls) {
    const index = functions.get(callee);
    // Any other index would be a call of another function, and a valid module.
    if (index === undefined) throw new Error(`bug: the module has no function ${callee}`);
    parts.push(bytes.slice(from, at), leb(index));
    from = at;
  }
  parts.push(from === 0 ? bytes : bytes.slice(from));
}

function writeFunction(each: WasmFunction, functions: FunctionIndices, to: Bytes[]): void {
  const parts: Bytes[] = [localsOf(each)];
  for (const part of each.body) {
    if ("bytes" in part) link(part, functions, parts);
    else {
      const [name, ...immediates] = part;
      const alone: Encoding = { bytes: [], calls: [] };
      encode(alone, name, immediates);
      link(alone, functions, parts);
    }
  }
  to.push(leb(lengthOf(parts) + 1));
  for (const part of parts) to.push(part);
  to.push([0x0b]);
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

function typesOf(type: string): Bytes {
  const lists = type.split(":").map((list) => (list === "" ? [] : (list.split(" ") as ValueType[])));
  return [0x60, ...lists.flatMap((names) => [...leb(names.length), ...names.map((name) => typeBytes[name])])];
}

function importsOf(module: WasmModule, indexOf: ReturnType<typeof signatures>["indexOf"]): Bytes[] {
  const { memory, imports } = module;
  const { shared, pages, maximumPages } = memory;
  const functions = imports.flatMap((each) => [text("env"), text(each.name), [0], leb(indexOf(each))]);
  const limits = [[2, shared ? 3 : 1], leb(pages), leb(maximumPages)];
  return [leb(imports.length + 1), ...functions, text("env"), text("memory"), ...limits];
}

/** The binary of a module. */
export function assemble(module: WasmModule): Uint8Array<ArrayBuffer> {
  const { imports, functions, exports } = module;
  const { types, indexOf } = signatures(module);
  const indices = new Map([...imports, ...functions].map(({ name }, index) => [name, index]));
  const code: Bytes[] = [leb(functions.length)];
  for (const each of functions) writeFunction(each, indices, code);
  const exported = exports.flatMap((name) => [text(name), [0], leb(indices.get(name)!)]);
  return joined([
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [leb(types.length), ...types.map(typesOf)]),
    ...section(2, importsOf(module, indexOf)),
    ...section(3, [leb(functions.length), ...functions.map((each) => leb(indexOf(each)))]),
    ...section(7, [leb(exports.length), ...exported]),
    ...section(10, code),
  ]);
}

function section(id: number, content: readonly Bytes[]): readonly Bytes[] {
  return [[id], leb(lengthOf(content)), ...content];
}

function joined(parts: readonly Bytes[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
