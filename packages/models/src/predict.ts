// What a trained network says of examples.

import { interpret, type Arrays, type NdArray } from "@wengert/tensor";
import { accuracy, predictedLabels } from "./confusion-matrix.ts";
import { checkedExamples, type Examples } from "./examples-check.ts";
import type { TrainingStep } from "./training-step.ts";

/** The predictions for examples, and how good they are. */
export interface Evaluation {
  /** A[L] `[c, m]`. */
  readonly output: NdArray;
  /** The predicted class of each example. */
  readonly labels: Int32Array;
  readonly cost: number;
  /** The share of examples whose predicted class is that of the target. */
  readonly accuracy: number;
}

/**
 * The network's predictions for examples, with dropout off and running statistics.
 * @param state everything that persists, or at least all parameters, as `fit` returns them
 */
export function evaluateNetwork<P>(step: TrainingStep<P>, state: Arrays, examples: Examples): Evaluation {
  const { units } = step.options.network.specification;
  const { X, Y } = checkedExamples(examples, units[0] as number, units.at(-1) as number, "evaluateNetwork");
  const names = new Set(
    Object.values(step.evaluation.nodes).map(({ attributes }) => attributes["name"] as string | undefined),
  );
  const parameters = Object.fromEntries(Object.entries(state).filter(([name]) => names.has(name)));
  const { outputs } = interpret(step.evaluation).run({ X, Y, ...parameters });
  const output = outputs["output"] as NdArray;
  const labels = predictedLabels(output);
  return Object.freeze({
    output,
    labels,
    cost: outputs["cost"]?.data[0] as number,
    accuracy: accuracy(labels, predictedLabels(Y)),
  });
}
