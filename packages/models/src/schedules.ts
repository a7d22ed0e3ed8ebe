// How the learning rate changes: functions from the step, counted from 0, to a factor of the initial rate.

import { add, cos, div, exp, floor, minimum, mul, pow, type Tensor } from "@wengert/tensor";

/** A schedule as plain data. */
export type Schedule =
  | { readonly name: "constant" }
  /** 1/(1 + decay · ⌊t/every⌋), the course's with `every` steps an epoch. */
  | { readonly name: "inverseTime"; readonly decay: number; readonly every?: number }
  /** decay^(t/every). */
  | { readonly name: "exponential"; readonly decay: number; readonly every?: number }
  /** decay^⌊t/every⌋. */
  | { readonly name: "step"; readonly decay: number; readonly every: number }
  /** From 1 along half a cosine to `minimum` at `steps` (Loshchilov & Hutter 2017). */
  | { readonly name: "cosine"; readonly steps: number; readonly minimum?: number }
  /** (t + 1)/steps up to 1. */
  | { readonly name: "warmUp"; readonly steps: number };

/** The factor at a step, a float scalar node. */
export function scheduleFactor(schedule: Schedule, t: Tensor): Tensor {
  switch (schedule.name) {
    case "constant":
      return add(mul(t, 0), 1);
    case "inverseTime":
      return div(1, add(mul(floor(div(t, schedule.every ?? 1)), schedule.decay), 1));
    case "exponential":
      return exp(mul(div(t, schedule.every ?? 1), Math.log(schedule.decay)));
    case "step":
      return pow(add(mul(t, 0), schedule.decay), floor(div(t, schedule.every)));
    case "cosine": {
      const low = schedule.minimum ?? 0;
      const progress = minimum(div(t, schedule.steps), 1);
      return add(mul(add(cos(mul(progress, Math.PI)), 1), (1 - low) / 2), low);
    }
    case "warmUp":
      return minimum(div(add(t, 1), Math.max(1, schedule.steps)), 1);
  }
}

/** The learning rate at a step: the initial one times the factors of all schedules. */
export function learningRateAt(initial: number, schedules: readonly Schedule[], t: Tensor): Tensor {
  const factors = schedules.map((schedule) => scheduleFactor(schedule, t));
  const rate: Tensor = factors.length === 0 ? add(mul(t, 0), initial) : mul(factors[0] as Tensor, initial);
  return factors.slice(1).reduce((product, factor) => mul(product, factor), rate);
}
