// Nanoseconds an element of elementwise operations, by all peers: in the cache (10,000 elements) and beyond (1,000,000).

import { writeFileSync } from "node:fs";
import { alternate } from "./alternate.ts";
import { describeMachine } from "./machine.ts";
import { help, parseOptions, type Options } from "./options.ts";
import { startPeer } from "./peer-process.ts";
import { chosenPeers, type PeerRow } from "./peers.ts";
import { type ElementwiseName } from "./protocol.ts";
import { digits, markdownTable } from "./report.ts";

interface Row {
  readonly op: ElementwiseName;
  readonly elements: number;
  /** Nanoseconds an element by peer, in the order of the peers. */
  readonly times: readonly number[];
}

const note = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

async function measure(
  op: ElementwiseName,
  elements: number,
  rows: readonly PeerRow[],
  { effort }: Options,
): Promise<Row> {
  const peers = rows.map(({ title, command }) => startPeer(title, command));
  try {
    for (const peer of peers) await peer.prepare({ kind: "elementwise", op, elements });
    const timings = await alternate(peers, effort, () => undefined);
    return { op, elements, times: timings.map(({ time }) => (1e6 * time.median) / elements) };
  } finally {
    await Promise.all(peers.map((peer) => peer.end()));
  }
}

const options = parseOptions(process.argv.slice(2));
if (options === undefined) process.stdout.write(help);
else {
  const rows = chosenPeers(options.python, options.peers, note);
  const results: Row[] = [];
  for (const op of ["exp", "sigmoid", "tanh", "relu"] as const) {
    for (const elements of [10_000, 1_000_000]) {
      note(`${op} of ${elements}`);
      results.push(await measure(op, elements, rows, options));
    }
  }
  const lines = results.map(({ op, elements, times }) => [
    op,
    elements.toLocaleString("en-US"),
    ...times.map(digits),
  ]);
  process.stdout.write(
    `${markdownTable(["ns an element", "elements", ...rows.map(({ title }) => title)], lines)}\n`,
  );
  if (options.json !== undefined) {
    const report = { machine: describeMachine(), peers: rows.map(({ id }) => id), results };
    writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  }
}
