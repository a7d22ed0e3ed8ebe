import {
  apply,
  array,
  arrayFrom,
  CompileError,
  definePrimitive,
  feedsOf,
  graph,
  input,
  interpret,
  mul,
  parameter,
  sub,
  type Tensor,
} from "@wengert/tensor";
import { expect, test } from "vitest";
import { expandDefinitions, lowerable, type LowerablePrimitive } from "./lowerable.ts";

const cube = definePrimitive({
  name: "cube",
  operands: ["x"],
  infer: ([x]) => x!,
  kernel: ([x]) =>
    arrayFrom(
      x!.data.map((each) => each ** 3),
      x!.shape,
    ),
});
const x = input("x", ["n"]);
const W = parameter("W", ["n"]);

test("a lowering stands in the place of its primitive, in outputs and in updates", () => {
  const lowerableCube = lowerable(cube, ([a]) => mul(a!, mul(a!, a!)));
  const document = graph(apply(lowerableCube, [x]), { updates: { W: sub(W, apply(lowerableCube, [W])) } });
  const expanded = expandDefinitions(document);
  expect(Object.keys(expanded.definitions)).toEqual([]);
  const values = { x: array([1, 2, -3]), W: array([2, 3, 4]) };
  expect(interpret(expanded).run(values)).toEqual(interpret(document).run(values));
});

test("lowerings may use primitives that have lowerings", () => {
  const inner = lowerable(cube, ([a]) => mul(a!, mul(a!, a!)));
  const outer = lowerable({ ...cube, name: "sixth" }, ([a]) => apply(inner, [mul(a!, a!)]));
  expect(Object.keys(expandDefinitions(graph(apply(outer, [x]))).definitions)).toEqual([]);
});

test("a primitive without a lowering, one of another type and one without end are refused", () => {
  const expand = (tensor: Tensor) => () => expandDefinitions(graph(tensor));
  expect(expand(apply(cube, [x]))).toThrow(CompileError);
  expect(expand(apply(cube, [x]))).toThrow("a primitive needs a lowering, got none for cube");
  const scalar = lowerable(cube, () => input("other", []));
  expect(expand(apply(scalar, [x]))).toThrow("a lowering has its primitive's type, got f32 [] for f32 [n]");
  const endless: LowerablePrimitive = lowerable(cube, ([a]) => apply(endless, [mul(a!, 2)]));
  expect(expand(apply(endless, [x]))).toThrow("lowerings must come to an end, got cube after 100 rounds");
});

test("a lowering that does without an operand leaves its feeds in the graph", () => {
  const first = definePrimitive({
    name: "first",
    operands: ["a", "b"],
    infer: ([a]) => a!,
    kernel: ([a]) => a!,
  });
  const lowered = lowerable(first, ([a]) => a!);
  const y = input("y", ["other"]);
  const document = graph(
    { output: apply(lowered, [x, y]), _: apply(lowered, [x, W]) },
    { updates: { W: apply(lowered, [W, y]) } },
  );
  const expanded = expandDefinitions(document);
  expect([Object.keys(expanded.outputs), Object.keys(expanded.updates)]).toEqual([["output", "_"], ["W"]]);
  for (const kind of ["input", "parameter"] as const)
    expect(feedsOf(expanded, kind)).toEqual(feedsOf(document, kind));
  const values = { x: array([1, 2, -3]), y: array([7]), W: array([2, 3, 4]) };
  expect(interpret(expanded).run(values)).toEqual(interpret(document).run(values));
});

test("a lowering with an input or a parameter of its own is refused", () => {
  const expand = (other: Tensor) => () =>
    expandDefinitions(
      graph(
        apply(
          lowerable(cube, ([a]) => mul(a!, other)),
          [x],
        ),
      ),
    );
  expect(expand(parameter("V", ["n"]))).toThrow("a lowering is made of its operands, got the parameter V");
  expect(expand(input("z", ["n"]))).toThrow("a lowering is made of its operands, got the input z");
  expect(expand(x)).not.toThrow();
});
