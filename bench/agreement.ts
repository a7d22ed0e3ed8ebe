// Whether peers compute the same: the costs of their first steps agree within what rounding can explain.

import { type Net } from "./nets.ts";

/** Steps that are compared. */
export const comparedSteps = 10;

/**
 * The relative tolerance of costs in f32. A sum of n products in any order is off by about √n u of its terms' size
 * (u = 2⁻²⁴, Higham 2002, 3.5), and each step goes through three products a layer, whose errors the next step begins
 * with: √n u · 3 layers · steps. The factor 4 covers operations other than products. A wrong formula, rate or
 * batch is off by percents at the second step.
 */
export function lossTolerance({ units, batch }: Net): number {
  const longest = Math.max(...units, batch);
  return 4 * Math.sqrt(longest) * 2 ** -24 * 3 * (units.length - 1) * comparedSteps;
}

/** The largest relative difference of the costs that both have. */
export function lossDifference(losses: readonly number[], reference: readonly number[]): number {
  const common = Math.min(losses.length, reference.length);
  let worst = 0;
  for (let i = 0; i < common; i++) {
    const [a, b] = [losses[i] ?? Number.NaN, reference[i] ?? Number.NaN];
    const difference = Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
    // A cost that is not a number agrees with none.
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return worst;
}

/** Fails where a peer's costs are not those of the first one, or do not fall. */
export function requireAgreement(
  net: Net,
  title: string,
  losses: readonly number[],
  reference: readonly number[],
): void {
  const difference = lossDifference(losses, reference);
  const tolerance = lossTolerance(net);
  if (!(difference <= tolerance)) {
    throw new Error(
      `${title} does not compute the same for ${net.name}: costs differ by ${difference.toExponential(1)} of their size, ` +
        `more than ${tolerance.toExponential(1)}\n  its  ${losses.join(", ")}\n  ours ${reference.join(", ")}`,
    );
  }
  const [first = Number.NaN, last = Number.NaN] = [losses[0], losses.at(-1)];
  if (losses.length === comparedSteps && !(last < first)) {
    throw new Error(`${title}: the cost of ${net.name} does not fall: ${losses.join(", ")}`);
  }
}
