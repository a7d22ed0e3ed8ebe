// The grid of chunks: it covers everything, and its chunks are large enough to be worth sharing.

import fc from "fast-check";
import { expect, test } from "vitest";
import { gridOf } from "./grid.ts";

test("gridOf: every place is in one chunk, and no chunk but the last of a row or of all is small", () => {
  const sizes = fc.oneof(fc.nat(50), fc.nat(200_000));
  fc.assert(
    fc.property(sizes, sizes, fc.integer({ min: 1, max: 50 }), sizes, (rows, columns, weight, least) => {
      const { rowsPerChunk, pieces, columnsPerPiece, chunks } = gridOf(rows, columns, { weight, least });
      const groups = rows * columns === 0 ? 1 : Math.ceil(rows / rowsPerChunk);
      expect(chunks).toBe(groups * pieces);
      expect(rowsPerChunk * groups).toBeGreaterThanOrEqual(rows);
      expect((pieces - 1) * columnsPerPiece).toBeLessThanOrEqual(columns);
      expect(pieces * columnsPerPiece).toBeGreaterThanOrEqual(columns);
      if (chunks > 1)
        expect(rowsPerChunk * columnsPerPiece * weight).toBeGreaterThanOrEqual(Math.max(16_384, least));
    }),
  );
});
