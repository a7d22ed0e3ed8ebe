import {
  allocate,
  arrayFrom,
  graph,
  input,
  matmul,
  parameter,
  sum,
  sub,
  mul,
  toNumber,
} from "@wengert/tensor";
import { expect, test } from "vitest";
import { engine } from "./programs.ts";

const X = input("X", [3, "m"]);
const W = parameter("W", [2, 3]);
const document = graph({ total: sum(matmul(W, X)) }, { updates: { W: sub(W, mul(0, W)) } });

test("programs for more sizes than are kept are right, there and back, and the state survives", async () => {
  const program = await engine.compile(document);
  const resident = program.bind({
    W: [
      [1, 1, 1],
      [1, 1, 1],
    ],
  });
  const sizes = Array.from({ length: 80 }, (_, i) => i + 1);
  for (const m of [...sizes, ...sizes.toReversed(), 1000]) {
    const values = { X: arrayFrom(allocate("f32", 3 * m).fill(1), [3, m]) };
    expect(toNumber(resident.run(values)["total"]!)).toBe(6 * m);
  }
  expect([...resident.state()["W"]!.data]).toEqual([1, 1, 1, 1, 1, 1]);
});
