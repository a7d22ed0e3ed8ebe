// Operands that lie across the loops: transposed ones of every dtype, whose loops run in blocks where these divide them.

import {
  add,
  allocate,
  arrayFrom,
  dtypes,
  graph,
  input,
  interpret,
  max,
  not,
  reverse,
  sameArray,
  transpose,
  type DType,
  type Tensor,
} from "@wengert/tensor";
import { wasmEngine } from "@wengert/engine";
import { expect, test } from "vitest";

const [one, two] = [1, 2].map((threads) => wasmEngine({ threads }));

/** Some numbers; no sum of two is out of range. */
function values(dtype: DType, count: number): ReturnType<typeof allocate> {
  const data = allocate(dtype, count);
  for (let i = 0; i < count; i++) data[i] = dtype === "bool" ? (i * 7) % 2 : (i * 7919) % 1009;
  return data;
}

const results = (A: Tensor, B: Tensor): Record<string, Tensor> =>
  A.dtype === "bool"
    ? { across: not(transpose(A)) }
    : {
        across: add(transpose(A), B),
        backwards: add(reverse(transpose(A), [0, 1]), B),
        largest: max(transpose(A), 1),
      };

test.each(
  [...dtypes].flatMap((dtype) =>
    [
      [64, 16],
      [64, 15],
      [66, 40],
      [100, 96],
      [256, 256],
      [1000, 128],
    ].map((shape) => ({ dtype, shape })),
  ),
)("$dtype, $shape: as the reference, on one thread and on two", async ({ dtype, shape }) => {
  const [rows, columns] = shape as [number, number];
  const document = graph(
    results(input("A", [rows, columns], { dtype }), input("B", [columns, rows], { dtype })),
  );
  const given = {
    A: arrayFrom(values(dtype, rows * columns), [rows, columns]),
    ...(dtype === "bool" ? {} : { B: arrayFrom(values(dtype, rows * columns), [columns, rows]) }),
  };
  const wanted = interpret(document).run(given).outputs;
  for (const engine of [one!, two!]) {
    const { outputs } = (await engine.compile(document)).run(given);
    for (const name of Object.keys(wanted)) expect(sameArray(outputs[name]!, wanted[name]!), name).toBe(true);
  }
});
