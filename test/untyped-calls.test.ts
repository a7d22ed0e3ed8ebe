// Callers without a type checker can hand over anything. Whatever it is, a builder or a transformation makes a graph of
// it or refuses it in words of ours; it never ends inside, in a property of undefined.

import * as autodiff from "@wengert/autodiff";
import * as tensor from "@wengert/tensor";
import { expect, test } from "vitest";
import { compositeCases } from "./laws/composite-cases.ts";
import { primitiveCases } from "./laws/primitive-cases.ts";

const x = tensor.input("x", [2, 3]);

/** What holds itself at 0. */
function ofItself(holder: object): object {
  return Object.assign(holder, { 0: holder });
}

/** One of every kind of value, by what it is called here. */
const kinds = new Map<string, unknown>([
  ["undefined", undefined],
  ["null", null],
  ["3", 3],
  ["NaN", Number.NaN],
  ["true", true],
  ['"a"', "a"],
  ["3n", 3n],
  ["a symbol", Symbol("s")],
  ["a function", () => x],
  ["{}", {}],
  ["[]", []],
  ["[3]", [3]],
  // A list with nothing in its first place.
  ["[, 1]", Object.assign([], { 1: 1 })],
  ["[[1, 2]]", [[1, 2]]],
  ["x", x],
  ["[x]", [x]],
  ["[, x]", Object.assign([], { 1: x })],
  ["a list of itself", ofItself([])],
  ["an object of itself", ofItself({})],
  ["a Map", new Map([["axis", 0]])],
  ["a typed array", new Float32Array(6)],
]);

const options = [
  "approximation",
  "axes",
  "axis",
  "batch",
  "contract",
  "dtype",
  "maxval",
  "minval",
  "offset",
  "size",
];

/** Up to two values of any kinds, by themselves and after an operand, and operands with any kind as an option. */
function* calls(): Generator<readonly (readonly [name: string, value: unknown])[]> {
  const operand = ["x", x] as const;
  yield [];
  for (const first of kinds) {
    yield [first];
    for (const second of kinds) {
      yield [first, second];
      yield [operand, first, second];
    }
    for (const option of options) {
      const given = [`{ ${option}: ${first[0]} }`, { [option]: first[1] }] as const;
      yield [operand, given];
      yield [operand, operand, given];
    }
  }
}

const classes = [
  tensor.ShapeError,
  tensor.GraphError,
  tensor.DerivativeError,
  tensor.CompileError,
  tensor.InputError,
];

/** What is wrong with what a call gives: an error that is none of ours, or a graph that is not read back as written. */
function defect(build: () => unknown): string | undefined {
  let built: unknown;
  try {
    built = build();
  } catch (error) {
    return classes.some((known) => error instanceof known) ? undefined : String(error);
  }
  if (!tensor.isTensor(built)) return undefined;
  try {
    const text = tensor.print(tensor.graph(built));
    const again = tensor.print(tensor.parse(text));
    return again === text ? undefined : `${text} is read as ${again}`;
  } catch (error) {
    return `built, and then ${String(error)}`;
  }
}

/** The calls that a builder neither serves nor refuses. */
function defects(build: (...given: unknown[]) => unknown): string[] {
  return [...calls()].flatMap((given) => {
    const found = defect(() => build(...given.map(([, value]) => value)));
    return found === undefined ? [] : [`(${given.map(([name]) => name).join(", ")}) ${found}`];
  });
}

const transformations = "grad gradient hessian hvp jacobian jvp pullback pushforward valueAndGrad vjp".split(
  " ",
);
const functions: Readonly<Record<string, unknown>> = { ...tensor, ...autodiff };
// Cases of a primitive that no builder has the name of are built by another.
const builders = ["named", ...Object.keys({ ...primitiveCases, ...compositeCases })].filter(
  (name) => typeof functions[name] === "function",
);

test.each([...builders, ...transformations])("%s refuses in words what it cannot take", (name) => {
  expect(defects(functions[name] as () => unknown)).toEqual([]);
});
