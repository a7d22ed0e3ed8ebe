// How many chunks a product is divided into; that no division changes a bit is tested where products are computed.

import { expect, test } from "vitest";
import { planProduct, type Plan } from "./plan.ts";
import { writeProduct } from "./write-product.ts";

type Size = readonly [rows: number, columns: number, depth: number];

/** The division of a product in f32 of a dense B by a dense A, or by a transposed one. */
function planOf([rows, columns, depth]: Size, threads: number, isAcross = false): Plan {
  const left = isAcross ? { batch: 0, row: 1, depth: rows } : { batch: 0, row: depth, depth: 1 };
  const right = { batch: 0, depth: columns, column: 1 };
  const product = { dtype: "f32", batch: 1, rows, columns, depth, left, right } as const;
  return planProduct(product, { relaxed: false, wide: false }, threads);
}

function chunks(size: Size, threads: number): number {
  const { grid } = planOf(size, threads);
  return grid.rows * grid.columns;
}

const sizes = [
  [128, 64, 784],
  [512, 128, 784],
  [256, 256, 256],
  [2048, 256, 1024],
] as const;

test("a product of fewer than 100,000 operations is one chunk, and one of many operations 4 to 16", () => {
  expect(chunks([36, 36, 36], 8)).toBe(1);
  for (const size of sizes) {
    expect(chunks(size, 8)).toBeGreaterThanOrEqual(4);
    expect(chunks(size, 8)).toBeLessThanOrEqual(16);
  }
});

test("for one thread nothing is packed twice: a product is one chunk as long as its packed columns stay small", () => {
  for (const size of sizes) expect(chunks(size, 1)).toBe(1);
  expect(chunks([512, 40_000, 512], 1)).toBeGreaterThan(1);
});

test("a batch of small products has as many chunks as are wanted, not one for each", () => {
  const left = { batch: 16, row: 4, depth: 1 };
  const right = { batch: 16, depth: 4, column: 1 };
  const chunksOf = (batch: number, threads: number): number => {
    const product = { dtype: "f32", batch, rows: 4, columns: 4, depth: 4, left, right } as const;
    const features = { relaxed: false, wide: false };
    const code = writeProduct(product, features, threads);
    expect(code.chunks).toBe(Math.ceil(batch / planProduct(product, features, threads).grid.batches));
    return code.chunks;
  };
  expect(chunksOf(100_003, 1)).toBe(1);
  for (const threads of [2, 8]) {
    expect(chunksOf(100_003, threads)).toBeGreaterThanOrEqual(4);
    expect(chunksOf(100_003, threads)).toBeLessThanOrEqual(16);
  }
});

test("two threads keep packed columns for all their rows, as long as they are few bytes", () => {
  for (const isAcross of [false, true]) {
    for (const size of [...sizes, [1024, 1024, 1024], [2048, 2048, 2048]] as const) {
      const plan = planOf(size, 2, isAcross);
      expect(plan).toMatchObject({ right: "packed", keeps: true });
      const panels = Math.ceil(plan.columns.count / plan.grid.columns);
      expect(4 * panels * plan.columns.width * size[2]).toBeLessThanOrEqual(2 ** 22);
    }
  }
  // A column of B alone has a mebibyte.
  expect(planOf([64, 16, 2 ** 18], 2).keeps).toBe(false);
});

test("blocks of rows are as equal as possible", () => {
  for (const size of [...sizes, [1024, 1024, 1024], [2048, 2048, 2048], [400, 512, 2048]] as const) {
    for (const threads of [1, 2, 8]) {
      for (const isAcross of [false, true]) {
        const { rows, grid, rowBlock } = planOf(size, threads, isAcross);
        const panels = Math.ceil(rows.count / grid.rows);
        const blocks = Math.ceil(panels / rowBlock);
        expect(rowBlock).toBe(Math.ceil(panels / blocks));
      }
    }
  }
});

test("a transposed A is packed by few: no more than two ranges of columns up to 512 rows", () => {
  for (const size of [256, 384, 512])
    expect(planOf([size, size, size], 2, true).grid.columns).toBeLessThanOrEqual(2);
});

test("two threads get as many chunks, and short rows of C are not divided between them", () => {
  for (const size of [128, 192, 256, 320, 384, 512, 640, 768, 1024, 2048]) {
    for (const isAcross of [false, true]) {
      const { grid } = planOf([size, size, size], 2, isAcross);
      expect((grid.rows * grid.columns) % 2).toBe(0);
      if (size > 200 && size < 384) expect(grid.columns).toBe(1);
    }
  }
});
