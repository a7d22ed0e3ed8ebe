import { expect, test } from "vitest";
import { threefry2x32, threefryBits } from "./threefry.ts";

test("threefry2x32: gives the known answers of Random123", () => {
  const all = 0xffffffff;
  expect([...threefry2x32([0, 0], [0, 0])]).toEqual([0x6b200159, 0x99ba4efe]);
  expect([...threefry2x32([all, all], [all, all])]).toEqual([0x1cb996fc, 0xbb002be7]);
  expect([...threefry2x32([0x13198a2e, 0x03707344], [0x243f6a88, 0x85a308d3])]).toEqual([
    0xc4923a9c, 0x483df7a0,
  ]);
});

test("threefryBits: numbers the counters from 0", () => {
  const bits = threefryBits(Uint32Array.of(1, 2), 3);
  expect([...bits]).toEqual([0, 1, 2].flatMap((i) => [...threefry2x32([1, 2], [0, i])]));
});
