// Threads that end, between runs and in the middle of one: a run of a program is right all the same, one of a resident
// is right or an error, after which nothing passes for its state; and nobody waits for ever.

import { wasmEngine, type WasmEngine, type WasmResident } from "@wengert/engine";
import {
  CompileError,
  exp,
  graph,
  input,
  matmul,
  max,
  mul,
  parameter,
  sub,
  sum,
  tanh,
  transpose,
  type Arrays,
} from "@wengert/tensor";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { threadFunctions, controlBytes } from "../../packages/compiler/src/thread-protocol.ts";
import { assemble } from "../../packages/compiler/src/wasm/assemble.ts";
import { writeFunction } from "../../packages/compiler/src/wasm/code.ts";
import type * as caller from "../../packages/compiler/src/thread-caller.ts";
import type * as workerThread from "../../packages/engine/src/worker-thread.ts";
import { randomFrom, tameArray } from "./elements.ts";
import { differences, programOf } from "./programs.ts";

/** The threads that were started, and whether the next ones shall stay in the first chunk that they take. */
const { threads, plan } = vi.hoisted(() => ({
  threads: [] as workerThread.WorkerThread[],
  plan: { stays: false },
}));

/** Milliseconds for which a run waits for a chunk, instead of ten seconds. */
const patience = 300;

vi.mock("../../packages/engine/src/worker-thread.ts", async (original) => {
  const actual = await original<typeof workerThread>();
  return {
    startWorker(name: string, events: workerThread.WorkerEvents): workerThread.WorkerThread {
      const thread = actual.startWorker(name, events);
      threads.push(thread);
      if (!plan.stays) return thread;
      const post = (message: unknown): void => thread.post({ ...(message as object), module: endless() });
      return { ...thread, post };
    },
  };
});

vi.mock("../../packages/compiler/src/thread-caller.ts", async (original) => {
  const actual = await original<typeof caller>();
  const writeJoin: typeof caller.writeJoin = (code, options) =>
    actual.writeJoin(code, { ...options, patience });
  return { ...actual, writeJoin };
});

/** The same protocol of threads, over chunks that never end. */
function endless(): WebAssembly.Module {
  const features = { relaxed: false, wide: false };
  const task = writeFunction("task", { parameters: ["i32", "i32", "i32"] }, features, (code) => {
    code.emit("loop");
    code.emit("br", 0);
    code.emit("end");
  });
  const options = { features, workers: true, scratchBase: controlBytes, scratchBytes: 0 };
  const bytes = assemble({
    memory: { pages: 1, maximumPages: 65_536, shared: true },
    imports: [],
    functions: [task, ...threadFunctions(options)],
    exports: ["work", "fail"],
  });
  return new WebAssembly.Module(bytes);
}

const size = 193;
const x = input("x", [size, size]);
const w = parameter("w", [size, size]);
const hidden = tanh(matmul(w, x));
const busy = graph(
  { hidden, sums: sum(exp(sub(hidden, max(hidden, 0, { keepDims: true }))), 0) },
  { updates: { w: sub(w, mul(matmul(hidden, transpose(x)), 1e-4)) } },
);
const random = randomFrom(11);
const inputs = { x: tameArray("f32", [size, size], random) };
const state = { w: tameArray("f32", [size, size], random) };

/** What one thread computes. */
async function reference(steps: number): Promise<{ readonly outputs: Arrays; readonly state: Arrays }> {
  const resident = (await programOf(busy)).bind(state);
  let outputs: Arrays = {};
  for (let step = 0; step < steps; step++) outputs = resident.run(inputs);
  return { outputs, state: resident.state() };
}

const engines: WasmEngine[] = [];

async function engineOf(options: { readonly profile?: boolean } = {}): Promise<WasmEngine> {
  const made = wasmEngine({ threads: 3, ...options });
  engines.push(made);
  await made.ready();
  return made;
}

/** A turn of the event loop and some more, so that the end of a thread is known. */
const pause = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 50);
  });

beforeEach(() => {
  threads.length = 0;
  plan.stays = false;
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const each of engines.splice(0)) each.close();
});

