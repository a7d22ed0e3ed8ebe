// How long threads wait for each other, by the work of the largest kernel.

import { exp, graph, input, matmul, neg, reshape, square, sub, sum, type Tensor } from "@wengert/tensor";
import { expect, test } from "vitest";
import { compile } from "./compile.ts";
import { patienceOf } from "./cost.ts";

const patience = (target: Tensor): number => patienceOf(compile(graph(target)).kernels);

test("threads wait for small kernels some seconds, for large ones as long as a slow machine takes", () => {
  expect(patience(neg(input("x", [8])))).toBe(10_001);
  const [a, b] = [input("a", [4096, 4096]), input("b", [4096, 4096])];
  // 2 · 4096³ operations at 10⁸ a second, and three matrices.
  expect(patience(matmul(a, b))).toBe(10_000 + Math.ceil((2 * 4096 ** 3 + 3 * 4 * 4096 ** 2) / 1e5));
  // Three chunks of half a minute each on one core of 2025: the whole of it at a hundredth of that speed.
  const n = 150_000;
  const [x, y] = [input("x", [3, n]), input("y", [3, n])];
  const far = sub(reshape(x, [3, n, 1]), reshape(y, [3, 1, n]));
  expect(patience(sum(exp(neg(square(far))), [1, 2]))).toBeGreaterThan(60 * 30 * 1000);
});
