// Training steps of all networks by all peers: a table on standard output, progress on standard error.

import { writeFileSync } from "node:fs";
import { chosenPeers } from "./peers.ts";
import { describeMachine, isBusy } from "./machine.ts";
import { measureNet, type NetResult } from "./measure-nets.ts";
import { help, parseOptions } from "./options.ts";
import { markdownReport } from "./report.ts";
import { writePage } from "./page.ts";

const note = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

const options = parseOptions(process.argv.slice(2));
if (options === undefined) process.stdout.write(help);
else {
  const rows = chosenPeers(options.python, options.peers, note);
  const machine = describeMachine();
  if (options.write && !options.anyway && isBusy(machine)) {
    throw new Error(
      `--write: the machine must be idle, got a load of ${machine.load.toFixed(1)} on ${machine.cores} cores; ` +
        "wait, or add --anyway",
    );
  }
  const results: NetResult[] = [];
  for (const net of options.nets) {
    results.push(...(await measureNet(net, rows, options, note)));
    if (options.json !== undefined) {
      writeFileSync(
        options.json,
        `${JSON.stringify({ machine, effort: options.effort, results }, undefined, 2)}\n`,
      );
    }
  }
  process.stdout.write(`${markdownReport(machine, results)}\n`);
  if (options.write) writePage(machine, results);
}
