// Training steps of one network by all peers: the same data for all, costs compared first, then timed alternately.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { comparedSteps, lossDifference, requireAgreement } from "./agreement.ts";
import { alternate, type Timing } from "./alternate.ts";
import { drawData, writeData } from "./data.ts";
import { productOperations, type Net, type NetName } from "./nets.ts";
import { type Options } from "./options.ts";
import { startPeer, type PeerProcess } from "./peer-process.ts";
import { type PeerRow } from "./peers.ts";
import { type Prepared } from "./protocol.ts";

/** What one peer did with one network. */
export interface NetResult extends Timing {
  readonly net: NetName;
  readonly peer: string;
  readonly title: string;
  readonly ours: boolean;
  readonly about: string;
  /** Billions of operations of the matrix products a second, at the median. */
  readonly rate: number;
  readonly compileTime: number;
  readonly firstTime: number;
  /** The largest relative difference from our costs in the first steps. */
  readonly lossDifference: number;
}

/** A peer that has begun with a network. */
interface Begun {
  readonly row: PeerRow;
  readonly peer: PeerProcess;
  readonly prepared: Prepared;
  readonly losses: readonly number[];
}

/** Measures one network with the given peers. */
export async function measureNet(
  net: Net,
  rows: readonly PeerRow[],
  options: Options,
  note: (line: string) => void,
): Promise<readonly NetResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "wengert-bench-"));
  const file = join(folder, "data");
  writeData(file, drawData(net, 1));
  const begun: Begun[] = [];
  const started: PeerProcess[] = [];
  try {
    for (const row of rows) {
      note(`${net.name}: ${row.title} begins`);
      const peer = startPeer(row.title, row.command);
      started.push(peer);
      begun.push(await begin({ net, file, row, peer, seconds: options.checkSeconds }));
      const { losses } = begun.at(-1) as Begun;
      requireAgreement(net, row.title, losses, begun[0]?.losses ?? losses);
    }
    const timings = await alternate(
      begun.map(({ peer }) => peer),
      options.effort,
      (round) => note(`${net.name}: round ${round} of ${options.effort.rounds}`),
    );
    return timings.map((timing, place) =>
      resultOf(net, begun[place] as Begun, timing, begun[0]?.losses ?? []),
    );
  } finally {
    await Promise.all(started.map((peer) => peer.end()));
    rmSync(folder, { recursive: true });
  }
}

interface Beginning {
  readonly net: Net;
  readonly file: string;
  readonly row: PeerRow;
  readonly peer: PeerProcess;
  readonly seconds: number;
}

/** Prepares a peer and runs the steps that are compared. */
async function begin({ net, file, row, peer, seconds }: Beginning): Promise<Begun> {
  const prepared = await peer.prepare({ kind: "prepare", net, file });
  const { losses } = await peer.steps(comparedSteps - 1, seconds);
  return { row, peer, prepared, losses: [prepared.loss, ...losses] };
}

function resultOf(
  net: Net,
  { row, prepared, losses }: Begun,
  timing: Timing,
  ours: readonly number[],
): NetResult {
  return {
    net: net.name,
    peer: row.id,
    title: row.title,
    ours: row.ours,
    about: prepared.about,
    ...timing,
    rate: productOperations(net) / timing.time.median / 1e6,
    compileTime: prepared.compileTime,
    firstTime: prepared.firstTime,
    lossDifference: lossDifference(losses, ours),
  };
}
