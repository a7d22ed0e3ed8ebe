// Before every test file: property tests draw a new seed each run and print it on failure;
// `SEED=… RUNS=… pnpm run unit` repeats a failure or looks longer.

import fc from "fast-check";

const { SEED, RUNS } = process.env;

fc.configureGlobal({
  ...(SEED === undefined ? {} : { seed: Number(SEED) }),
  ...(RUNS === undefined ? {} : { numRuns: Number(RUNS) }),
});
