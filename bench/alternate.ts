// Times several peers so that what the machine does meanwhile meets all of them: rounds of blocks of steps, one peer
// after the other, the order reversed every other round. Ratios are taken within a round.

import { type PeerProcess } from "./peer-process.ts";
import { median, summarize, type Summary } from "./statistics.ts";

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** Seconds of one block of one peer; a block has one step at least. */
  readonly blockSeconds: number;
  /** Seconds in which a peer reaches its speed, before the first round. */
  readonly warmSeconds: number;
}

/** The speed of one peer. */
export interface Timing {
  /** Milliseconds a step. */
  readonly time: Summary;
  readonly steps: number;
  /** Its time over the first peer's: the median of the ratios of the rounds. */
  readonly ratio: number;
  readonly peakMemory: number;
}

/** Rounds of a peer whose single step lasts as long as ten blocks. */
const slowRounds = 2;

/** Steps in a block: so many that it lasts as long as it should. */
const blockOf = (stepTime: number, seconds: number): number =>
  Math.max(1, Math.round((1000 * seconds) / stepTime));

/** The timings of peers that have been prepared, in their order; the first one is what ratios refer to. */
export async function alternate(
  peers: readonly PeerProcess[],
  { rounds, blockSeconds, warmSeconds }: Effort,
  note: (round: number) => void,
): Promise<readonly Timing[]> {
  const counts: number[] = [];
  const slow: boolean[] = [];
  for (const peer of peers) {
    const { times } = await peer.steps(1_000_000, warmSeconds);
    const stepTime = median(times.slice(Math.floor(times.length / 2)));
    counts.push(blockOf(stepTime, blockSeconds));
    slow.push(stepTime > 10_000 * blockSeconds);
  }
  const samples = peers.map(() => new Array<number>());
  const blocks = peers.map(() => new Array<number>());
  const memory = peers.map(() => 0);
  const order = [...peers.keys()];
  for (let round = 0; round < rounds; round++) {
    note(round + 1);
    for (const place of round % 2 === 0 ? order : [...order].reverse()) {
      if (slow[place] === true && round >= slowRounds) continue;
      const { times, peakMemory } = await (peers[place] as PeerProcess).steps(counts[place] ?? 1, 1e6);
      samples[place]?.push(...times);
      blocks[place]?.push(median(times));
      memory[place] = peakMemory;
    }
  }
  return peers.map((_, place) => ({
    time: summarize(samples[place] ?? []),
    steps: samples[place]?.length ?? 0,
    ratio: median((blocks[place] ?? []).map((time, round) => time / (blocks[0]?.[round] ?? Number.NaN))),
    peakMemory: memory[place] ?? Number.NaN,
  }));
}
