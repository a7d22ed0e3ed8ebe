// What passes did, in words.

import { expect, test } from "vitest";
import { explain } from "./explain.ts";
import { graph } from "./graph.ts";
import { add, mul, neg, sub } from "./ops/elementwise.ts";
import { scalar, input } from "./ops/source.ts";
import { optimise } from "./passes/optimise.ts";

const x = input("x", []);

test("explain: says pass by pass which rules rewrote which nodes, and why", () => {
  const three = add(scalar(1, "f32"), scalar(2, "f32"));
  const document = graph([mul(x, three), sub(neg(neg(x)), neg(x)), add(x, x)]);
  expect(explain(optimise(document))).toBe(`optimise: 4 rewrites
  constant: add of constants is a constant
    %3
  doubleNegation: twice is not at all
    %6
  subtractNegated: x - (-y) = x + y
    %7
  equal: the same as %7
    %8
removeDead: 3 rewrites
  dead: nothing depends on it
    %1, %2, %5`);
});

test("explain: shows so many nodes of a rule as asked for", () => {
  let t = neg(x);
  for (let i = 0; i < 6; i++) t = neg(t);
  const lines = explain(optimise(graph(t)), { limit: 2 }).split("\n");
  expect(lines.slice(0, 3)).toEqual([
    "optimise: 6 rewrites",
    "  doubleNegation: twice is not at all",
    "    %2, %4 and 1 more",
  ]);
});

test("explain: says when no pass has changed a graph", () => {
  expect(explain(optimise(graph(x)))).toBe("no pass has changed this graph");
});
