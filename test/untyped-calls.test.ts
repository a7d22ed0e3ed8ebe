// Callers without a type checker can hand over anything. Whatever it is, a builder or a transformation makes a graph of
// it or refuses it in words of ours; it never ends inside, in a property of undefined.

import * as autodiff from "@wengert/autodiff";
import * as tensor from "@wengert/tensor";
import { expect, test } from "vitest";
import { compositeCases } from "./laws/composite-cases.ts";
import { primitiveCases } from "./laws/primitive-cases.ts";

const x = tensor.input("x", [2, 3]);

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
  ["[[1, 2]]", [[1, 2]]],
  ["x", x],
  ["[x]", [x]],
  ["a Map", new Map([["axis", 0]])],
  ["a typed array", new Float32Array(6)],
]);

/** Lists of up to two values of any kinds, by themselves and after an operand. */
function* calls(): Generator<readonly string[]> {
  yield [];
  for (const first of kinds.keys()) {
    yield [first];
    for (const second of kinds.keys()) {
      yield [first, second];
      yield ["x", first, second];
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

/** The calls that end in another error than ours. */
function unworded(build: (...given: unknown[]) => unknown): string[] {
  return [...calls()].flatMap((names) => {
    try {
      build(...names.map((name) => kinds.get(name)));
      return [];
    } catch (error) {
      if (classes.some((known) => error instanceof known)) return [];
      return [`(${names.join(", ")}) ${String(error)}`];
    }
  });
}

const transformations = "grad gradient hessian hvp jacobian jvp pullback pushforward valueAndGrad vjp".split(
  " ",
);
const functions: Readonly<Record<string, unknown>> = { ...tensor, ...autodiff };
// Cases of a primitive that no builder has the name of are built by another.
const builders = Object.keys({ ...primitiveCases, ...compositeCases }).filter(
  (name) => typeof functions[name] === "function",
);

test.each([...builders, ...transformations])("%s refuses in words what it cannot take", (name) => {
  expect(unworded(functions[name] as () => unknown)).toEqual([]);
});
