// Order statistics of samples.

/** The quantile q from 0 to 1, between neighbours by proportion; NaN of nothing. */
export function quantile(samples: readonly number[], q: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const place = (sorted.length - 1) * q;
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** The middle one. */
export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** The median and the quartiles. */
export interface Summary {
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

/** The median and the quartiles of samples. */
export function summarize(samples: readonly number[]): Summary {
  return { low: quantile(samples, 0.25), median: median(samples), high: quantile(samples, 0.75) };
}
