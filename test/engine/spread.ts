// Whether results lie among those that rounding can give: within a small multiple of the spread of perturbed runs.

import type { Arrays, Graph, NdArray, Sizes } from "@wengert/tensor";
import { disagreement } from "./agreement.ts";
import { randomFrom, type Random } from "./elements.ts";
import { perturbed, unperturbed, type Results, type Run } from "./perturbed.ts";

/** Random directions find only a part of what an error can do. */
const multiple = 8;

/** Perturbed runs before a result is refused, in rounds: most results are found near after a few. */
const rounds = [6, 60, 500] as const;

/** How far an element has been seen from where it is without errors. */
interface Reach {
  readonly spread: Float64Array;
  /** Where some run was not finite and another was something else. */
  readonly open: Uint8Array;
}

/** What is wrong with results, in sentences; none when rounding explains them. */
export function unexplained(
  found: Results,
  document: Graph,
  { values, sizes = {} }: { readonly values: Arrays; readonly sizes?: Sizes },
): readonly string[] {
  const run = { values, sizes };
  const exact = unperturbed(document, run);
  const reaches = new Map(
    Object.entries(exact).map(([name, { data }]) => [
      name,
      { spread: new Float64Array(data.length), open: new Uint8Array(data.length) },
    ]),
  );
  const random = randomFrom(1);
  const fuses = Object.values(document.nodes).some(({ primitive }) => primitive === "dot");
  let problems: readonly string[] = [];
  for (const runs of rounds) {
    extend(reaches, { document, run, exact, runs, random });
    problems = Object.entries(exact).flatMap(([name, wanted]) => {
      const problem = outside(found[name]!, wanted, { ...reaches.get(name)!, fuses });
      return problem === undefined ? [] : [`${name}: ${problem}`];
    });
    if (problems.length === 0) break;
  }
  return problems;
}

function extend(
  reaches: ReadonlyMap<string, Reach>,
  {
    document,
    run,
    exact,
    runs,
    random,
  }: { document: Graph; run: Run; exact: Results; runs: number; random: Random },
): void {
  for (let turn = 0; turn < runs; turn++) {
    const other = perturbed(document, { ...run, random });
    for (const [name, { data }] of Object.entries(exact)) {
      const { spread, open } = reaches.get(name)!;
      for (let i = 0; i < data.length; i++) {
        const [a, b] = [data[i]!, other[name]!.data[i]!];
        if (Object.is(a, b)) continue;
        if (Number.isFinite(a) && Number.isFinite(b)) spread[i] = Math.max(spread[i]!, Math.abs(a - b));
        else open[i] = 1;
      }
    }
  }
}

/**
 * Where a product of two elements underflows, a sum of 0 and it is 0; a fused multiply-add, which rounds once, keeps
 * the sign of the product (IEEE 754, fusedMultiplyAdd). So products of matrices leave the sign of a 0 open.
 */
function outside(
  found: NdArray,
  wanted: NdArray,
  { spread, open, fuses }: Reach & { readonly fuses: boolean },
): string | undefined {
  if (found.data.length !== wanted.data.length) return disagreement(found, wanted);
  for (let i = 0; i < wanted.data.length; i++) {
    const [a, b] = [found.data[i]!, wanted.data[i]!];
    if (fuses && a === 0 && b === 0) continue;
    if (Object.is(a, b) || open[i] === 1) continue;
    if (spread[i]! > 0 && Math.abs(a - b) <= multiple * spread[i]!) continue;
    return `${a} for ${b} ± ${spread[i]} at ${i} of ${wanted.dtype}[${wanted.shape.join(", ")}]`;
  }
  return found.dtype === wanted.dtype && found.shape.join() === wanted.shape.join()
    ? undefined
    : disagreement(found, wanted);
}
