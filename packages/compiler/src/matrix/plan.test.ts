// How many chunks a product is divided into; that no division changes a bit is tested where products are computed.

import { expect, test } from "vitest";
import { planProduct } from "./plan.ts";

/** Chunks of a dense product in f32. */
function chunks([rows, columns, depth]: readonly [number, number, number], threads: number): number {
  const left = { batch: 0, row: depth, depth: 1 };
  const right = { batch: 0, depth: columns, column: 1 };
  const product = { dtype: "f32", batch: 1, rows, columns, depth, left, right } as const;
  const { grid } = planProduct(product, { relaxed: false, wide: false }, threads);
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
