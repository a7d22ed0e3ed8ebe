// Which loop vectors run along, and where it runs in blocks.

import { stridesOf } from "@wengert/tensor";
import { expect, test } from "vitest";
import type { LoopKernel } from "../kernel.ts";
import { nestOf } from "./nest.ts";

/** The sum over the last of two dimensions, of an operand with such strides. */
function sumOfRows(
  [rows, columns]: readonly [number, number],
  strides: readonly [number, number] = [columns, 1],
): LoopKernel {
  return {
    kind: "loop",
    name: "sum",
    sizes: [rows, columns],
    reduced: [false, true],
    steps: [
      { kind: "load", dtype: "f32", access: { buffer: 0, offset: 0, strides } },
      { kind: "reduce", dtype: "f32", primitive: "sum", operand: 0 },
    ],
    stores: [{ step: 1, access: { buffer: 1, offset: 0, strides: [1, 0] } }],
  };
}

test.each([
  ["along a long fold of what lies dense there", sumOfRows([100, 17]), 1],
  ["beside a short fold", sumOfRows([100, 16]), 0],
  ["along a short fold where there are fewer others than lanes", sumOfRows([3, 16]), 1],
  ["beside a long fold of what lies dense beside it", sumOfRows([100, 50], [1, 100]), 0],
  ["along a long fold of what lies dense nowhere", sumOfRows([100, 50], [150, 3]), 1],
])("vectors run %s", (_, kernel, loop) => {
  expect(nestOf(kernel, ["f32", "f32"]).vectorLoop).toBe(loop);
});

test("vectors run along the only loop, if it is a fold", () => {
  expect(nestOf(sumOfRows([1, 5]), ["f32", "f32"]).vectorLoop).toBe(0);
});

test("loops are not merged into one of more turns than 32 bits can count", () => {
  const { steps, ...kernel } = sumOfRows([4, 5]);
  const shape = { sizes: [4, 65_536, 65_536], reduced: [false, true, true] };
  const access = { buffer: 0, offset: 0, strides: [1, 0, 0] };
  const load = { kind: "load", dtype: "f32", access } as const;
  const store = { step: 1, access: { ...access, buffer: 1 } };
  const { loops } = nestOf({ ...kernel, ...shape, steps: [load, steps[1]!], stores: [store] }, [
    "f32",
    "f32",
  ]);
  expect(loops.map(({ size }) => size)).toEqual(shape.sizes);
});

test("what is done once for many elements has no say", () => {
  const { steps, stores, ...kernel } = sumOfRows([100, 50]);
  const bias = { buffer: 2, offset: 0, strides: [1, 0] };
  const nest = nestOf(
    {
      ...kernel,
      steps: [
        ...steps,
        { kind: "load", dtype: "f32", access: bias },
        { kind: "apply", dtype: "f32", primitive: "add", operands: [1, 2] },
      ],
      stores: [...stores, { step: 3, access: { ...bias, buffer: 3 } }],
    },
    ["f32", "f32", "f32", "f32"],
  );
  expect(nest.vectorLoop).toBe(1);
});

/** `y = -x` over `sizes`, where a step along each dimension goes so far in x. */
function negation(sizes: readonly number[], strides: readonly number[]): LoopKernel {
  return {
    kind: "loop",
    name: "negation",
    sizes,
    reduced: sizes.map(() => false),
    steps: [
      { kind: "load", dtype: "f32", access: { buffer: 0, offset: 0, strides } },
      { kind: "apply", dtype: "f32", primitive: "neg", operands: [0] },
    ],
    stores: [{ step: 1, access: { buffer: 1, offset: 0, strides: stridesOf(sizes) } }],
  };
}

const sizesOf = (kernel: LoopKernel): readonly number[] =>
  nestOf(kernel, ["f32", "f32"]).loops.map(({ size }) => size);

test("blocks: the inner loop is divided where an operand lies dense along the outer one", () => {
  const { loops, steps, stores, vectorLoop } = nestOf(negation([96, 64], [1, 96]), ["f32", "f32"]);
  expect(loops.map(({ size }) => size)).toEqual([2, 96, 32]);
  expect(vectorLoop).toBe(2);
  expect(steps[0]).toMatchObject({ access: { strides: [32 * 96, 1, 96] } });
  expect(stores[0]!.access.strides).toEqual([32, 64, 1]);
});

test("blocks: they are whole vectors that divide the loop", () => {
  expect(sizesOf(negation([96, 100], [1, 96]))).toEqual([5, 96, 20]);
  expect(sizesOf(negation([3, 96, 100], [9600, 1, 96]))).toEqual([3, 5, 96, 20]);
  expect(sizesOf(negation([96, 64], [-1, -96]))).toEqual([2, 96, 32]);
});

test.each([
  ["nothing lies across", negation([96, 64], [65, 1])],
  ["nothing divides the loop", negation([96, 66], [1, 96])],
  ["the loop is short", negation([96, 60], [1, 96])],
  ["the outer loop is short", negation([15, 64], [1, 15])],
  ["the outer loop ends when the program runs", { ...negation([96, 64], [1, 96]), bound: 0 }],
])("blocks: there are none where %s", (_, kernel) => {
  expect(sizesOf(kernel)).toEqual(kernel.sizes);
});
