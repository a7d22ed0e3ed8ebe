// The process of one JavaScript peer: answers requests until standard input ends. It waits without spinning.

import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { loadPeer, type PeerModule } from "./peers/index.ts";
import { type Failed, type Prepared, type Request, type Stepped, type Task } from "./protocol.ts";
import { readData } from "./data.ts";

const answer = (value: Prepared | Stepped | Failed): void => {
  writeSync(3, `${JSON.stringify(value)}\n`);
};

/** Starts a task and runs its first step. */
async function prepare(
  start: () => Promise<Task>,
): Promise<{ readonly task: Task; readonly answer: Prepared }> {
  const began = performance.now();
  const task = await start();
  const ready = performance.now();
  const loss = await task.step();
  const firstTime = performance.now() - ready;
  return { task, answer: { compileTime: ready - began, firstTime, loss, about: task.about } };
}

async function runSteps({ step }: Task, count: number, seconds: number): Promise<Stepped> {
  const times: number[] = [];
  const losses: number[] = [];
  const end = performance.now() + 1000 * seconds;
  for (let i = 0; i < count; i++) {
    const began = performance.now();
    const result = step();
    // A number is there already: waiting for it would only add a turn of the event loop.
    const loss = typeof result === "number" ? result : await result;
    const ended = performance.now();
    times.push(ended - began);
    losses.push(loss);
    if (ended > end) break;
  }
  return { times, losses, peakMemory: process.resourceUsage().maxRSS * 1024 };
}

async function serve(peer: PeerModule): Promise<void> {
  let task: Task | undefined;
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      const request = JSON.parse(line) as Request;
      if (request.kind === "steps") {
        if (task === undefined) throw new Error("steps were asked for before anything was prepared");
        answer(await runSteps(task, request.count, request.seconds));
      } else {
        const prepared =
          request.kind === "elementwise"
            ? await prepare(() => peer.elementwise(request.op, request.elements))
            : await prepareNet(peer, request);
        ({ task } = prepared);
        answer(prepared.answer);
      }
    } catch (error) {
      answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  }
}

/** Reading the data is no part of what is timed. */
function prepareNet(
  peer: PeerModule,
  { net, file }: Request & { readonly kind: "prepare" },
): ReturnType<typeof prepare> {
  const data = readData(file, net);
  return prepare(() => peer.training(net, data));
}

await serve(await loadPeer(process.argv.slice(2)));
// Worker threads of a library may still wait for work.
process.exit(0);
