// sqrt, which machines round correctly, and its reciprocal by a division: two roundings, so at most 1.5 ulp.

import type { Local } from "../wasm/code.ts";
import type { Lanes } from "./lanes.ts";

/** √x. */
export function sqrt({ float }: Lanes, x: Local): Local {
  return float("sqrt", x);
}

/** 1 / √x. */
export function rsqrt({ float, div, constant }: Lanes, x: Local): Local {
  return div(constant(1), float("sqrt", x));
}
