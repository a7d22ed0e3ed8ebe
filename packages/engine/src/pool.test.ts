// Threads: results do not depend on them, they come when they are called, and whatever ends them is no end of the run.

import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import {
  expectedCells,
  orders,
  places,
  type ProgramOptions,
  threadedProgram,
} from "../../../test/threaded-program.ts";
import { instantiate, instanceOf, type ProgramInstance } from "./instance.ts";
import { copyOut, createMemory, view } from "./memory.ts";
import { type Runner, threadPool, type ThreadPool } from "./pool.ts";

const open: ThreadPool[] = [];

afterEach(() => {
  for (const pool of open.splice(0)) pool.close();
});

/** A pool whose threads have started. */
async function poolOf(workers: number): Promise<ThreadPool> {
  const pool = threadPool(workers);
  open.push(pool);
  await pool.ready();
  return pool;
}

interface Loaded {
  readonly runner: Runner;
  readonly instance: ProgramInstance;
  readonly options: ProgramOptions;
}

async function load(pool: ThreadPool, options: ProgramOptions): Promise<Loaded> {
  const memory = createMemory({ pages: 1, shared: options.workers ?? true });
  const instance = await instantiate(threadedProgram(options), memory);
  return { runner: pool.runner(instance), instance, options };
}

function word({ instance }: Loaded, address: number): Int32Array {
  return view(instance.memory, "i32", { address, length: 1 }) as Int32Array;
}

const cellsOf = ({ instance, options }: Loaded): Int32Array =>
  copyOut(instance.memory, "i32", { address: places.cells, length: options.chunks }) as Int32Array;

function expectSteps(loaded: Loaded, steps: number): void {
  for (let step = 0; step < steps; step++) loaded.runner.step();
  expect(cellsOf(loaded)).toEqual(expectedCells(loaded.options, steps));
}

/** A step that ends only when a worker has run one of its chunks. */
function meet(loaded: Loaded): void {
  word(loaded, places.arrived)[0] = 0;
  word(loaded, places.order)[0] = orders.goOn;
  loaded.runner.step();
  word(loaded, places.order)[0] = orders.none;
}

const wait = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

test.each([0, 1, 3])(
  "with %i workers, every chunk runs once a step after all that it depends on",
  async (workers) => {
    const pool = await poolOf(workers);
    const sizes = fc.record({
      chunks: fc.integer({ min: 1, max: 40 }),
      rounds: fc.integer({ min: 0, max: 200 }),
      pairs: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async (options) => {
        expectSteps(await load(pool, { ...options, workers: workers > 0 }), 20);
      }),
      { numRuns: 30 },
    );
  },
);

test.each([1, 3])(
  "with %i workers, the thread that calls takes the first chunks, others the last",
  async (workers) => {
    const pool = await poolOf(workers);
    const loaded = await load(pool, { chunks: 12, rounds: 2000, meet: true });
    let shared = 0;
    for (let step = 0; step < 50; step++) {
      meet(loaded);
      const takers = [
        ...view(loaded.instance.memory, "i32", { address: places.takers, length: loaded.options.chunks }),
      ];
      const first = takers.filter((taker) => taker === places.scratch).length;
      expect(takers.slice(0, first)).toEqual(Array.from({ length: first }, () => places.scratch));
      if (first < takers.length) shared++;
    }
    expect(shared).toBeGreaterThan(0);
  },
);

test.each([1, 3])("with %i workers, 10,000 steps in a row are right", async (workers) => {
  const pool = await poolOf(workers);
  expectSteps(await load(pool, { chunks: 7, rounds: 20, pairs: 2 }), 10_000);
});

test.each([0, 1])("with %i workers, thousands of calls run in their order", async (workers) => {
  const pool = await poolOf(workers);
  for (const shared of [false, true]) {
    expectSteps(await load(pool, { chunks: 3, rounds: 2, pairs: 1500, workers: shared }), 3);
  }
});

test("a program of threads needs none: without a pool's workers it runs alone", async () => {
  const pool = await poolOf(0);
  expectSteps(await load(pool, { chunks: 5, rounds: 3 }), 100);
});

test("workers take part when they spin, when they are parked, and when they have gone to sleep", async () => {
  const pool = await poolOf(2);
  const program = await load(pool, { chunks: 4, rounds: 10, idle: 40, meet: true });
  for (const pause of [0, 0, 10, 10, 150, 150, 0]) {
    if (pause > 0) await wait(pause);
    meet(program);
  }
  expect(cellsOf(program)).toEqual(expectedCells(program.options, 7));
});

test("many programs share one pool, in turn and again", async () => {
  const pool = await poolOf(1);
  const programs = await Promise.all(
    Array.from({ length: 30 }, (_, index) => load(pool, { chunks: 2 + index, rounds: index, meet: true })),
  );
  for (let turn = 0; turn < 4; turn++) for (const program of programs) meet(program);
  // Two of them alternate, without a pause in which messages could come.
  for (let turn = 0; turn < 100; turn++) for (const program of programs.slice(0, 2)) meet(program);
  programs.forEach((program, index) => {
    expect(cellsOf(program)).toEqual(expectedCells(program.options, index < 2 ? 104 : 4));
  });
});

