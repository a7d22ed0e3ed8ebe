// A process ends when its own work does: no thread keeps it.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../../..");

test.each([
  ["end", "unstarted"],
  ["end", "spinning"],
  ["end", "parked"],
  ["end", "asleep"],
  ["exit", "spinning"],
  ["exit", "parked"],
])("a program comes to its %s at once while threads are %s", (how, when) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", "--conditions=@wengert/source", "test/fixtures/ends-with-threads.ts", how, when],
    { cwd: root, encoding: "utf8", timeout: 25_000 },
  );
  const ended = Date.now();
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  const [threads, last] = stdout.trim().split(" ").map(Number);
  expect(threads).toBe(3);
  // Parked threads would sleep for a minute; ending takes some milliseconds, on a busy machine more.
  expect(ended - last!).toBeLessThan(5000);
});
