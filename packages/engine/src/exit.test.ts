// No thread keeps a process, and neither threads nor memory outlive what they were for.

import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");

function run(...command: readonly string[]): SpawnSyncReturns<string> {
  const options = ["--expose-gc", "--import", "tsx", "--conditions=@wengert/source"];
  return spawnSync(process.execPath, [...options, ...command], {
    cwd: root,
    encoding: "utf8",
    timeout: 25_000,
  });
}

test.each([
  ["end", "unstarted"],
  ["end", "spinning"],
  ["end", "parked"],
  ["end", "asleep"],
  ["exit", "spinning"],
  ["exit", "parked"],
])("a program comes to its %s at once while threads are %s", (how, when) => {
  const { status, stdout, stderr } = run("test/fixtures/ends-with-threads.ts", how, when);
  const ended = Date.now();
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const [threads, last] = stdout.trim().split(" ").map(Number);
  expect(threads).toBe(3);
  // Parked threads would sleep for a minute; ending takes some milliseconds, on a busy machine more.
  expect(ended - last!).toBeLessThan(5000);
});

test.skipIf(!existsSync("/proc/self/task"))(
  "dropped programs give back their memory, a dropped pool its threads",
  () => {
    const { status, stdout, stderr } = run("test/fixtures/drops-programs.ts");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const [held, before, after] = stdout.trim().split(" ").map(Number);
    // The programs had 2000 MiB in all; some wait for the next collection.
    expect(held).toBeLessThan(1200);
    expect(after).toBe(before);
  },
);
