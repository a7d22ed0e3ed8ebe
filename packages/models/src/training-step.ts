// A training step as one declarative graph: the cost of a batch, and what every parameter becomes.

import {
  requireKnownFields,
  elements,
  add,
  allocate,
  argMax,
  cast,
  equal,
  graph,
  greater,
  InputError,
  input,
  mean,
  parameter,
  reshape,
  arrayFrom,
  type Arrays,
  type DType,
  type Graph,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import { gradient } from "@wengert/autodiff";
import type { ExamplesRule } from "./examples-check.ts";
import { whyNoDescent } from "./hyperparameters-schema.ts";
import { initializeNetwork, type InitializeOptions } from "./initializers.ts";
import type { ForwardPass, Network } from "./l-layer-network.ts";
import { l2Penalty, losses, type LossName } from "./losses.ts";
import { optimize, type Optimizer } from "./optimizers.ts";
import { learningRateAt, type Schedule } from "./schedules.ts";

/** What is learned, from what, and how. */
export interface TrainingStepOptions<P = Readonly<Record<string, Tensor>>> {
  readonly network: Network<P>;
  readonly loss: LossName;
  /** Default gradient descent. */
  readonly optimizer?: Optimizer;
  /** α at the first step. */
  readonly learningRate: number;
  /** Factors of the learning rate; default none. */
  readonly schedules?: readonly Schedule[];
  /** λ of the L2 regularization; default 0. */
  readonly l2?: number;
}

/** A training step, and what goes with it. */
export interface TrainingStep<P = Readonly<Record<string, Tensor>>> {
  readonly options: TrainingStepOptions<P>;
  /**
   * Inputs `X [n, m]` and `Y`; outputs `cost` (the mean loss and the penalty, before the update) and `accuracy`;
   * updates for all that persists.
   */
  readonly graph: Graph;
  /** Outputs `cost` (the mean loss), `accuracy`, and the predictions `output` for the same inputs, without updates. */
  readonly evaluation: Graph;
  /** Outputs `output` (A[L]) and `labels` (`i32 [m]`, the predicted classes) for the input `X` alone. */
  readonly prediction: Graph;
  readonly cost: Tensor<readonly []>;
  /** The gradient of the cost for every parameter, by its name. */
  readonly gradients: P;
  /** The names of what is learned, and of all else that persists. */
  readonly parameterNames: readonly string[];
  readonly stateNames: readonly string[];
}

/**
 * The training step of a network as one graph: forward pass, cost, derived gradients, and an update for every
 * parameter and all state. Its documents are plain values that can be written down, compiled and run by any engine.
 * @throws InputError when the loss does not go with the network's output, or a rate is out of range.
 * @example
 * ```ts
 * import { lLayerNetwork, trainingStep } from "@wengert/models";
 *
 * const network = lLayerNetwork({ units: [2, 3, 1] });
 * const { graph } = trainingStep({ network, loss: "binaryCrossEntropy", learningRate: 0.1, l2: 0.01 });
 * console.log(Object.keys(graph.outputs).join(), Object.keys(graph.updates).join());
 * ```
 * ```text
 * cost,accuracy steps,W1,b1,W2,b2
 * ```
 */
export function trainingStep<P>(options: TrainingStepOptions<P>): TrainingStep<P> {
  checkOptions(options);
  const { network, loss, l2 = 0 } = options;
  const parameters = network.parameters as Readonly<Record<string, Tensor>>;
  const Y = targets(network);
  const fit = lossOf(loss, network.training, Y);
  const weights = Object.entries(parameters).flatMap(([name, tensor]) =>
    name.startsWith("W") ? [tensor] : [],
  );
  const cost = l2 === 0 ? fit : add(fit, l2Penalty(weights, l2, network.X));
  const gradients = gradient(cost, parameters);
  const { updates, moments } = descend(options, parameters, gradients);
  const evaluated = {
    cost: lossOf(loss, network.evaluation, Y),
    accuracy: accuracyOf(loss, network.evaluation, Y),
  };
  const { output } = network.evaluation;
  return Object.freeze({
    options: Object.freeze({ ...options }),
    graph: graph({ cost, accuracy: accuracyOf(loss, network.training, Y) }, { updates }),
    evaluation: graph({ ...evaluated, output }),
    prediction: graph({ output, labels: labelsOf(output, losses[loss].threshold) }),
    cost,
    // The same names, shapes and dtypes as the parameters.
    gradients: gradients as P,
    parameterNames: Object.freeze(Object.keys(parameters)),
    stateNames: Object.freeze([...Object.keys(network.state), "steps", ...moments]),
  });
}

/** What every parameter, every moment of the optimizer and the count of steps become. */
function descend<P>(
  { network, optimizer = { name: "gradientDescent" }, learningRate, schedules = [] }: TrainingStepOptions<P>,
  parameters: Readonly<Record<string, Tensor>>,
  gradients: Readonly<Record<string, Tensor>>,
): { readonly updates: Readonly<Record<string, Tensor>>; readonly moments: readonly string[] } {
  const steps = parameter("steps", [], { dtype: "i32" });
  const t = cast(steps, network.specification.dtype);
  const rate = learningRateAt(learningRate, schedules, t);
  const updates: Record<string, Tensor> = { ...network.training.updates, steps: add(steps, 1) };
  const moments: string[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    const shared = { learningRate: rate, count: add(t, 1) };
    const { next, state, stateNext } = optimize(optimizer, {
      name,
      parameter: value,
      gradient: gradients[name] as Tensor,
      ...shared,
    });
    Object.assign(updates, stateNext, { [name]: next });
    moments.push(...Object.keys(state));
  }
  return { updates, moments };
}

const optionNames: readonly (keyof TrainingStepOptions)[] = [
  "network",
  "loss",
  "optimizer",
  "learningRate",
  "schedules",
  "l2",
];

function checkOptions<P>(options: TrainingStepOptions<P>): void {
  requireKnownFields("trainingStep", options, optionNames);
  const { network, loss, learningRate, l2 = 0 } = options;
  const known = losses[loss];
  if (known === undefined) {
    const names = Object.keys(losses).join(", ");
    throw new InputError(`trainingStep: the loss must be one of ${names}, got ${loss as string}`);
  }
  const output = network.specification.activations.at(-1) as (typeof known.outputs)[number];
  if (!known.outputs.includes(output)) {
    throw new InputError(
      `trainingStep: ${loss} goes with the output ${known.outputs.join(" or ")}, got ${output}`,
    );
  }
  if (!(learningRate > 0 && learningRate < Number.POSITIVE_INFINITY)) {
    throw new InputError(`trainingStep: the learning rate must be positive and finite, got ${learningRate}`);
  }
  const { optimizer = { name: "gradientDescent" }, schedules = [] } = options;
  const problem = whyNoDescent({ optimizer, schedules });
  if (problem !== undefined) throw new InputError(`trainingStep: ${problem}`);
  if (!(l2 >= 0 && l2 < Number.POSITIVE_INFINITY)) {
    throw new InputError(`trainingStep: l2 must be finite and from 0, got ${l2}`);
  }
}

function targets<P>({ specification: { units, dtype } }: Network<P>): Tensor {
  return input("Y", [units.at(-1) as number, "m"], { dtype });
}

function lossOf(loss: LossName, { logits, output }: ForwardPass, Y: Tensor): Tensor<readonly []> {
  const { from, cost } = losses[loss];
  return cost(from === "logits" ? logits : output, Y);
}

/** The class of each example, `i32 [m]`: the largest output, or whether the only one is above the threshold. */
function labelsOf(output: Tensor, threshold: number): Tensor {
  if (output.shape[0] !== 1) return argMax(output, 0);
  return reshape(cast(greater(output, threshold), "i32"), output.shape.slice(1));
}

/** The share of examples whose predicted class is that of the target. */
function accuracyOf(loss: LossName, { output }: ForwardPass, Y: Tensor): Tensor {
  const right = equal(labelsOf(output, losses[loss].threshold), labelsOf(Y, 0.5));
  return mean(cast(right, output.dtype));
}

/** What examples and targets of a training step must fit. */
export function exampleRule<P>({
  network,
  loss,
}: Pick<TrainingStepOptions<P>, "network" | "loss">): Omit<ExamplesRule, "stage"> {
  const { units, dtype } = network.specification;
  const { shares } = losses[loss];
  return { features: units[0] as number, outputs: units.at(-1) as number, shares, dtype };
}

/** First values of everything that persists: parameters drawn by seed, the rest at its beginning. */
export function initialState<P>(step: TrainingStep<P>, options: InitializeOptions): Arrays {
  const { network } = step.options;
  const begun: Record<string, NdArray> = { ...initializeNetwork(network, options) };
  for (const node of Object.values(step.graph.nodes)) {
    if (node.primitive !== "parameter") continue;
    const name = node.attributes["name"] as string;
    begun[name] ??= zeroArray(node.shape as readonly number[], node.dtype);
  }
  return Object.freeze(begun);
}

function zeroArray(shape: readonly number[], dtype: DType): NdArray {
  const count = elements(shape);
  return arrayFrom(allocate(dtype, count), shape);
}
