// Names that every object of JavaScript has by itself mean nothing by themselves: they work as they do on the reference
// evaluator, or are refused in the same words.

import { wasmEngine } from "@wengert/engine";
import {
  add,
  arrayFrom,
  type Engine,
  graph,
  input,
  mul,
  parameter,
  type Program,
  referenceEngine,
  type Values,
} from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { differences, engine } from "./programs.ts";

const names = ["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"];
const three = arrayFrom(Float32Array.of(1, 2, 3), [3]);

/** A record with one entry, whatever its name. */
const record = <T>(name: string, value: T): Readonly<Record<string, T>> =>
  Object.fromEntries([[name, value]]);

interface Named {
  readonly input?: string;
  readonly parameter?: string;
  readonly output?: string;
  readonly dimension?: string;
}

interface Scene {
  readonly feeds: Values;
  readonly state: Values;
  compileOn(on: Engine): Promise<Program>;
}

/** A graph with one thing of each kind. */
function sceneOf({ input: x = "x", parameter: p = "p", output = "out", dimension = "m" }: Named): Scene {
  const factor = parameter(p, []);
  const document = graph(record(output, mul(input(x, [dimension]), factor)), {
    updates: record(p, add(factor, 1)),
  });
  return {
    feeds: record(x, three),
    state: record(p, arrayFrom(Float32Array.of(2), [])),
    compileOn: (on) => on.compile(document),
  };
}

describe.each(names)("the name %s", (name) => {
  test.each<keyof Named>(["input", "parameter", "output", "dimension"])(
    "may be that of one %s",
    async (kind) => {
      const { feeds, state, compileOn } = sceneOf({ [kind]: name });
      const [found, wanted] = [await compileOn(engine), await compileOn(referenceEngine)];
      const all = { ...feeds, ...state };
      const [run, reference] = [found.run(all), wanted.run(all)];
      expect(Object.keys(run.outputs)).toEqual(Object.keys(reference.outputs));
      expect(differences(run.outputs, reference.outputs)).toEqual([]);
      expect(differences(run.updates, reference.updates)).toEqual([]);
      const [resident, bound] = [found.bind(state), wanted.bind(state)];
      for (let step = 0; step < 2; step++)
        expect(differences(resident.run(feeds), bound.run(feeds))).toEqual([]);
      expect(Object.keys(resident.state())).toEqual(Object.keys(bound.state()));
      expect(differences(resident.state(), bound.state())).toEqual([]);
    },
  );

  test("is that of a place where an input has it, and of a size where a dimension has", async () => {
    const program = await wasmEngine({ threads: 1 }).compile(
      graph(mul(input("x", [name]), parameter("p", []))),
    );
    const resident = program.bind({ p: 2 });
    const view = resident.inputView("x", record(name, 3));
    view.data.set([1, 2, 3]);
    expect([...resident.run({ x: view })["output"]!.data]).toEqual([2, 4, 6]);
    expect(() => resident.inputView(name, record(name, 3))).toThrow("an input of the graph has a place");
    expect(() => resident.inputView("x")).toThrow(`every dimension needs a size, got none for ${name}`);
    expect(() => program.compiled()).toThrow(`every dimension needs a size, got none for ${name}`);
  });

  test("is unknown and missing in the reference's words", async () => {
    const { feeds, state, compileOn } = sceneOf({});
    const messageOf = async (on: Engine, values: Values): Promise<string> => {
      const program = await compileOn(on);
      try {
        program.run(values);
      } catch (error) {
        return String(error);
      }
      return "none";
    };
    for (const values of [{ ...feeds, ...state, ...record(name, 1) }, record(name, three), {}]) {
      expect(await messageOf(engine, values)).toBe(await messageOf(referenceEngine, values));
      expect(await messageOf(engine, values)).toContain("InputError: evaluate: ");
    }
  });
});
