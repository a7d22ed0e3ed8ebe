// One peer in a process of its own: memory and compiled code are its own, and it works only while it is asked.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { type Readable } from "node:stream";
import { type Failed, type Prepared, type Request, type Stepped } from "./protocol.ts";

/** A peer that answers. */
export interface PeerProcess {
  prepare(request: Exclude<Request, { readonly kind: "steps" }>): Promise<Prepared>;
  steps(count: number, seconds: number): Promise<Stepped>;
  /** Ends the process, and waits until it has ended. */
  end(): Promise<void>;
}

/** Starts the process of a peer. What it prints goes to standard error. */
export function startPeer(title: string, [command = "", ...rest]: readonly string[]): PeerProcess {
  const child = spawn(command, rest, { stdio: ["pipe", 2, 2, "pipe"] });
  const input = child.stdin;
  if (input === null) throw new Error(`bug: ${title} was started without a standard input`);
  // Descriptor 3 was asked for as a pipe.
  const lines = createInterface({ input: child.stdio[3] as Readable })[Symbol.asyncIterator]();
  const closed = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  input.on("error", () => {
    // The process has ended: the missing answer says so.
  });
  const ask = async (request: Request): Promise<Prepared | Stepped> => {
    input.write(`${JSON.stringify(request)}\n`);
    const next = (await lines.next()) as IteratorResult<string, undefined>;
    if (next.value === undefined) throw new Error(`${title}: the process ended without an answer`);
    const answer = JSON.parse(next.value) as Prepared | Stepped | Failed;
    if ("error" in answer) throw new Error(`${title}: ${answer.error}`);
    return answer;
  };
  return {
    prepare: async (request) => (await ask(request)) as Prepared,
    steps: async (count, seconds) => (await ask({ kind: "steps", count, seconds })) as Stepped,
    async end() {
      input.end();
      await closed;
    },
  };
}
