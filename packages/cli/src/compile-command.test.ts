import { expect, test } from "vitest";
import { main } from "./index.ts";

async function run(...args: string[]): Promise<{ code: number; printed: string; errors: string }> {
  let [printed, errors] = ["", ""];
  const code = await main(["compile", ...args], {
    output: { write: (text) => (printed += text) },
    errors: { write: (text) => (errors += text) },
  });
  return { code, printed, errors };
}

const small = ["--data", "circles", "--units", "4"];

test("compile: shows the time of every step, the size of the code and of the memory", async () => {
  const { code, printed, errors } = await run(...small);
  expect([code, errors]).toEqual([0, ""]);
  expect(printed).toMatch(/^expand +[\d.]+ ms\n[^]*\nassemble +[\d.]+ ms\n/);
  expect(printed).toMatch(/\d+ nodes, \d+ kernels, \d+ bytes of code\n/);
  expect(printed).toMatch(/temporaries \d+ bytes, at least \d+; memory \d+ bytes\n/);
});

test("compile: dumps what a step gives, and only that", async () => {
  const { printed } = await run("--dump", "after:fuse", ...small);
  expect(printed).toMatch(/^\d+ loop [^]*product [^]*loop %A1 over 4 x 64[^]*update W1 %/);
  expect((await run("--dump=after:bindSizes", ...small)).printed).toMatch(/^graph 1\n/);
});

test("compile: a step that there is not, and no step, are refused with the list of steps", async () => {
  for (const args of [["--dump", "after:nothing"], ["--dump"], ["--dump="]]) {
    const { code, errors } = await run(...small, ...args);
    expect(code).toBe(1);
    expect(errors).toContain("InputError: compile: --dump must be after:STEP, got ");
    expect(errors).toContain("steps: expand, bindSizes, optimise, fuse");
  }
});

test("compile: a second step, and options that there are not, are refused by its own name", async () => {
  const twice = await run("--dump", "after:fuse", "--dump", "after:plan", ...small);
  expect([twice.code, twice.errors]).toEqual([
    1,
    "InputError: compile: one step is dumped, got --dump twice\n",
  ]);
  const unknown = await run("--unit", "4");
  expect(unknown.errors).toContain(
    "compile: options are those of the help, got --unit (did you mean --units?)",
  );
  expect(unknown.errors).toContain("npm run wengert -- compile --help");
});

test("compile: a text for a number, and data that there are not, are refused by its own name", async () => {
  expect((await run("--seed", "x")).errors).toBe('InputError: compile: --seed must be a number, got "x"\n');
  expect((await run("--units", "3,x")).errors).toContain("InputError: compile: --units must be a number");
  expect((await run("--data", "nowhere")).errors).toContain(
    "InputError: compile: --data must be one of digits",
  );
});

test("compile: an engine and threads that there are not are refused, though they change nothing", async () => {
  expect((await run("--engine", "gpu")).errors).toContain(
    "compile: --engine must be wasm or reference, got gpu",
  );
  expect((await run("--threads", "many")).errors).toContain(
    'compile: --threads must be a number, got "many"',
  );
  expect((await run("--threads", "0")).code).toBe(1);
});

test("compile: help names the steps and the options of train", async () => {
  const { printed } = await run("--help");
  expect(printed).toContain("--dump after:STEP");
  expect(printed).toContain("--units");
});
