// The validator against the platform's own: both judge random modules alike, well formed or broken by one instruction,
// and the sentences name functions, positions and types.

import { setFlagsFromString } from "node:v8";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { assemble } from "./assemble.ts";
import { checkModule } from "./check.ts";
import { instructionsOf } from "./decode.ts";
import { instructions, type InstructionName, type InstructionRow } from "./instructions.ts";
import type { Instruction, ValueType, WasmFunction, WasmModule } from "./module.ts";

declare const WebAssembly: { validate(bytes: Uint8Array): boolean };

beforeAll(() => setFlagsFromString("--experimental-wasm-relaxed-simd"));

const letters = { i: "i32", l: "i64", f: "f32", d: "f64", v: "v128" } as const;
const types: readonly ValueType[] = Object.values(letters);
const typesOf = (signature: string): ValueType[] =>
  Array.from(signature, (letter) => letters[letter as keyof typeof letters]);
const names = Object.keys(instructions) as InstructionName[];
const rowOf = (name: InstructionName): InstructionRow => instructions[name];
const constants: Readonly<Record<ValueType, Instruction>> = {
  i32: ["i32.const", 7],
  i64: ["i64.const", 7],
  f32: ["f32.const", 7],
  f64: ["f64.const", 7],
  v128: ["v128.const", ...Array.from({ length: 16 }, (_, i) => i)],
};
/** Locals: a parameter and a local of every type. */
const localTypes = [...types, ...types];
const signature: Pick<WasmFunction, "parameters" | "results"> = {
  parameters: ["f32", "i64"],
  results: ["f64"],
};
const callee: WasmFunction = { name: "callee", ...signature, locals: [], body: [constants.f64] };

function moduleOf(body: readonly Instruction[], results: readonly ValueType[]): WasmModule {
  return {
    memory: { pages: 1, maximumPages: 1, shared: true },
    imports: [{ name: "host", parameters: ["v128"], results: [] }],
    functions: [callee, { name: "subject", parameters: types, results, locals: types, body }],
    exports: ["subject"],
  };
}

/** Numbers that decide what is written next; when they are used up all are 0, which ends the writing. */
type Choose = (count: number) => number;

function chooser(choices: readonly number[]): Choose {
  let next = 0;
  return (count) => (choices[next++] ?? 0) % count;
}

const immediatesOf = (name: InstructionName): readonly number[] => {
  const [, , , , immediate] = rowOf(name);
  if (immediate === "lane") return [1];
  if (immediate === "lanes") return Array.from({ length: 16 }, (_, i) => 31 - i);
  return immediate === "memory" || immediate === "memoryLane" ? [16] : [];
};
/** Rows whose places on the stack the table tells, but for constants. */
const typed = names.filter((name) => rowOf(name).slice(2, 4).join("") !== "" && !name.endsWith(".const"));
const giving = (type: ValueType): InstructionName[] =>
  typed.filter((name) => typesOf(rowOf(name)[3])[0] === type);
const forms: Readonly<Record<ValueType, readonly InstructionName[]>> = {
  i32: giving("i32"),
  i64: giving("i64"),
  f32: giving("f32"),
  f64: giving("f64"),
  v128: giving("v128"),
};
const effects = typed.filter((name) => rowOf(name)[3] === "" && !["if", "br_if", "br_table"].includes(name));

/** What is written where: the types that each label takes, the innermost last. */
type Labels = readonly (ValueType | undefined)[];

function value(type: ValueType, choose: Choose, labels: Labels): Instruction[] {
  const of = (each: ValueType): Instruction[] => value(each, choose, labels);
  const within = (): Instruction[] => value(type, choose, [...labels, type]);
  const place = localTypes.indexOf(type) + 5 * choose(2);
  switch (choose(9)) {
    case 0:
      return [constants[type]];
    case 1:
      return [["local.get", place]];
    case 2:
      return [...of(type), ["local.tee", place]];
    case 3:
      return [...of(type), ...of(type), ...of("i32"), ["select"]];
    case 4:
      return [["block", type], ...statement(choose, [...labels, type]), ...within(), ["end"]];
    case 5:
      return [...of("i32"), ["if", type], ...within(), ["else"], ...within(), ["end"]];
    case 6:
      return type === "f64" ? [...of("f32"), ...of("i64"), ["call", "callee"]] : of(type);
    default: {
      const name = forms[type][choose(forms[type].length)]!;
      return [...typesOf(rowOf(name)[2]).flatMap(of), [name, ...immediatesOf(name)]];
    }
  }
}

