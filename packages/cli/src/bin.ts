#!/usr/bin/env node
// The executable: hands the arguments to `main` and exits with its code.

import { main } from "./index.ts";

process.exitCode = await main(process.argv.slice(2));
