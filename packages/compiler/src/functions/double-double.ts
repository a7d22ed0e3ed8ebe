// Sums and products of doubles with their rounding errors: unevaluated pairs of about 106 bits (Dekker 1971).
// No step may be fused, or the errors would not be those of the rounded results.

import type { Local } from "../wasm/code.ts";
import type { Lanes } from "./lanes.ts";

/** high + low, with low at most half a unit in the last place of high. */
export interface Pair {
  readonly high: Local;
  readonly low: Local;
}

/** x + y exactly, for |x| ≥ |y|. */
export function fastSum({ add, sub }: Lanes, x: Local, y: Local): Pair {
  const high = add(x, y);
  return { high, low: sub(y, sub(high, x)) };
}

/** x + y exactly. */
export function sum({ add, sub }: Lanes, x: Local, y: Local): Pair {
  const high = add(x, y);
  const back = sub(high, x);
  return { high, low: add(sub(x, sub(high, back)), sub(y, back)) };
}

/** The upper 26 bits of a double and the rest; no overflow below 2^996. */
function split({ sub, mul, constant }: Lanes, x: Local): Pair {
  const scaled = mul(x, constant(2 ** 27 + 1));
  const high = sub(scaled, sub(scaled, x));
  return { high, low: sub(x, high) };
}

/** x · y exactly, where neither it nor its parts overflow or underflow. */
export function product(lanes: Lanes, x: Local, y: Local): Pair {
  const { add, sub, mul } = lanes;
  const high = mul(x, y);
  const [a, b] = [split(lanes, x), split(lanes, y)];
  const cross = add(sub(mul(a.high, b.high), high), add(mul(a.high, b.low), mul(a.low, b.high)));
  return { high, low: add(cross, mul(a.low, b.low)) };
}

/** The product of two pairs to about 102 bits. */
export function multiplyPairs(lanes: Lanes, x: Pair, y: Pair): Pair {
  const { add, mul } = lanes;
  const { high, low } = product(lanes, x.high, y.high);
  return fastSum(lanes, high, add(low, add(mul(x.high, y.low), mul(x.low, y.high))));
}
