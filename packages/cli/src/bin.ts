#!/usr/bin/env node
// The executable: hands the arguments to `main` and exits with its code. The first interrupt stops training and
// shows what was learned so far, the second one exits; so does a reader that has read enough, like `head`.

import { main } from "./index.ts";

const controller = new AbortController();
process.once("SIGINT", () => {
  controller.abort();
  process.once("SIGINT", () => process.exit(130));
});
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});
process.exitCode = await main(process.argv.slice(2), { signal: controller.signal });
