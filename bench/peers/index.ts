// A table of the peers that run in JavaScript: each module is loaded in its own process alone.

import { type Data } from "../data.ts";
import { type Net } from "../nets.ts";
import { type ElementwiseName, type Task } from "../protocol.ts";

/** What a peer can do. */
export interface PeerModule {
  /** The training of a network from the given parameters. */
  readonly training: (net: Net, data: Data) => Promise<Task>;
  /** An elementwise operation over elements from -4 to 4; the step gives its first element. */
  readonly elementwise: (op: ElementwiseName, elements: number) => Promise<Task>;
}

/** Elements from -4 to 4, so that no function is in a range where it is constant or overflows. */
export function elementwiseInput(elements: number): Float32Array {
  return Float32Array.from({ length: elements }, (_, i) => ((i * 7919) % 8001) / 1000 - 4);
}

/** The module of a peer, made from the arguments of its process: its name, then what it takes. */
export async function loadPeer([name, ...rest]: readonly string[]): Promise<PeerModule> {
  switch (name) {
    case "wengert":
      return (await import("./wengert.ts")).wengertPeer({
        threads: Number(rest[0] ?? 1),
        turbo: rest[1] === "turbo",
      });
    case "jax-js":
      return (await import("./jax-js.ts")).jaxJsPeer(rest[0] === "columns" ? "columns" : "rows");
    case "tfjs":
      return (await import("./tfjs.ts")).tfjsPeer(rest[0] === "cpu" ? "cpu" : "wasm");
    default:
      throw new Error(`there is no peer ${name ?? ""}`);
  }
}
