import { wasmEngine } from "@wengert/engine";
import {
  add,
  all,
  arrayFrom,
  div,
  graph,
  greater,
  input,
  interpret,
  max,
  mul,
  parameter,
  size,
  sub,
  sum,
  toNumber,
} from "@wengert/tensor";
import { expect, test } from "vitest";

const X = input("X", [300, 1000], { dtype: "f64" });
const Y = input("Y", [1000], { dtype: "f64" });
const W = parameter("W", [], { dtype: "f64" });
const mean = div(sum(mul(X, Y)), size(X, 0, { dtype: "f64" }));
const document = graph(
  { mean, most: max(add(X, Y)), all: all(greater(X, -2)), product: mul(X, Y) },
  { updates: { W: sub(W, mean) } },
);
const wave = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => Math.sin(i + 1));
const values = { X: arrayFrom(wave(300_000), [300, 1000]), Y: arrayFrom(wave(1000), [1000]), W: 1 };

test("folds of 300,000 elements are those of the reference, and the same to the bit on one thread and on two", async () => {
  const expected = interpret(document).run(values);
  const [one, two] = await Promise.all(
    [1, 2].map(async (threads) => {
      const engine = wasmEngine({ threads });
      const result = (await engine.compile(document)).run(values);
      engine.close();
      return result;
    }),
  );
  expect(two).toEqual(one);
  for (const name of ["most", "all", "product"]) expect(one!.outputs[name]).toEqual(expected.outputs[name]);
  // 300,000 terms of at most 1, every addition rounded once in either order; then a division by 300.
  const bound = (2 * 300_000 * 2 ** -53 * 300_000) / 300;
  const difference = toNumber(one!.outputs["mean"]!) - toNumber(expected.outputs["mean"]!);
  expect(Math.abs(difference)).toBeLessThanOrEqual(bound);
  expect(toNumber(one!.updates["W"]!)).toBe(1 - toNumber(one!.outputs["mean"]!));
});
