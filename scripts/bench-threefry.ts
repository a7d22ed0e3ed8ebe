// The speed of threefryBits: million pairs of words a second, the best of several runs after warm-up.
// `pnpm exec tsx --conditions=@wengert/source scripts/bench-threefry.ts`

import { threefryBits } from "@wengert/tensor";

const pairs = 4_000_000;
const key = Uint32Array.of(1, 2);

const milliseconds = Array.from({ length: 8 }, () => {
  const start = performance.now();
  threefryBits(key, pairs);
  return performance.now() - start;
});
console.log(`${(pairs / Math.min(...milliseconds) / 1000).toFixed(1)} M pairs/s`);
