// The numerical gradient check of the course, of a whole network: two-sided differences of the cost against the
// derived gradient, in double precision whatever the network is trained in.

import {
  arrayFrom,
  graph,
  InputError,
  interpret,
  type Arrays,
  type NdArray,
  type Tensor,
  type TypedArray,
} from "@wengert/tensor";
import { permutation } from "./datasets/permutation.ts";
import { checkedExamples, type Examples } from "./examples-check.ts";
import { lLayerNetwork, type Network } from "./l-layer-network.ts";
import { exampleRule, trainingStep, type TrainingStep, type TrainingStepOptions } from "./training-step.ts";

/** How to check. */
export interface GradientCheckOptions {
  /** At most so many numbers, drawn by the seed; default 200. `Infinity` for all. */
  readonly sample?: number;
  readonly seed?: number;
  /** The distance ε on each side; default 1e-5. */
  readonly distance?: number;
  /** Gradients to check in place of the derived ones, such as those of a backward pass of one's own. */
  readonly gradients?: Arrays;
}

/** What a gradient check found. */
export interface GradientCheckResult {
  /** ‖g - ĝ‖ / (‖g‖ + ‖ĝ‖): below 1e-7 is right, above 1e-3 wrong (the course). */
  readonly relativeDifference: number;
  readonly checked: number;
  readonly parameters: number;
  /** The parameter with the largest error: its name, position, derived and numerical derivative. */
  readonly worst: {
    readonly name: string;
    readonly index: number;
    readonly derived: number;
    readonly numerical: number;
  };
}

/**
 * The relative difference between the derived and the numerical gradient of a training step's cost, in double
 * precision: $\|g - \hat{g}\| / (\|g\| + \|\hat{g}\|)$ with $\hat{g}_i = (J(\theta_i + \varepsilon) -
 * J(\theta_i - \varepsilon)) / 2\varepsilon$. Dropout is off; batch normalization is as in training.
 * @param state values of all parameters, and of anything else
 * @param examples the columns X and targets Y that the cost is taken of
 * @param how what to check, and how finely
 * @throws InputError when the examples do not fit, a parameter has no value, or an option is out of range.
 */
export function gradientCheck<P>(
  options: TrainingStepOptions<P>,
  state: Arrays,
  examples: Examples,
  { sample = 200, seed = 0, distance = 1e-5, gradients }: GradientCheckOptions = {},
): GradientCheckResult {
  if (!(distance > 0)) throw new InputError(`gradientCheck: distance must be positive, got ${distance}`);
  if (!(sample >= 1)) throw new InputError(`gradientCheck: sample must be at least 1, got ${sample}`);
  const step = trainingStep({ ...options, network: inDoubles(options.network) });
  const parameters = valuesOf("value", step.parameterNames, state);
  const feeds = { ...doubleExamples(step, examples), ...parameters };
  const derived =
    gradients === undefined
      ? interpret(graph(step.gradients as Readonly<Record<string, Tensor>>)).run(feeds).outputs
      : valuesOf("gradient", step.parameterNames, gradients);
  const program = interpret(graph({ cost: step.cost }));
  const cost = (): number => program.run(feeds).outputs["cost"]?.data[0] as number;
  const places = Object.entries(parameters).flatMap(([name, { data }]) =>
    Array.from(data, (_, index) => ({ name, index })),
  );
  const chosen = permutation(places.length, seed).subarray(0, Math.min(sample, places.length));
  const comparisons = Array.from(chosen, (place): Comparison => {
    const { name, index } = places[place] as (typeof places)[number];
    const { data } = parameters[name] as NdArray;
    const numerical = difference(data, index, distance, cost);
    return Object.freeze({ name, index, derived: derived[name]?.data[index] as number, numerical });
  });
  return summary(comparisons, places.length);
}

/** (f(x + ε) - f(x - ε)) / 2ε in one element, which has its value again afterwards. */
function difference(data: TypedArray, index: number, distance: number, cost: () => number): number {
  const before = data[index] as number;
  const costAt = (value: number): number => {
    data[index] = value;
    return cost();
  };
  const [above, below] = [costAt(before + distance), costAt(before - distance)];
  data[index] = before;
  return (above - below) / (2 * distance);
}

type Comparison = GradientCheckResult["worst"];

function summary(comparisons: readonly Comparison[], parameters: number): GradientCheckResult {
  const norm = (of: (each: Comparison) => number): number =>
    Math.sqrt(comparisons.reduce((total, each) => total + of(each) ** 2, 0));
  const gap = ({ derived, numerical }: Comparison): number => Math.abs(derived - numerical);
  const scale = norm((each) => each.derived) + norm((each) => each.numerical);
  return Object.freeze({
    relativeDifference: scale === 0 ? 0 : norm(gap) / scale,
    checked: comparisons.length,
    parameters,
    worst: comparisons.reduce((a, b) => (gap(b) > gap(a) ? b : a)),
  });
}

function doubleExamples<P>({ options }: TrainingStep<P>, examples: Examples): Arrays {
  const { X, Y } = checkedExamples(examples, { ...exampleRule(options), stage: "gradientCheck" });
  return { X: doubles(X), Y: doubles(Y) };
}

function inDoubles<P>(network: Network<P>): Network<P> {
  const { units, activations, batchNormalization } = network.specification;
  const again = lLayerNetwork({
    units,
    hidden: activations.slice(0, -1),
    output: activations.at(-1) as (typeof activations)[number],
    batchNormalization,
    dtype: "f64",
  });
  // The same names; only the dtype differs.
  return again as unknown as Network<P>;
}

function doubles(value: NdArray): NdArray {
  return arrayFrom(Float64Array.from(value.data), value.shape);
}

/** Private copies in double precision of the named values. */
function valuesOf(kind: string, names: readonly string[], values: Arrays): Arrays {
  return Object.fromEntries(
    names.map((name) => {
      const value = values[name];
      if (value !== undefined) return [name, doubles(value)];
      throw new InputError(`gradientCheck: every parameter needs a ${kind}, got none for ${name}`);
    }),
  );
}