function statement(choose: Choose, labels: Labels): Instruction[] {
  const type = types[choose(5)]!;
  const of = (each: ValueType): Instruction[] => value(each, choose, labels);
  const label = choose(labels.length);
  const given = labels.at(-1 - label);
  switch (choose(9)) {
    case 0:
      return [];
    case 1:
      return [...of(type), ["local.set", localTypes.indexOf(type)]];
    case 2:
      return [...of(type), ["drop"], ...statement(choose, labels)];
    case 3: {
      const name = effects[choose(effects.length)]!;
      return [...typesOf(rowOf(name)[2]).flatMap(of), [name, ...immediatesOf(name)]];
    }
    case 4:
      return [["loop"], ...statement(choose, [...labels, undefined]), ["end"], ...statement(choose, labels)];
    case 5:
      return given === undefined
        ? [...of("i32"), ["br_if", label]]
        : [...of(given), ...of("i32"), ["br_if", label], ["drop"]];
    case 6:
      return given === undefined
        ? [...of("i32"), ["if"], ["br", label + 1], ["end"]]
        : [...of("i32"), ["if"], ...value(given, choose, [...labels, undefined]), ["br", label + 1], ["end"]];
    case 7:
      return [...of("v128"), ["call", "host"], ["block"], ["unreachable"], ["i32.add"], ["drop"], ["end"]];
    default:
      return [...statement(choose, labels), ...statement(choose, labels)];
  }
}

const wellFormed: fc.Arbitrary<WasmModule> = fc
  .tuple(fc.array(fc.nat(), { maxLength: 80, size: "max" }), fc.constantFrom(...types))
  .map(([choices, type]) => {
    const choose = chooser(choices);
    return moduleOf([...statement(choose, [type]), ...value(type, choose, [type])], [type]);
  });

const valid = (module: WasmModule): boolean => WebAssembly.validate(assemble(module));
const accepted = (module: WasmModule): boolean => checkModule(module).length === 0;

function withBody(
  module: WasmModule,
  change: (body: readonly Instruction[]) => readonly Instruction[],
): WasmModule {
  return moduleOf(change(instructionsOf(module.functions[1]!)), module.functions[1]!.results);
}

/** Breakages of one place, which may leave a module well formed. */
const mutations: Readonly<
  Record<string, (body: readonly Instruction[], at: number) => readonly Instruction[]>
> = {
  dropped: (body, at) => body.toSpliced(at, 1),
  repeated: (body, at) => body.toSpliced(at, 0, body[at]!),
  "exchanged with the next": (body, at) => body.toSpliced(at, 2, ...body.slice(at, at + 2).toReversed()),
  "replaced by unreachable": (body, at) => body.with(at, ["unreachable"]),
  "replaced by return": (body, at) => body.with(at, ["return"]),
  "replaced by another": (body, at) => body.with(at, body[(7 * at + 3) % body.length]!),
  "followed by a branch": (body, at) => body.toSpliced(at + 1, 0, ["br", 0]),
  "given a next immediate": (body, at) => {
    const [name, first, ...rest] = body[at]!;
    return typeof first === "number" ? body.with(at, [name, first + 1, ...rest]) : body;
  },
};