test("programs may use one memory in turn: no thread runs a chunk of the one for the other", async () => {
  const pool = await poolOf(2);
  const first = await load(pool, { chunks: 16, rounds: 30 });
  // The same places, and as many more rounds as make up a step of its own.
  const bytes = threadedProgram({ chunks: 16, rounds: 30, pairs: 3, meet: true });
  const instance = await instantiate(bytes, first.instance.memory);
  const second: Loaded = { ...first, instance, runner: pool.runner(instance) };
  for (let turn = 0; turn < 3000; turn++) (turn % 3 === 0 ? second : first).runner.step();
  expect(cellsOf(first)).toEqual(expectedCells(first.options, 2000 + 3 * 1000));
  meet(second);
});

test("a worker's error ends the step with an error, and others go on alone", async () => {
  const pool = await poolOf(1);
  const [program, other] = [
    await load(pool, { chunks: 4, rounds: 10, meet: true }),
    await load(pool, { chunks: 4, rounds: 10 }),
  ];
  meet(program);
  word(program, places.arrived)[0] = 0;
  word(program, places.order)[0] = orders.fail;
  expect(() => program.runner.step()).toThrow(/^run: a thread failed or did not finish in time/);
  expect(() => program.runner.step()).toThrow(/^run: a thread failed or did not finish in time/);
  expect(pool.status().threads).toBe(1);
  expect(pool.status().notices).toContain(
    "a thread failed or did not finish in time: programs run on one thread from now on",
  );
  expectSteps(other, 10);
});

test.each([true, false])("a step that waits for a lost chunk gives up (blocking: %s)", async (blocking) => {
  const pool = await poolOf(1);
  const program = await load(pool, {
    chunks: 4,
    rounds: 10,
    meet: true,
    patience: blocking ? 200 : 20,
    blocking,
  });
  meet(program);
  word(program, places.arrived)[0] = 0;
  word(program, places.order)[0] = orders.stay;
  expect(() => program.runner.step()).toThrow(/^run: a thread failed or did not finish in time/);
  word(program, places.order)[0] = orders.none;
  // Another program in the same memory would meet what the lost thread has left.
  const { module, memory } = program.instance;
  expect(() => pool.runner(instanceOf(module, memory)).step()).toThrow(/^run: a thread failed/);
});

test("threads that are ended while a program is used are missed by nobody", async () => {
  const pool = await poolOf(3);
  const program = await load(pool, { chunks: 9, rounds: 50 });
  for (let step = 0; step < 500; step++) program.runner.step();
  pool.close();
  for (let step = 0; step < 500; step++) program.runner.step();
  await wait(20);
  for (let step = 0; step < 500; step++) program.runner.step();
  expect(cellsOf(program)).toEqual(expectedCells(program.options, 1500));
  expect(pool.status()).toEqual({ threads: 1, notices: [] });
});

test("a profile adds up nanoseconds by call", async () => {
  const pool = await poolOf(0);
  const profile = { address: places.profile };
  const program = await load(pool, { chunks: 8, rounds: 20_000, pairs: 2, workers: false, profile });
  const began = performance.now();
  expectSteps(program, 10);
  const elapsed = 1e6 * (performance.now() - began);
  const [stir, total, ...others] = view(program.instance.memory, "f64", {
    address: places.profile,
    length: 5,
  });
  const sum = stir! + total! + others[0]! + others[1]!;
  expect(stir).toBeGreaterThan(total!);
  expect(sum).toBeLessThanOrEqual(elapsed);
  // Ten steps of 320,000 dependent multiplications of 3 cycles are never faster than a tenth of a millisecond each.
  expect(sum).toBeGreaterThan(1e6);
  expect(others[2]).toBe(0);
});

test("what the platform refuses to compile is an error that says so", async () => {
  const memory = createMemory({ pages: 1, shared: false });
  await expect(instantiate(new Uint8Array([0, 1, 2, 3]), memory)).rejects.toThrow(
    /^instantiate: the platform refuses the module/,
  );
});

test.each([
  [
    new WebAssembly.RuntimeError("unreachable"),
    "bug: a program was stopped in its middle: RuntimeError: unreachable",
  ],
  [new RangeError("too deep"), "run: a program was stopped in its middle: RangeError: too deep"],
])("what stops a program in its middle is an error that says so, now and later", async (cause, words) => {
  const pool = await poolOf(1);
  const { instance } = await load(pool, { chunks: 4, rounds: 10 });
  const step = (): number => {
    throw cause;
  };
  const runner = pool.runner({ ...instance, exports: { ...instance.exports, step } });
  expect(runner.failure()).toBeUndefined();
  for (let turn = 0; turn < 2; turn++) expect(() => runner.step()).toThrow(words);
  expect(runner.failure()).toMatchObject({ name: "CompileError", cause });
  expect(pool.status().threads).toBe(1);
});
