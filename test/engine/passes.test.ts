// Loops that go over their folded dimension several times: with every number of vectors side by side, and every number
// of elements after them, where vectors run along the fold (few others, or many elements) and where they run beside it.

import { arrayFrom, graph, input, interpret, softmax } from "@wengert/tensor";
import { expect, test } from "vitest";
import { engine } from "./programs.ts";

/** A wave of numbers up to 3, representable in f32. */
const wave = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => 3 * Math.sin(i + 1));

test.each([
  { dtype: "f32", rows: 7, axis: 0 },
  { dtype: "f32", rows: 3, axis: 1 },
  { dtype: "f32", rows: 33, axis: 1 },
  { dtype: "f64", rows: 7, axis: 0 },
  { dtype: "f64", rows: 1, axis: 1 },
  { dtype: "f64", rows: 33, axis: 1 },
] as const)("a softmax in $dtype over axis $axis of $rows × up to 40", async ({ dtype, rows, axis }) => {
  for (let size = 1; size <= 40; size++) {
    const shape = [rows, size];
    const values = wave(shape[0]! * size);
    const X = arrayFrom(dtype === "f32" ? values : Float64Array.from(values), shape);
    const exact = interpret(graph({ Y: softmax(input("X", shape, { dtype: "f64" }), axis) }));
    const wanted = exact.run({ X: arrayFrom(Float64Array.from(values), shape) }).outputs["Y"]!;
    const program = await engine.compile(graph({ Y: softmax(input("X", shape, { dtype }), axis) }));
    const found = program.run({ X }).outputs["Y"]!;
    const terms = shape[axis]!;
    // The difference from the largest rounds once and is at most 6, exp is within 4 units, sums round at every term.
    const bound = dtype === "f32" ? (6 + 4 + terms + 2) * 2 ** -23 : 1e-12;
    for (let i = 0; i < values.length; i++)
      expect(
        Math.abs(found.data[i]! / wanted.data[i]! - 1),
        `${shape.join(" × ")}, element ${i}`,
      ).toBeLessThan(bound);
  }
});
