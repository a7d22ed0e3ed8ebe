// Which hyperparameters a sweep tries: all combinations of given values, or independent random ones by seed.

import { InputError, threefryBits } from "@wengert/tensor";
import { requireSeed } from "./datasets/seed.ts";
import type { Hyperparameters } from "./hyperparameters.ts";

/** A change of hyperparameters: whole fields in place of those of the base. */
export type Change = Partial<Hyperparameters>;

/** Values for some hyperparameters. */
export type Grid = { readonly [K in keyof Hyperparameters]?: readonly Hyperparameters[K][] };

/** All combinations of the values, those of the last field changing fastest. @throws InputError for an empty list. */
export function gridChoices(grid: Grid): readonly Change[] {
  return Object.entries(grid).reduce<readonly Change[]>(
    (choices, [field, values]) => {
      if (values.length === 0) throw new InputError(`sweep: ${field} must have values, got none`);
      return choices.flatMap((choice) => values.map((value) => ({ ...choice, [field]: value })));
    },
    [{}],
  );
}

/** Hyperparameters that are plain numbers. */
export type NumberField = {
  [K in keyof Hyperparameters]: number extends Hyperparameters[K] ? K : never;
}[keyof Hyperparameters];

/** Where a number is drawn from. */
export interface Range {
  readonly low: number;
  readonly high: number;
  /** `logarithmic`: every factor of 10 is as likely as another; default `linear`. */
  readonly scale?: "linear" | "logarithmic";
  /** Whether to round to whole numbers; default false. */
  readonly whole?: boolean;
}

/** Ranges for some hyperparameters. */
export type Ranges = { readonly [K in NumberField]?: Range };

/**
 * Choices at random, independent of each other; the same seed gives the same ones.
 * @throws InputError when a range is empty, or logarithmic and not positive, or the seed or the count is none.
 */
export function randomChoices(
  ranges: Ranges,
  options: { readonly count: number; readonly seed: number },
): readonly Change[] {
  const { count, seed } = options;
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new InputError(`sweep: count must be a whole number from 1, got ${count}`);
  }
  requireSeed("sweep", seed);
  const entries = Object.entries(ranges);
  for (const [field, range] of entries) requireRange(field, range);
  const bits = threefryBits(Uint32Array.of(0, seed), count * entries.length);
  return Array.from({ length: count }, (_, i) =>
    Object.fromEntries(
      entries.map(([field, range], j) => {
        const word = bits[2 * (i * entries.length + j)] as number;
        return [field, within(range, (word + 0.5) / 2 ** 32)];
      }),
    ),
  );
}

function requireRange(field: string, { low, high, scale = "linear" }: Range): void {
  if (scale !== "linear" && scale !== "logarithmic") {
    throw new InputError(`sweep: the scale of ${field} must be linear or logarithmic, got ${String(scale)}`);
  }
  const above = scale === "logarithmic" ? low > 0 : Number.isFinite(low);
  if (above && low <= high && Number.isFinite(high)) return;
  const rule = scale === "logarithmic" ? "0 < low <= high" : "low <= high";
  throw new InputError(`sweep: the range of ${field} must have ${rule}, got ${low} and ${high}`);
}

function within({ low, high, scale = "linear", whole = false }: Range, share: number): number {
  const value = scale === "linear" ? low + share * (high - low) : low * (high / low) ** share;
  return whole ? Math.round(value) : value;
}
