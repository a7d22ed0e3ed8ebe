// Optimizers as graphs: the next value of every parameter, and of the optimizer's own state, as updates.

import { add, div, expm1, mul, neg, parameter, sqrt, square, sub, type Tensor } from "@wengert/tensor";

/** An optimizer as plain data. */
export type Optimizer =
  /** p := p - α g */
  | { readonly name: "gradientDescent" }
  /** v := β v + (1 - β) g, p := p - α v, as the course has it; `classical`: v := β v + g (Polyak 1964). */
  | { readonly name: "momentum"; readonly beta?: number; readonly classical?: boolean }
  /** s := β s + (1 - β) g², p := p - α g/(√s + ε) (Tieleman & Hinton 2012). */
  | { readonly name: "rmsprop"; readonly beta?: number; readonly epsilon?: number }
  /** Kingma & Ba 2015, with bias correction. */
  | { readonly name: "adam"; readonly beta1?: number; readonly beta2?: number; readonly epsilon?: number }
  /** Adam with decoupled weight decay λ: p := p - α (… + λ p) (Loshchilov & Hutter 2019); biases do not decay. */
  | {
      readonly name: "adamW";
      readonly beta1?: number;
      readonly beta2?: number;
      readonly epsilon?: number;
      readonly weightDecay?: number;
    };

/** The name of an optimizer. */
export type OptimizerName = Optimizer["name"];

/** The names of all optimizers. */
export const optimizerNames: readonly OptimizerName[] = Object.freeze([
  "gradientDescent",
  "momentum",
  "rmsprop",
  "adam",
  "adamW",
]);

/** What an optimizer is given for one parameter. */
export interface OptimizerStep {
  readonly name: string;
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  /** α, a scalar. */
  readonly learningRate: Tensor;
  /** Steps with this one, a float scalar from 1. */
  readonly count: Tensor;
}

/** The parameter's next value, and the state that the optimizer keeps for it with its next values. */
export interface OptimizerResult {
  readonly next: Tensor;
  readonly state: Readonly<Record<string, Tensor>>;
  readonly stateNext: Readonly<Record<string, Tensor>>;
}

/** State of the type of the parameter, which begins at 0. */
function moment(kind: string, { name, parameter: p }: OptimizerStep): Tensor {
  return parameter(`${kind}/${name}`, p.shape, { dtype: p.dtype });
}

/** β average + (1 - β) value. */
function average(beta: number, before: Tensor, value: Tensor): Tensor {
  return add(mul(before, beta), mul(value, 1 - beta));
}

function descend(p: Tensor, rate: Tensor, direction: Tensor): Tensor {
  return sub(p, mul(direction, rate));
}

/** 1 - βᵗ: what an average that began at 0 has of its weight after t steps. By expm1, as β and 1 share digits. */
function correction(beta: number, count: Tensor): Tensor {
  return neg(expm1(mul(count, Math.log(beta))));
}

function momentum(step: OptimizerStep, beta: number, classical: boolean): OptimizerResult {
  const v = moment("velocity", step);
  const next = classical ? add(mul(v, beta), step.gradient) : average(beta, v, step.gradient);
  return result(step, next, { v, next });
}

function result(step: OptimizerStep, direction: Tensor, ...moments: readonly Moment[]): OptimizerResult {
  const name = (tensor: Tensor): string => tensor.attributes["name"] as string;
  return {
    next: descend(step.parameter, step.learningRate, direction),
    state: Object.fromEntries(moments.map(({ v }) => [name(v), v])),
    stateNext: Object.fromEntries(moments.map(({ v, next }) => [name(v), next])),
  };
}

interface Moment {
  readonly v: Tensor;
  readonly next: Tensor;
}

interface AdamOptions {
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
  readonly weightDecay?: number;
}

function adam(step: OptimizerStep, options: AdamOptions): OptimizerResult {
  const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = options;
  const [v, s] = [moment("firstMoment", step), moment("secondMoment", step)];
  const first = average(beta1, v, step.gradient);
  const second = average(beta2, s, square(step.gradient));
  // Both corrections are numbers: taken out of the fraction (Kingma and Ba 2015, end of section 2), they leave one
  // division and one root for every element.
  const rootOfCorrection: Tensor = sqrt(correction(beta2, step.count));
  const scale: Tensor = div(rootOfCorrection, correction(beta1, step.count));
  const spread: Tensor = add(sqrt(second), mul(rootOfCorrection, epsilon));
  const direction: Tensor = div(mul(first, scale), spread);
  const decays = weightDecay !== 0 && step.name.startsWith("W");
  const whole = decays ? add(direction, mul(step.parameter, weightDecay)) : direction;
  return result(step, whole, { v, next: first }, { v: s, next: second });
}

/**
 * What the optimizer makes of one parameter and its gradient: the parameter's next value, and that of the moments
 * which it keeps for it, of the parameter's shape and beginning at 0. With $t$ counted from 1:
 *
 * - `gradientDescent`: $p := p - \alpha g$
 * - `momentum`: $v := \beta v + (1 - \beta) g$, $p := p - \alpha v$; classical: $v := \beta v + g$
 * - `rmsprop`: $s := \beta s + (1 - \beta) g^2$, $p := p - \alpha g / (\sqrt{s} + \varepsilon)$
 * - `adam`: both, and $p := p - \alpha \frac{v / (1 - \beta_1^t)}{\sqrt{s / (1 - \beta_2^t)} + \varepsilon}$
 * - `adamW`: the same, and $\alpha \lambda p$ is taken off weights besides
 */
export function optimize(optimizer: Optimizer, step: OptimizerStep): OptimizerResult {
  switch (optimizer.name) {
    case "gradientDescent":
      return result(step, step.gradient);
    case "momentum":
      return momentum(step, optimizer.beta ?? 0.9, optimizer.classical ?? false);
    case "rmsprop": {
      const s = moment("secondMoment", step);
      const next = average(optimizer.beta ?? 0.9, s, square(step.gradient));
      return result(step, div(step.gradient, add(sqrt(next), optimizer.epsilon ?? 1e-8)), { v: s, next });
    }
    case "adam":
      return adam(step, optimizer);
    case "adamW":
      return adam(step, { weightDecay: 0.01, ...optimizer });
  }
}
