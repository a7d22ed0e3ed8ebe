// Mistakes in primitives of one's own, and the words that name the primitive and what is wrong with it.

import { differentiable, elementwise, gradient, type Rule } from "@wengert/autodiff";
import { compile, lowerable } from "@wengert/compiler";
import {
  apply,
  definePrimitive,
  evaluate,
  graph,
  input,
  sum,
  type Primitive,
  type Tensor,
} from "@wengert/tensor";
import { refuses } from "./arrays.ts";

const x = input("x", [3]);
/** What a type checker would refuse. */
const any = (value: unknown): never => value as never;

function own(parts: Partial<Primitive> = {}): Primitive {
  return definePrimitive({
    name: "own",
    operands: ["x"],
    infer: ([first]) => first!,
    kernel: ([first]) => first!,
    ...parts,
  });
}

const valued = (parts: Partial<Primitive>) => () => evaluate(apply(own(parts), [x]), { x: [1, 2, 3] });
const derived = (rule: Rule) => () => gradient(sum(apply(differentiable(own(), rule), [x])), x);
const lowered = (lowering: unknown) => () => compile(graph(apply(lowerable(own(), any(lowering)), [x])));

const one = "own: a rule returns one cotangent an input, got";
const type = "own: a shape rule gives a shape and one of f32, f64, i32, u32, bool, got";
const maker = "help   arrayFrom(data, shape) makes one of numbers";
const makers = "help   elementwise, linear, bilinear and general make rules of functions";

refuses([
  [
    "no operands",
    () => own({ operands: any(undefined) }),
    "definePrimitive: operands are a list of labels, got none",
  ],
  [
    "a shape rule that returns nothing",
    () => apply(own({ infer: any(() => undefined) }), [x]),
    `${type} none`,
  ],
  [
    "a shape rule with an unknown dtype",
    () => apply(own({ infer: any(() => ({ shape: [3], dtype: "float32" })) }), [x]),
    `${type} the dtype "float32"`,
  ],
  [
    "a kernel that returns nothing",
    valued({ kernel: any(() => undefined) }),
    `own: a kernel gives an array, got none\n  ${maker}`,
  ],
  [
    "a kernel that returns numbers alone",
    valued({ kernel: any(() => new Float32Array(3)) }),
    `own: a kernel gives an array, got a Float32Array\n  ${maker}`,
  ],
  [
    "too many partial derivatives",
    derived(elementwise(...[1, 2].map(() => (g: Tensor) => g))),
    `${one} 2 for 1`,
  ],
  ["too few", derived(elementwise()), `${one} 0 for 1`],
  [
    "one that returns nothing",
    derived(elementwise(any(() => undefined))),
    "own: a partial derivative is a tensor, got none",
  ],
  [
    "a function for a rule",
    derived(any(() => x)),
    `differentiable: a rule has carries, jvp and vjp, got a function\n  ${makers}`,
  ],
  [
    "no rule",
    derived(any(undefined)),
    `differentiable: a rule has carries, jvp and vjp, got none\n  ${makers}`,
  ],
  [
    "a rule that returns a number",
    derived({ carries: () => true, jvp: any(() => 3), vjp: any(() => 3) }),
    "own: a rule returns a list of cotangents, got 3",
  ],
  [
    "a rule that returns numbers",
    derived({ carries: () => true, jvp: any(() => 3), vjp: any(() => [3]) }),
    "own: the cotangent for input 1 must have the type of its primal, got 3 for f32 [3]",
  ],
  ["a lowering that is no function", lowered(3), "lowerable: the lowering of own must be a function, got 3"],
  [
    "a lowering that returns nothing",
    lowered(() => undefined),
    "compile: the lowering of own must give a tensor, got none",
  ],
]);
