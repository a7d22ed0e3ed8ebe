// The numerical gradient check of the course, of a whole network: two-sided differences of the cost against the
// derived gradient, in double precision whatever the network is trained in.

import { arrayFrom, graph, InputError, interpret, type Arrays, type NdArray } from "@wengert/tensor";
import { permutation } from "./datasets/permutation.ts";
import { lLayerNetwork, type Network } from "./l-layer-network.ts";
import { trainingStep, type TrainingStepOptions } from "./training-step.ts";

/** How to check. */
export interface GradientCheckOptions {
  /** At most so many parameters, drawn by the seed; default 200. */
  readonly sample?: number;
  readonly seed?: number;
  /** The distance ε on each side; default 1e-5. */
  readonly distance?: number;
}

/** What a gradient check found. */
export interface GradientCheckResult {
  /** ‖g - ĝ‖ / (‖g‖ + ‖ĝ‖): below 1e-7 is right, above 1e-3 wrong (the course). */
  readonly difference: number;
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
 * The relative difference between the derived and the numerical gradient of a training step's cost.
 * Dropout is off and batch normalization on, as in training.
 * @param state values of all parameters; @param values the inputs X and Y
 */
export function gradientCheck<P>(
  options: TrainingStepOptions<P>,
  state: Arrays,
  values: Arrays,
  { sample = 200, seed = 0, distance = 1e-5 }: GradientCheckOptions = {},
): GradientCheckResult {
  if (!(distance > 0)) throw new InputError(`gradientCheck: the distance must be positive, got ${distance}`);
  const step = trainingStep({ ...options, network: inDoubles(options.network) });
  const program = interpret(graph({ cost: step.cost, ...prefixed(step.gradients) }));
  const costProgram = interpret(graph({ cost: step.cost }));
  const parameters = Object.fromEntries(
    step.parameterNames.map((name) => [name, doubles(requireValue(state, name))]),
  );
  const feeds = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, doubles(value)]));
  const derived = program.run({ ...feeds, ...parameters }).outputs;
  const cost = (): number => costProgram.run({ ...feeds, ...parameters }).outputs["cost"]?.data[0] as number;
  const places = step.parameterNames.flatMap((name) =>
    Array.from({ length: parameters[name]?.data.length ?? 0 }, (_, index) => ({ name, index })),
  );
  const order = permutation(places.length, seed).subarray(0, sample);
  const errors = Array.from(order, (place) => {
    const { name, index } = places[place] as { name: string; index: number };
    const { data } = parameters[name] as NdArray;
    const before = data[index] as number;
    data[index] = before + distance;
    const above = cost();
    data[index] = before - distance;
    const below = cost();
    data[index] = before;
    const numerical = (above - below) / (2 * distance);
    return { name, index, derived: derived[`d${name}`]?.data[index] as number, numerical };
  });
  return summary(errors, places.length);
}

type Comparison = GradientCheckResult["worst"];

function summary(errors: readonly Comparison[], parameters: number): GradientCheckResult {
  const norm = (f: (error: Comparison) => number): number => Math.hypot(...errors.map(f));
  const gap = (error: Comparison): number => Math.abs(error.derived - error.numerical);
  const scale = norm((e) => e.derived) + norm((e) => e.numerical);
  const worst = errors.reduce((a, b) => (gap(b) > gap(a) ? b : a));
  return Object.freeze({
    difference: scale === 0 ? 0 : norm(gap) / scale,
    checked: errors.length,
    parameters,
    worst: Object.freeze(worst),
  });
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

function prefixed<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [`d${name}`, value]));
}

function requireValue(state: Arrays, name: string): NdArray {
  const value = state[name];
  if (value === undefined)
    throw new InputError(`gradientCheck: every parameter needs a value, got none for ${name}`);
  return value;
}
