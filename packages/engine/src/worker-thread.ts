// One worker behind one small interface, in Node and in browsers. It never keeps a process alive, except while someone
// waits for its start, and whatever happens to it is reported once.

import { nodeModule, type NodeWorker } from "./platform.ts";

/** What a worker says: it has started, or it has let go of every program. */
type WorkerMessage = "ready" | "asleep";

/** What happens to a worker. */
export interface WorkerEvents {
  readonly said: (message: WorkerMessage) => void;
  /** It has ended, or never began. */
  readonly lost: (reason: string) => void;
}

/** A running worker. */
export interface WorkerThread {
  post(message: unknown): void;
  /** Whether the process shall stay for it. */
  hold(on: boolean): void;
  terminate(): void;
}

/** Starts a worker; a failure to start is thrown here, or reported later. */
export function startWorker(name: string, events: WorkerEvents): WorkerThread {
  const threads = nodeModule("node:worker_threads");
  if (threads === undefined) return startInBrowser(name, events);
  // Loaders and other arguments of the process are not for this file, which needs none.
  const options = { name, execArgv: [] };
  return wrap(new threads.Worker(new URL("./worker.js", import.meta.url), options), events);
}

function wrap(worker: NodeWorker, { said, lost }: WorkerEvents): WorkerThread {
  worker.on("message", (message) => said(message as WorkerMessage));
  worker.on("error", (error) => lost(String(error)));
  worker.on("exit", (code) => lost(`it ended with code ${String(code)}`));
  // Last: a listener for messages keeps the process alive again.
  worker.unref();
  return {
    post: (message) => worker.postMessage(message, []),
    hold: (on) => (on ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

function startInBrowser(name: string, { said, lost }: WorkerEvents): WorkerThread {
  // Bundlers look for exactly this expression.
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module", name });
  worker.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => said(data));
  worker.addEventListener("error", ({ message }) => lost(message ?? "its source cannot be loaded"));
  return {
    post: (message) => worker.postMessage(message, []),
    hold: () => {},
    terminate: () => worker.terminate(),
  };
}
