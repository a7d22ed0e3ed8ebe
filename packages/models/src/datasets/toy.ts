// Two-dimensional sets of points in classes, by formula and seed: what a linear model cannot separate.

import { InputError, threefryBits } from "@wengert/tensor";
import { dataset, type Dataset } from "./dataset.ts";
import { requireSeed } from "./seed.ts";

/** Which points of a toy set. */
export interface ToyOptions {
  /** How many points; default 400. */
  readonly m?: number;
  /** The standard deviation of the points about their curve; each set has its own default. */
  readonly noise?: number;
  /** The same seed gives the same points; a whole number from 0 to 2³² - 1, default 0. */
  readonly seed?: number;
}

/** A point at position `t` in [0, 1] of the curve of a class, given two standard normal numbers. */
type Curve = (
  label: number,
  t: number,
  normal: readonly [number, number],
  noise: number,
) => readonly [number, number];

/** Two interleaved half circles of radius 1; default noise 0.1. */
export function twoMoons(options: ToyOptions = {}): Dataset {
  return toySet("two moons", 2, { noise: 0.1, ...options }, (label, t, [u, v], noise) => {
    const angle = Math.PI * t;
    const [x, y] =
      label === 0 ? [Math.cos(angle), Math.sin(angle)] : [1 - Math.cos(angle), 0.5 - Math.sin(angle)];
    return [x + noise * u, y + noise * v];
  });
}

/** A circle of radius ½ within one of radius 1; default noise 0.05. */
export function circles(options: ToyOptions = {}): Dataset {
  return toySet("circles", 2, { noise: 0.05, ...options }, (label, t, [u, v], noise) => {
    const radius = label === 0 ? 1 : 0.5;
    return [radius * Math.cos(2 * Math.PI * t) + noise * u, radius * Math.sin(2 * Math.PI * t) + noise * v];
  });
}

/** Arms of a spiral, a class each, 2 by default; default noise 0.2 of an angle in radians. */
export function spirals(options: ToyOptions & { readonly classes?: number } = {}): Dataset {
  const { classes = 2, ...rest } = options;
  if (!Number.isInteger(classes) || classes < 2) {
    throw new InputError(`spirals: classes must be a whole number of at least 2, got ${classes}`);
  }
  return toySet("spirals", classes, { noise: 0.2, ...rest }, (label, t, [u], noise) => {
    const angle = 4 * t + (2 * Math.PI * label) / classes + noise * u;
    return [t * Math.sin(angle), t * Math.cos(angle)];
  });
}

/**
 * A flower of eight petals, four of each class, on r = 4 sin 4θ: the planar set of the introductory course;
 * default noise 0.2.
 */
export function flower(options: ToyOptions = {}): Dataset {
  return toySet("flower", 2, { noise: 0.2, ...options }, (label, t, [u, v], noise) => {
    const angle = (label + t) * 3.12 + noise * u;
    const radius = 4 * Math.sin(4 * angle) + noise * v;
    return [radius * Math.sin(angle), radius * Math.cos(angle)];
  });
}

function toySet(
  name: string,
  classes: number,
  options: ToyOptions & { readonly noise: number },
  curve: Curve,
): Dataset {
  const { m = 400, noise, seed = 0 } = options;
  if (!Number.isInteger(m) || m < classes) {
    throw new InputError(`${name}: m must be a whole number of at least ${classes} points, got ${m}`);
  }
  if (!(noise >= 0 && noise < Number.POSITIVE_INFINITY)) {
    throw new InputError(`${name}: noise must be a finite number from 0, got ${noise}`);
  }
  requireSeed(name, seed);
  const bits = threefryBits(Uint32Array.of(0, seed), m);
  const labels = Int32Array.from({ length: m }, (_, i) => i % classes);
  const points = new Float64Array(2 * m);
  for (let i = 0; i < m; i++) {
    const place = Math.floor(i / classes) / Math.max(1, Math.ceil(m / classes) - 1);
    const label = labels[i] as number;
    points.set(
      curve(label, place, normalPair(bits[2 * i] as number, bits[2 * i + 1] as number), noise),
      2 * i,
    );
  }
  const classNames = Array.from({ length: classes }, (_, label) => String(label));
  return dataset({ name, examples: points, features: 2, labels, classNames });
}

/** Two independent standard normal numbers of two random words (Box & Muller 1958). */
function normalPair(first: number, second: number): readonly [number, number] {
  const radius = Math.sqrt(-2 * Math.log((first + 0.5) / 2 ** 32));
  const angle = (2 * Math.PI * second) / 2 ** 32;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
