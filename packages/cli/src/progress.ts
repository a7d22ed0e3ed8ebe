// Progress for people and for files: on a terminal the line of an epoch moves, in a file there is one line an epoch.

import type { BatchRecord, EpochRecord } from "@wengert/models";

/** Where text goes. */
export interface Output {
  /** Whether it is a terminal, on which lines may move. */
  readonly isTTY?: boolean;
  /** Appends text. */
  write(text: string): unknown;
}

/** What `fit` calls. */
export interface Progress {
  readonly onBatch: (record: BatchRecord) => void;
  readonly onEpoch: (record: EpochRecord) => void;
}

const width = 24;

/** Shows cost, accuracy and examples per second, epoch by epoch. */
export function showProgress(output: Output, epochs: number): Progress {
  const digits = String(epochs).length;
  const label = (epoch: number): string => `epoch ${String(epoch).padStart(digits)}/${epochs}`;
  let last = 0;
  return {
    onBatch({ epoch, batch, batches, cost }) {
      const now = performance.now();
      if (output.isTTY !== true || now - last < 100) return;
      last = now;
      const done = Math.round((width * batch) / batches);
      const bar = "█".repeat(done) + "░".repeat(width - done);
      output.write(`\r${label(epoch)}  ${bar}  cost ${cost.toFixed(4)}\u001B[K`);
    },
    onEpoch({ epoch, cost, accuracy, examplesPerSecond }) {
      const speed = Math.round(examplesPerSecond).toLocaleString("en-US").padStart(9);
      const share = `${(100 * accuracy).toFixed(2).padStart(6)}%`;
      const line = `${label(epoch)}  cost ${cost.toFixed(4)}  accuracy ${share}  ${speed} examples/s`;
      output.write(`${output.isTTY === true ? "\r" : ""}${line}${output.isTTY === true ? "\u001B[K" : ""}\n`);
    },
  };
}
