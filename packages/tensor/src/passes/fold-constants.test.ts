// What constants are folded, and what is left: large results, sizes that are not known yet, and errors to be.

import { expect, test } from "vitest";
import { graph } from "../graph.ts";
import { add, mul } from "../ops/elementwise.ts";
import { gather } from "../ops/indexing.ts";
import { broadcastTo } from "../ops/movement.ts";
import { stopGradient } from "../ops/control.ts";
import { constant, input, scalar, size } from "../ops/source.ts";
import { print } from "../print.ts";
import { foldConstants } from "./fold-constants.ts";
import { removeDead } from "./remove-dead.ts";

const two = scalar(2, "f32");

test("foldConstants: computes what depends on constants alone, in one pass", () => {
  const document = graph(broadcastTo(mul(add(two, 1), two), [2]));
  expect(print(removeDead(foldConstants(document)))).toBe(`graph 1
%4: f32[2] = constant(value=f32[2](6, 6))
output "output" = %4`);
});

test.each([
  ["a result of more than 16 elements that is larger than its operands", broadcastTo(two, [17])],
  ["a size that is not known yet", size(input("x", ["m"]), 0)],
  ["what derivatives look at", stopGradient(two)],
  ["a node whose kernel would fail", gather(constant([1, 2]), constant(5, { dtype: "i32" }))],
])("foldConstants: leaves %s", (_, tensor) => {
  const document = graph(tensor);
  expect(foldConstants(document)).toBe(document);
});
