// Memory safety: plans without two living buffers in one place, and kernels that write nothing beside their buffers.

import { checkPlan, compile, type CompiledProgram, type Placement } from "@wengert/compiler";
import { wasmEngine } from "@wengert/engine";
import { add, CompileError, exp, graph, input, matmul, mul, parameter, sub, tanh } from "@wengert/tensor";
import { describe, expect, test } from "vitest";
import { programOf } from "./programs.ts";

const debugging = wasmEngine({ threads: 1, debug: true });

const x = input("x", [5, 5]);
const w = parameter("w", [5, 5]);
const hidden = tanh(matmul(w, x));
const chain = graph([matmul(hidden, exp(x)), matmul(x, hidden)], { updates: { w: sub(w, mul(hidden, 2)) } });

/** A plan in which one buffer is moved to another's place. */
function overlapping({ plan }: CompiledProgram, moved: Placement, onto: Placement): CompiledProgram["plan"] {
  return {
    ...plan,
    placements: plan.placements.with(moved.buffer, { ...moved, address: onto.address }),
  };
}

/** Pairs of different buffers with elements that are live in one kernel at least. */
function livePairs({ plan }: CompiledProgram): readonly (readonly [Placement, Placement])[] {
  const placed = plan.placements.filter((each) => each !== undefined && each.bytes > 0) as Placement[];
  return placed.flatMap((a) =>
    placed.flatMap((b) =>
      a.buffer < b.buffer && a.address !== b.address && a.first <= b.last && b.first <= a.last
        ? [[a, b] as const]
        : [],
    ),
  );
}

describe("checkPlan", () => {
  test("says which two buffers overlap, for every pair of living buffers that is put in one place", () => {
    const program = compile(chain);
    const pairs = livePairs(program);
    expect(pairs.length).toBeGreaterThan(5);
    for (const [a, b] of pairs) {
      const problems = checkPlan(program.kernels, overlapping(program, a, b));
      const names = [a, b].map(({ buffer }) => program.kernels.buffers[buffer]!.name);
      const named = problems.filter((problem) =>
        names.every((name) => problem.split(/ and | overlap/).includes(name)),
      );
      expect(named.length, names.join(" onto ")).toBeGreaterThan(0);
    }
  });

  test("finds a byte of overlap", () => {
    const program = compile(chain);
    const [a, b] = livePairs(program)[0]!;
    const moved = { ...a, address: b.address + b.bytes - 1 };
    const plan = { ...program.plan, placements: program.plan.placements.with(a.buffer, moved) };
    expect(checkPlan(program.kernels, plan)).not.toEqual([]);
    const beside = { ...a, address: b.address + b.bytes };
    const problems = checkPlan(program.kernels, {
      ...program.plan,
      placements: program.plan.placements.with(a.buffer, beside),
    });
    expect(problems.filter((problem) => problem.includes(program.kernels.buffers[b.buffer]!.name))).toEqual(
      [],
    );
  });
});

test("with guards no two buffers share a place", async () => {
  expect.hasAssertions();
  const program = await programOf(chain, { on: debugging });
  const { plan } = program.compiled();
  const placed = plan.placements
    .filter((each) => each !== undefined)
    .toSorted((a, b) => a.address - b.address);
  for (const [i, { address }] of placed.entries()) {
    const before = placed[i - 1];
    if (before !== undefined) expect(address - (before.address + before.bytes)).toBeGreaterThanOrEqual(128);
  }
});

test("a write beside a buffer is an error that names the buffer", async () => {
  const program = await debugging.compile(graph(add(x, w)));
  const values = {
    x: [1, 2, 3, 4, 5].map((n) => Array<number>(5).fill(n)),
    w: [1, 2, 3, 4, 5].map(() => Array<number>(5).fill(1)),
  };
  program.run(values);
  const resident = program.bind({ w: values.w });
  // A view of an input lies in the program's memory, where anything can be written.
  const view = resident.inputView("x");
  resident.run({ x: view });
  const outside = new Uint8Array(view.data.buffer, view.data.byteOffset + view.data.byteLength, 1);
  outside[0] = 1;
  expect(() => resident.run({ x: view })).toThrow(CompileError);
  expect(() => resident.run({ x: view })).toThrow(/^bug: a kernel wrote 1 bytes after the buffer %x\n/);
  const before = new Uint8Array(view.data.buffer, view.data.byteOffset - 3, 1);
  before[0] = 1;
  expect(() => resident.run({ x: view })).toThrow(/^bug: a kernel wrote 3 bytes before the buffer %x\n/);
});