/** A resident after its run was broken off: it says so, and a new one begins with what was saved. */
async function expectLost(resident: WasmResident, on: WasmEngine): Promise<void> {
  const words = /^run: a thread failed or did not finish in time\n {2}help {3}compile the graph again/;
  expect(() => resident.run(inputs)).toThrow(words);
  expect(() => resident.state()).toThrow(words);
  expect(() => resident.inputView("x")).toThrow(words);
  const again = (await on.compile(busy)).bind(state);
  const wanted = await reference(1);
  expect(differences(again.run(inputs), wanted.outputs)).toEqual([]);
  expect(differences(again.state(), wanted.state)).toEqual([]);
}

test.each([true, false])(
  "threads that end between runs are missed by nobody (known when the next begins: %s)",
  async (known) => {
    const engine = await engineOf();
    const program = await engine.compile(busy);
    const resident = program.bind(state);
    resident.run(inputs);
    threads[0]!.terminate();
    if (known) await pause();
    resident.run(inputs);
    if (known) expect(engine.status().threads).toBe(2);
    threads[1]!.terminate();
    if (known) await pause();
    const outputs = resident.run(inputs);
    const wanted = await reference(3);
    expect(differences(outputs, wanted.outputs)).toEqual([]);
    expect(differences(resident.state(), wanted.state)).toEqual([]);
    const once = await reference(1);
    expect(differences(program.run({ ...inputs, ...state }).outputs, once.outputs)).toEqual([]);
    await pause();
    expect(engine.status().threads).toBe(1);
  },
);

test("a thread that is lost with a chunk costs a program's run a second attempt, with the same results", async () => {
  plan.stays = true;
  const engine = await engineOf();
  const program = await engine.compile(busy);
  const wanted = await reference(1);
  const began = performance.now();
  let runs = 0;
  // Until it has come.
  for (; engine.status().threads === 3 && runs < 1000; runs++)
    expect(differences(program.run({ ...inputs, ...state }).outputs, wanted.outputs)).toEqual([]);
  expect(engine.status()).toMatchObject({
    threads: 1,
    notices: ["a thread failed or did not finish in time: programs run on one thread from now on"],
  });
  expect(performance.now() - began).toBeGreaterThan(patience);
  const after = program.run({ ...inputs, ...state });
  expect(differences(after.outputs, wanted.outputs)).toEqual([]);
  expect(differences(after.updates, wanted.state)).toEqual([]);
});

test("a thread that is lost with a chunk is the end of a resident, which says so from then on", async () => {
  plan.stays = true;
  const engine = await engineOf();
  const resident = (await engine.compile(busy)).bind(state);
  const until = (): void => {
    for (let run = 0; run < 1000; run++) resident.run(inputs);
  };
  expect(until).toThrow(CompileError);
  await expectLost(resident, engine);
});

test(
  "wherever in a run threads end, a program's results are right, and a resident's are or it fails",
  { timeout: 60_000 },
  async () => {
    const wanted = await reference(1);
    const { kernels } = (await (await engineOf()).compile(busy)).compiled().kernels;
    // The clock is read before and after each kernel; one that is read at such a time ends a thread.
    for (let moment = 1; moment <= 2 * kernels.length; moment++) {
      threads.length = 0;
      const engine = await engineOf({ profile: true });
      const program = await engine.compile(busy);
      const resident = program.bind(state);
      const clock = performance.now.bind(performance);
      let readings = 0;
      const spy = vi.spyOn(performance, "now").mockImplementation(() => {
        readings++;
        if (readings === moment) threads[0]!.terminate();
        if (readings === moment + 2 * kernels.length) threads[1]!.terminate();
        return clock();
      });
      const found = program.run({ ...inputs, ...state });
      expect(differences(found.outputs, wanted.outputs)).toEqual([]);
      expect(differences(found.updates, wanted.state)).toEqual([]);
      const failure = attempt(() => expect(differences(resident.run(inputs), wanted.outputs)).toEqual([]));
      spy.mockRestore();
      if (failure !== undefined) await expectLost(resident, engine);
      else expect(differences(resident.state(), wanted.state)).toEqual([]);
      engine.close();
    }
  },
);

/** The error of the engine that a call ends with; all others go on. */
function attempt(call: () => void): CompileError | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
}
