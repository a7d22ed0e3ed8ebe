// What a trained network says of examples.

import { feedsOf, interpret, type Arrays, type Graph, type NdArray, type Program } from "@wengert/tensor";
import { accuracy, predictedLabels } from "./confusion-matrix.ts";
import { allColumns } from "./columns.ts";
import { checkedExamples, type Examples } from "./examples-check.ts";
import { losses } from "./losses.ts";
import { exampleRule, type TrainingStep } from "./training-step.ts";

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

/** How to predict. */
export interface PredictOptions {
  /** The step's `evaluation` graph, compiled by some engine; default the reference evaluator. */
  readonly program?: Program;
}

/**
 * The network's predictions for examples, with dropout off and running statistics.
 * @param state everything that persists, or at least all parameters, as `fit` returns them
 * @throws InputError when the examples do not fit, or a parameter has no value.
 */
export function evaluateNetwork<P>(
  step: TrainingStep<P>,
  state: Arrays,
  examples: Examples,
  options: PredictOptions = {},
): Evaluation {
  const rule = exampleRule(step.options);
  const { X, Y } = checkedExamples(examples, { ...rule, stage: "evaluateNetwork" });
  const { dtype } = rule;
  const values = { X: allColumns(X, dtype), Y: allColumns(Y, dtype) };
  const program = options.program ?? interpret(step.evaluation);
  const run = program.run({ ...values, ...stateOf(step.evaluation, state) });
  const output = run.outputs["output"] as NdArray;
  const labels = predictedLabels(output, losses[step.options.loss].threshold);
  return Object.freeze({
    output,
    labels,
    cost: run.outputs["cost"]?.data[0] as number,
    accuracy: accuracy(labels, predictedLabels(Y)),
  });
}

/** The values of the parameters that a graph has, of those that persist. */
export function stateOf(document: Graph, state: Arrays): Arrays {
  const names = Object.keys(feedsOf(document, "parameter"));
  return Object.fromEntries(
    names.flatMap((name) => (state[name] === undefined ? [] : [[name, state[name]]])),
  );
}
