#!/usr/bin/env node
// The executable: hands the arguments to `main` and exits with its code. The first interrupt stops training and
// shows what was learned so far, the second one exits.

import { main } from "./index.ts";

const controller = new AbortController();
process.once("SIGINT", () => {
  controller.abort();
  process.once("SIGINT", () => process.exit(130));
});
process.exitCode = await main(process.argv.slice(2), { signal: controller.signal });
