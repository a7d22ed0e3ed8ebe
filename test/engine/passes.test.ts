// Loops that go over their folded dimension several times: with every number of vectors side by side, and every number
// of elements after them, where vectors run along the fold and where they run beside it.

import { arrayFrom, graph, input, interpret, softmax } from "@wengert/tensor";
import { expect, test } from "vitest";
import { engine } from "./programs.ts";

const [fold, others] = [7, 33];

/** A wave of numbers up to 3, representable in f32. */
const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => 3 * Math.sin(i + 1));

test.each([
  { dtype: "f32", vectors: "beside the folds", axis: 0 },
  { dtype: "f32", vectors: "along the folds", axis: 1 },
  { dtype: "f64", vectors: "beside the folds", axis: 0 },
  { dtype: "f64", vectors: "along the folds", axis: 1 },
] as const)("a softmax in $dtype of up to 40 elements $vectors", async ({ dtype, axis }) => {
  for (let size = 1; size <= 40; size++) {
    const shape = axis === 0 ? [fold, size] : [others, size];
    const values = wave(shape[0]! * size);
    const X = arrayFrom(dtype === "f32" ? values : Float64Array.from(values), shape);
    const exact = interpret(graph({ Y: softmax(input("X", shape, { dtype: "f64" }), axis) }));
    const wanted = exact.run({ X: arrayFrom(Float64Array.from(values), shape) }).outputs["Y"]!;
    const program = await engine.compile(graph({ Y: softmax(input("X", shape, { dtype }), axis) }));
    const found = program.run({ X }).outputs["Y"]!;
    const terms = axis === 0 ? fold : size;
    // The difference from the largest rounds once and is at most 6, exp is within 4 units, sums round at every term.
    const bound = dtype === "f32" ? (6 + 4 + terms + 2) * 2 ** -23 : 1e-12;
    for (let i = 0; i < values.length; i++)
      expect(
        Math.abs(found.data[i]! / wanted.data[i]! - 1),
        `${shape.join(" × ")}, element ${i}`,
      ).toBeLessThan(bound);
  }
});
