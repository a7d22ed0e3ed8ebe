// When a pool starts its threads, and what it says of those that do not start or end: over threads that only pretend.

import { beforeEach, expect, test, vi } from "vitest";
import { expectedCells, places, threadedProgram } from "../../../test/threaded-program.ts";
import { instantiate } from "./instance.ts";
import { copyOut, createMemory } from "./memory.ts";
import { threadPool, type ThreadPool } from "./pool.ts";
import type { WorkerEvents, WorkerThread } from "./worker-thread.ts";

const { threads, refused, full } = vi.hoisted(() => ({
  threads: new Map<string, { readonly events: WorkerEvents; readonly posted: unknown[]; ended: boolean }>(),
  refused: new Set<string>(),
  full: new Set<string>(),
}));

vi.mock("./worker-thread.ts", () => ({
  startWorker(name: string, events: WorkerEvents): WorkerThread {
    if (full.has(name)) throw new RangeError("Maximum call stack size exceeded");
    if (refused.has(name)) throw new Error("no worker is allowed");
    const thread = { events, posted: [] as unknown[], ended: false };
    threads.set(name, thread);
    return {
      post: (message) => void thread.posted.push(message),
      hold: () => {},
      terminate: () => {
        thread.ended = true;
      },
    };
  },
}));

beforeEach(() => {
  threads.clear();
  refused.clear();
  full.clear();
});

/** Runs a program of so many chunks for three steps; whether its cells are right. */
async function runs(pool: ThreadPool, chunks: number): Promise<boolean> {
  const memory = createMemory({ pages: 1, shared: true });
  const options = { chunks, rounds: 5 };
  const runner = pool.runner(await instantiate(threadedProgram(options), memory));
  for (let step = 0; step < 3; step++) runner.step();
  const cells = copyOut(memory, "i32", { address: places.cells, length: chunks });
  return String(cells) === String(expectedCells(options, 3));
}

test("threads start when a program has chunks to share, once, and are sent each program once", async () => {
  const pool = threadPool(2);
  expect(await runs(pool, 1)).toBe(true);
  expect(threads.size).toBe(0);
  expect(pool.status().threads).toBe(3);
  expect(await runs(pool, 4)).toBe(true);
  expect(await runs(pool, 1)).toBe(true);
  expect(await runs(pool, 5)).toBe(true);
  expect([...threads.values()].map(({ posted }) => posted.length)).toEqual([2, 2]);
});

test("threads for which too many calls were nested start with a later run", async () => {
  const pool = threadPool(3);
  full.add("wengert 2");
  expect(await runs(pool, 4)).toBe(true);
  expect([...threads.keys()]).toEqual(["wengert 1"]);
  full.clear();
  expect(await runs(pool, 4)).toBe(true);
  expect([...threads.keys()]).toEqual(["wengert 1", "wengert 2", "wengert 3"]);
  expect(pool.status()).toEqual({ threads: 4, notices: [] });
});

test("threads start when someone waits for them", async () => {
  const pool = threadPool(2);
  const ready = pool.ready();
  expect(threads.size).toBe(2);
  for (const { events } of threads.values()) events.said("ready");
  await ready;
});

test("a thread that cannot start or ends is noticed, and nobody waits for it", async () => {
  refused.add("wengert 1");
  const pool = threadPool(3);
  const ready = pool.ready();
  threads.get("wengert 2")!.events.lost("it ended with code 1");
  threads.get("wengert 2")!.events.lost("it is reported twice");
  threads.get("wengert 3")!.events.said("ready");
  await ready;
  expect(pool.status()).toEqual({
    threads: 2,
    notices: [
      "thread 1 cannot be started: Error: no worker is allowed",
      "thread 2 is lost: it ended with code 1",
    ],
  });
  expect(await runs(pool, 4)).toBe(true);
  expect(threads.get("wengert 2")!.posted).toEqual([]);
});

test("a pool that is closed has ended its threads, keeps nobody waiting, and starts none again", async () => {
  const pool = threadPool(2);
  const ready = pool.ready();
  pool.close();
  await ready;
  expect([...threads.values()].map(({ ended }) => ended)).toEqual([true, true]);
  threads.clear();
  expect(await runs(pool, 4)).toBe(true);
  expect(threads.size).toBe(0);
  expect(pool.status()).toEqual({ threads: 1, notices: [] });
});

test("a thread keeps the last nine programs, and forgets the one that was used longest ago", async () => {
  const pool = threadPool(1);
  for (let program = 0; program < 12; program++) await runs(pool, 4);
  const posted = threads.get("wengert 1")!.posted as { program: number; forget: number[] }[];
  expect(posted.map(({ program }) => program)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(posted.flatMap(({ forget }) => forget)).toEqual([1, 2, 3]);
});

test("a thread takes no program for another, however many come and go beside one that stays", async () => {
  const pool = threadPool(1);
  const memory = createMemory({ pages: 1, shared: true });
  const instance = await instantiate(threadedProgram({ chunks: 2, rounds: 0 }), memory);
  const staying = pool.runner(instance);
  staying.step();
  const resting = Array.from({ length: 40 }, () => pool.runner(instance));
  for (const runner of resting) {
    runner.step();
    staying.step();
  }
  // As many as there are other numbers.
  const others = 65_535 - 41;
  for (let other = 0; other < others; other++) {
    pool.runner(instance).step();
    if (other % 5 === 0) staying.step();
  }
  // Those that were there at first come back while others have their numbers.
  for (const runner of resting) {
    pool.runner(instance).step();
    runner.step();
  }
  const posted = threads.get("wengert 1")!.posted as { program: number; forget: number[] }[];
  expect(posted.length).toBe(1 + others + 3 * resting.length);
  const known = new Set<number>();
  for (const { program, forget } of posted) {
    for (const number of forget) expect(known.delete(number)).toBe(true);
    if (known.has(program) || program < 1 || program > 65_535) expect(program).toBe("a number that is free");
    known.add(program);
  }
});

test("a program that comes back after threads have forgotten it is sent again", async () => {
  const pool = threadPool(1);
  const memory = createMemory({ pages: 1, shared: true });
  const instance = await instantiate(threadedProgram({ chunks: 2, rounds: 0 }), memory);
  const runners = Array.from({ length: 12 }, () => pool.runner(instance));
  for (const runner of [...runners, ...runners]) runner.step();
  const posted = threads.get("wengert 1")!.posted as { program: number }[];
  expect(posted.length).toBe(24);
  expect(new Set(posted.slice(-9).map(({ program }) => program)).size).toBe(9);
});
