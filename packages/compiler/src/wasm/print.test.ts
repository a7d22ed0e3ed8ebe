// The printer: one text in full, and modules with odd names and nested blocks that wabt assembles to the same bytes.

import { beforeAll, expect, test } from "vitest";
import wabt from "wabt";
import { assemble } from "./assemble.ts";
import type { Instruction, WasmModule } from "./module.ts";
import { printModule } from "./print.ts";

const nested: WasmModule = {
  memory: { pages: 1, maximumPages: 16, shared: true },
  imports: [{ name: "report", parameters: ["i32", "f64"], results: [] }],
  functions: [
    {
      name: "nested",
      parameters: ["i32"],
      results: ["f32"],
      locals: ["f32", "v128"],
      body: [
        ["block"],
        ["loop"],
        ["local.get", 0],
        ["if", "f32"],
        ["f32.const", -0],
        ["else"],
        ["f32.const", Number.NaN],
        ["end"],
        ["local.set", 1],
        ["local.get", 0],
        ["br_table", 0, 1],
        ["end"],
        ["end"],
        ["i32.const", 2 ** 32 - 1],
        ["i64.const", -(2 ** 53)],
        ["i64.store", 65_536],
        ["i32.const", 0],
        ["f64.const", Number.NEGATIVE_INFINITY],
        ["call", "report"],
        ["local.get", 1],
      ],
    },
  ],
  exports: ["nested"],
};

let parse: (text: string) => Uint8Array;
beforeAll(async () => {
  const { parseWat } = await wabt();
  parse = (text) => {
    // wabt.js takes every character of a text for a byte.
    const bytes = Buffer.from(text).toString("latin1");
    const module = parseWat("case.wat", bytes, { simd: true, threads: true, bulk_memory: true });
    try {
      return module.toBinary({}).buffer.slice();
    } finally {
      module.destroy();
    }
  };
});

test("printModule: an instruction a line, indented by blocks", () => {
  expect(`\n${printModule(nested)}`).toBe(`
(module
  (import "env" "report" (func $report (param i32 f64)))
  (import "env" "memory" (memory 1 16 shared))
  (export "nested" (func $nested))
  (func $nested (param i32) (result f32)
    (local f32 v128)
    block
      loop
        local.get 0
        if (result f32)
          f32.const -0
        else
          f32.const nan
        end
        local.set 1
        local.get 0
        br_table 0 1
      end
    end
    i32.const -1
    i64.const -9007199254740992
    i64.store offset=65536
    i32.const 0
    f64.const -inf
    call $report
    local.get 1
  )
)
`);
  expect(parse(printModule(nested))).toEqual(assemble(nested));
});

test("names that are no identifiers of the text format become indices, and quoted exports", () => {
  const names = [
    "plain",
    "with space",
    'quo"ted\\',
    "line\nbreak",
    "größe",
    "∇",
    "𝛼",
    "(",
    "0",
    "fused:add.1/2",
  ];
  const module: WasmModule = {
    memory: { pages: 0, maximumPages: 0, shared: false },
    imports: [{ name: "a host's", parameters: [], results: [] }],
    functions: names.map((name, index) => ({
      name,
      parameters: [],
      results: [],
      locals: [],
      body: [
        ["call", names[(index + 3) % names.length]!],
        ["call", "a host's"],
      ],
    })),
    exports: names,
  };
  expect(parse(printModule(module))).toEqual(assemble(module));
});

test("a body with too many ends is printed all the same", () => {
  const [each] = nested.functions;
  const body = Array.from({ length: 9 }, (): Instruction => ["end"]);
  expect(printModule({ ...nested, functions: [{ ...each!, body }] }).match(/^ *end$/gm)).toHaveLength(9);
});
