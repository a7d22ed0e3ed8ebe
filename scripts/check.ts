// `npm test`: every check of the repository, two at a time, each as soon as what it needs has passed.
// A step's output is shown when it fails; the last line counts tests and steps.

import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

interface Step {
  readonly name: string;
  readonly command: string;
  /** Names of steps that must have passed before. */
  readonly after?: readonly string[];
  /** The command is vitest: its tests are counted instead of the step. */
  readonly vitest?: boolean;
}

const steps: readonly Step[] = [
  { name: "format", command: "oxfmt --check" },
  { name: "doc blocks", command: "tsx docs/doc-tests/write.ts" },
  { name: "types", command: "tsc -b", after: ["doc blocks"] },
  { name: "lint", command: "oxlint --deny-warnings" },
  { name: "type tests", command: "vitest run --project types", vitest: true },
  { name: "unit tests", command: "vitest run --project unit", vitest: true },
  { name: "whole tests", command: "vitest run --project whole", vitest: true },
  { name: "doc tests", command: "vitest run --project docs", after: ["doc blocks"], vitest: true },
  { name: "documentation", command: "pnpm --filter wengert-docs run build", after: ["types"] },
  { name: "unused code", command: "knip" },
  { name: "packages", command: "tsx scripts/packages.ts", after: ["types"] },
];

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  readonly state: "passed" | "failed" | "skipped";
}

const skipped: Outcome = { passed: 0, failed: 1, seconds: 0, state: "skipped" };
const marks = { passed: "✓", failed: "✗", skipped: "-" };

const scratch = mkdtempSync(join(tmpdir(), "wengert-check-"));
const outcomes = new Map<string, Outcome>();
const running = new Map<string, Promise<void>>();

const heartbeat = setInterval(() => {
  console.log(`  … ${[...running.keys()].join(", ")}`);
}, 15_000);

while (outcomes.size < steps.length) {
  for (const step of steps.filter(({ name }) => !outcomes.has(name) && !running.has(name))) {
    const needs = (step.after ?? []).map((name) => outcomes.get(name)?.state);
    if (needs.some((state) => state === "failed" || state === "skipped")) {
      outcomes.set(step.name, skipped);
    } else if (running.size < 2 && needs.every((state) => state === "passed")) {
      running.set(step.name, start(step));
    }
  }
  if (running.size > 0) await Promise.race(running.values());
}

clearInterval(heartbeat);
rmSync(scratch, { recursive: true });
summarize();

/** Runs a step and records its outcome. */
async function start(step: Step): Promise<void> {
  const report = join(scratch, `${step.name.replaceAll(" ", "-")}.json`);
  const reporters =
    step.vitest === true ? ` --reporter=default --reporter=json --outputFile.json=${report}` : "";
  console.log(`▸ ${step.name}`);
  const began = performance.now();
  const { code, output } = await run(step.command + reporters);
  const seconds = (performance.now() - began) / 1000;
  const counts = step.vitest === true ? testCounts(report) : undefined;
  const passed = counts?.passed ?? (code === 0 ? 1 : 0);
  // A run can also fail without a failed test: a file that does not load, or nothing reported at all.
  const failed = code === 0 ? 0 : Math.max(1, counts?.failed ?? 0);
  const state = code === 0 ? "passed" : "failed";
  outcomes.set(step.name, { passed, failed, seconds, state });
  running.delete(step.name);
  if (code !== 0) console.log(`\n${output.trimEnd()}\n`);
  console.log(`${marks[state]} ${step.name} ${seconds.toFixed(1)} s`);
}

function run(command: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, {
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined },
    });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** What vitest's report counts; nothing when it wrote none. */
function testCounts(report: string): { passed: number; failed: number } | undefined {
  try {
    const counts = JSON.parse(readFileSync(report, "utf8")) as Record<string, number>;
    return { passed: counts["numPassedTests"] ?? 0, failed: counts["numFailedTests"] ?? 0 };
  } catch {
    return undefined;
  }
}

/** Prints every step in reading order, and the counts. */
function summarize(): void {
  const ended = steps.map(({ name }) => ({ name, ...(outcomes.get(name) ?? skipped) }));
  console.log("");
  for (const { name, state, seconds, passed, failed } of ended) {
    const time = seconds.toFixed(1).padStart(6);
    console.log(`${marks[state]} ${name.padEnd(14)} ${time} s  ${passed} passed, ${failed} failed`);
  }
  const passed = ended.reduce((sum, each) => sum + each.passed, 0);
  const failed = ended.reduce((sum, each) => sum + each.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}