describe("checkModule and the platform judge alike", () => {
  test("well-formed bodies: both take them", () => {
    fc.assert(
      fc.property(wellFormed, (module) => {
        expect(checkModule(module)).toEqual([]);
        expect(valid(module)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test.each(Object.entries(mutations))("bodies in which one instruction is %s", (_, mutate) => {
    fc.assert(
      fc.property(wellFormed, fc.nat(), (module, place) => {
        const broken = withBody(module, (body) => mutate(body, place % body.length));
        expect(accepted(broken), checkModule(broken).join("\n")).toBe(valid(broken));
      }),
      { numRuns: 300 },
    );
  });

  // Short bodies of few instructions: many are valid by chance, most of them after a branch.
  const few: readonly Instruction[] = [
    constants.i32,
    constants.f32,
    ["block"],
    ["block", "i32"],
    ["loop"],
    ["loop", "f32"],
    ["if"],
    ["if", "i32"],
    ["else"],
    ["end"],
    ["br", 0],
    ["br", 1],
    ["br_if", 0],
    ["br_if", 1],
    ["br_table", 0, 1],
    ["br_table", 1, 0, 1],
    ["unreachable"],
    ["return"],
    ["drop"],
    ["select"],
    ["local.get", 2],
    ["local.tee", 0],
    ["local.set", 2],
    ["i32.eqz"],
    ["f32.add"],
    ["i32.store"],
    ["f64.promote_f32"],
    ["call", "callee"],
  ];
  test("any sequence of a few instructions", () => {
    const results = fc.constantFrom<ValueType[]>([], ["i32"], ["f32"], ["i32", "f32"]);
    const bodies = fc.array(fc.constantFrom(...few), { maxLength: 8 });
    let taken = 0;
    fc.assert(
      fc.property(bodies, results, fc.boolean(), (body, given, dead) => {
        const module = moduleOf(dead ? [["unreachable"], ...body] : body, given);
        expect(accepted(module), checkModule(module).join("\n")).toBe(valid(module));
        if (valid(module)) taken++;
      }),
      { numRuns: 5000 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  // What random bodies seldom hold; whether the platform takes each is written down, too.
  const [i, f, dead]: readonly Instruction[] = [constants.i32, constants.f32, ["unreachable"]];
  const pair: readonly ValueType[] = ["i32", "f32"];
  test.each<readonly [string, boolean, readonly ValueType[], readonly Instruction[]]>([
    ["a branch to a loop takes nothing", true, ["f32"], [["loop", "f32"], ["br", 0], ["end"]]],
    ["a branch to a loop leaves what it does not take", true, [], [["loop"], i!, ["br_if", 0], ["end"]]],
    ["a conditional one takes no result", false, ["f32"], [["loop", "f32"], i!, ["br_if", 0], ["end"]]],
    ["select of a known and any is known", false, ["i32"], [dead!, f!, i!, ["select"]]],
    ["select of any and a known is known", true, ["f32"], [dead!, f!, i!, ["select"]]],
    ["select of any and any is any", true, ["v128"], [dead!, i!, ["select"]]],
    ["a table of labels takes results in order", true, pair, [i!, f!, i!, ["br_table", 0, 0]]],
    ["a table of labels takes no results in another order", false, pair, [f!, i!, i!, ["br_table", 0]]],
    [
      "labels of a table that take one value and none differ, even where nothing is reached",
      false,
      [],
      [["block", "i32"], ["block"], dead!, i!, ["br_table", 0, 1], ["end"], i!, ["end"], ["drop"]],
    ],
    [
      "labels of a table may take other types where any are there",
      true,
      [],
      [
        ["block", "i32"],
        ["block", "f32"],
        dead!,
        ["br_table", 0, 1],
        ["end"],
        ["drop"],
        i!,
        ["end"],
        ["drop"],
      ],
    ],
    [
      "but not where a type is known",
      false,
      [],
      [
        ["block", "i32"],
        ["block", "f32"],
        dead!,
        f!,
        i!,
        ["br_table", 0, 1],
        ["end"],
        ["drop"],
        i!,
        ["end"],
        ["drop"],
      ],
    ],
  ])("%s", (_, expected, results, body) => {
    const module = moduleOf(body, results);
    expect(valid(module)).toBe(expected);
    expect(accepted(module), checkModule(module).join("\n")).toBe(expected);
  });

  test("modules with limits passed and with names that repeat", () => {
    const body = [constants.i32];
    const module = moduleOf(body, ["i32"]);
    const many = (count: number): ValueType[] => Array.from({ length: count }, () => "i32");
    const shuffle = (lane: number): Instruction => ["i8x16.shuffle", ...new Array<number>(16).fill(lane)];
    const table = (count: number): Instruction => ["br_table", ...new Array<number>(count).fill(0)];
    const vector = constants.v128;
    const subject = (change: Partial<WasmFunction>): WasmModule => ({
      ...module,
      functions: [callee, { ...module.functions[1]!, ...change }],
    });
    const cases: readonly WasmModule[] = [
      ...[50_000, 50_001].map((count) => subject({ locals: many(count - types.length) })),
      ...[1000, 1001].map((count) => subject({ parameters: many(count) })),
      ...[31, 32].map((lane) => subject({ body: [vector, vector, shuffle(lane), ["drop"], ...body] })),
      ...[65_521, 65_522].map((count) => subject({ body: [...body, ...body, table(count)] })),
      { ...module, exports: ["subject", "subject"] },
      { ...module, exports: ["subject", "host"] },
      { ...module, memory: { pages: 2, maximumPages: 1, shared: false } },
      { ...module, memory: { pages: 0, maximumPages: 65_536, shared: true } },
      { ...module, memory: { pages: 0, maximumPages: 65_537, shared: true } },
    ];
    expect(cases.map(accepted)).toEqual(cases.map(valid));
    expect(cases.map(accepted)).toContain(true);
  });
});

describe("what checkModule says", () => {
  const said = (...body: Instruction[]): readonly string[] => checkModule(moduleOf(body, ["f32"]));
  test.each<readonly [string, readonly Instruction[]]>([
    [
      "function subject, instruction 2 (f32.add): needs f32 on the stack, got i32",
      [["f32.const", 1], ["i32.const", 1], ["f32.add"]],
    ],
    [
      "function subject, instruction 1 (f32.add): needs f32 on the stack, got nothing",
      [["f32.const", 1], ["f32.add"]],
    ],
    ["function subject, end: needs f32 on the stack, got nothing", []],
    ["function subject, end: every block must end, got 2 open", [["block"], ["loop"]]],
    [
      "function subject, end: a block must leave its results alone on the stack, got 1 more",
      [
        ["f32.const", 1],
        ["f32.const", 1],
      ],
    ],
    ["function subject, instruction 0 (end): must end a block, got none", [["end"]]],
    ["function subject, instruction 1 (else): must follow an if", [["block"], ["else"]]],
    [
      "function subject, instruction 3 (end): must follow an else where an if gives a value",
      [["i32.const", 1], ["if", "f32"], ["f32.const", 1], ["end"]],
    ],
    ["function subject, instruction 0 (drop): needs a value on the stack, got nothing", [["drop"]]],
    ["function subject, instruction 0 (br 1): must be followed by a label below 1, got 1", [["br", 1]]],
    [
      "function subject, instruction 0 (local.get 10): must be followed by a local below 10, got 10",
      [["local.get", 10]],
    ],
    [
      "function subject, instruction 0 (call nobody): must be followed by the name of a function, got nobody",
      [["call", "nobody"]],
    ],
    [
      "function subject, instruction 0 (i32.load -4): must be followed by an offset of 32 bits or nothing, got -4",
      [["i32.load", -4]],
    ],
    [
      "function subject, instruction 0 (f32x4.extract_lane 4): must be followed by a lane below 4, got 4",
      [["f32x4.extract_lane", 4]],
    ],
    [
      "function subject, instruction 0 (v128.const 1): must be followed by 16 bytes, got 1",
      [["v128.const", 1]],
    ],
    [
      "function subject, instruction 0 (i32.const 0.5): must be followed by an integer of 32 bits, got 0.5",
      [["i32.const", 0.5]],
    ],
    [
      "function subject, instruction 0 (i32.plus): must be an instruction of the table",
      [["i32.plus" as InstructionName]],
    ],
  ])("%s", (sentence, body) => {
    expect(said(...body)).toEqual([sentence]);
  });

  test("of a whole module, and then of every function its first", () => {
    const broken: WasmFunction = { ...callee, body: [["drop"], ["drop"]] };
    expect(
      checkModule({
        memory: { pages: 2, maximumPages: 1, shared: false },
        imports: [],
        functions: [broken, broken],
        exports: ["callee", "nobody", "callee"],
      }),
    ).toEqual([
      "the memory must have at most its maximum of pages, and that at most 65536, got 2 of 1",
      "a function must have a name of its own, got callee",
      "an export must be a function, got nobody",
      "an export must stand once, got callee",
      "function callee, instruction 0 (drop): needs a value on the stack, got nothing",
      "function callee, instruction 0 (drop): needs a value on the stack, got nothing",
    ]);
  });
});
