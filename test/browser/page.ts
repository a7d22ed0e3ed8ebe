// The page that Vite bundles: training on the engine, and programs made by hand, whose step ends only when a worker has
// taken part in it.

import { detectPlatform } from "../../packages/engine/src/platform.ts";
import { instantiate } from "../../packages/engine/src/instance.ts";
import { copyOut, createMemory, view } from "../../packages/engine/src/memory.ts";
import { threadPool } from "../../packages/engine/src/pool.ts";
import { expectedCells, orders, places, threadedProgram } from "../threaded-program.ts";
import { report } from "./report.ts";
import { train } from "./scenario.ts";

/** Whether programs of threads give what plain JavaScript gives: one that is hot, parked, asleep, and on its own. */
async function threads(): Promise<{ readonly right: boolean; readonly platform: unknown }> {
  const platform = detectPlatform();
  const workers = platform.threads ? 2 : 0;
  const pool = threadPool(workers);
  await pool.ready();
  const options = {
    chunks: 9,
    rounds: 50,
    meet: workers > 0,
    workers: workers > 0,
    blocking: false,
    idle: 50,
  };
  const memory = createMemory({ pages: 1, shared: workers > 0 });
  const runner = pool.runner(await instantiate(threadedProgram(options), memory));
  const word = (address: number): Int32Array => view(memory, "i32", { address, length: 1 }) as Int32Array;
  let steps = 0;
  for (const pause of [0, 0, 10, 200, 0]) {
    await new Promise((resolve) => {
      setTimeout(resolve, pause);
    });
    if (workers > 0) {
      word(places.arrived)[0] = 0;
      word(places.order)[0] = orders.goOn;
    }
    runner.step();
    word(places.order)[0] = orders.none;
    for (let step = 0; step < 100; step++) runner.step();
    steps += 101;
  }
  const cells = copyOut(memory, "i32", { address: places.cells, length: options.chunks });
  pool.close();
  return { right: String(cells) === String(expectedCells(options, steps)), platform };
}

await report(async () => ({ threads: await threads(), training: await train() }));
