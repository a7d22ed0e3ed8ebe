// Which turns of the outermost loop a call runs, and how many these can be. The number of all of them is a constant, or
// one that the program learns when it runs.

import type { Code, Local } from "../wasm/code.ts";
import type { Chunks } from "./chunks.ts";
import type { Nest } from "./nest.ts";

/** The first turn, and the first after the last. */
export interface Bounds {
  readonly from: Local;
  readonly to: Local;
}

/** The turns of a chunk; undefined where these are all turns, whose number is constant. */
export function outermostBounds(
  code: Code,
  {
    nest,
    chunks,
    boundsAddress,
  }: { readonly nest: Nest; readonly chunks: Chunks; readonly boundsAddress: number },
): Bounds | undefined {
  const { bound } = nest;
  const { count, length, total } = chunks;
  if (bound === undefined && count === 1) return undefined;
  const all = bound === undefined ? code.i32(total) : turnsNow(code, bound, boundsAddress);
  if (count === 1) return { from: code.i32(0), to: all };
  const begin = code.op("i32.mul", code.parameters[0]!, code.i32(length));
  // A chunk may lie behind all turns that there are now.
  const from = bound === undefined ? begin : lesser(code, begin, all);
  return { from, to: lesser(code, code.op("i32.add", begin, code.i32(length)), all) };
}

/** How many turns the outermost loop has in this run. */
function turnsNow(code: Code, { number, turns }: NonNullable<Nest["bound"]>, boundsAddress: number): Local {
  const count = code.opWith("i32.load", [boundsAddress + 4 * number], code.i32(0));
  return code.op("i32.mul", count, code.i32(turns));
}

/** The lesser of two numbers without sign. */
export function lesser(code: Code, a: Local, b: Local): Local {
  const result = code.local("i32");
  for (const each of [a, b, a, b]) code.emit("local.get", each);
  code.emit("i32.lt_u");
  code.emit("select");
  code.emit("local.set", result);
  return result;
}

/**
 * How many turns chunks have: the last one may have fewer. Where that is known late, a number that leaves as much after
 * whole steps, which are no longer than 64 turns, as any could.
 */
export function lengthsOf({ bound }: Nest, { count, length, total }: Chunks): readonly number[] {
  if (bound === undefined) return [length, total - (count - 1) * length];
  // Numbers of turns are multiples of this power of 2.
  const unit = Math.min(64, (bound.turns & -bound.turns) >>> 0);
  return [128 - unit];
}
