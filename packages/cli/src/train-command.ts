// `wengert train`, the main job: dimensions, caches, a numerical gradient check, training, and what was learned.

import { access, constants } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import {
  confusionMatrix,
  evaluateNetwork,
  formatCaches,
  formatConfusion,
  formatDimensions,
  gradientCheck,
  hyperparameters,
  initialState,
  networkOf,
  selectExamples,
  train,
  trainingStepOf,
  type ActivationName,
  type Dataset,
  type Hyperparameters,
  type InitializerName,
  type OptimizerName,
} from "@wengert/models";
import { saveParameters, type Datasets } from "@wengert/models/node";
import { InputError, type Arrays, type Engine } from "@wengert/tensor";
import { loadData } from "./load-data.ts";
import { engineOf, numberOf, parseTrainArguments, trainHelp, type TrainArguments } from "./options.ts";
import { showProgress, type Output } from "./progress.ts";

/** Hyperparameters as the options choose them, for the data. */
export function chooseHyperparameters(options: TrainArguments, data: Dataset): Hyperparameters {
  const hidden =
    options.units.trim() === "none" || options.units.trim() === "" ? [] : options.units.split(",");
  // What the words may be is checked with all else.
  const activation = options.hidden as ActivationName;
  const layers = hidden.map((text) => ({ units: numberOf(options, "units", text), activation }));
  return hyperparameters({
    features: data.X.shape[0] as number,
    layers: [...layers, { units: data.Y.shape[0] as number }],
    optimizer: { name: options.optimizer as OptimizerName },
    learningRate: numberOf(options, "learning-rate"),
    epochs: numberOf(options, "epochs"),
    batchSize: numberOf(options, "batch-size"),
    l2: numberOf(options, "l2"),
    dropout: numberOf(options, "dropout"),
    batchNormalization: options["batch-normalization"],
    initializer: options.initializer as InitializerName,
    seed: numberOf(options, "seed"),
  });
}

/**
 * Runs `wengert train` and prints what it does.
 * @throws InputError when options or data do not fit.
 */
export async function trainCommand(
  args: readonly string[],
  output: Output,
  signal?: AbortSignal,
): Promise<void> {
  const options = parseTrainArguments(args);
  if (options.help) return void output.write(`${trainHelp()}\n`);
  if (options.save !== undefined) await requireWritable(options.save);
  const print = (text: string): unknown => output.write(`${text}\n`);
  const seed = numberOf(options, "seed");
  const data = await loadData(options, {
    testFraction: numberOf(options, "test-fraction"),
    seed,
    standardized: options.standardize,
  });
  const chosen = chooseHyperparameters(options, data.train);
  const engine = engineOf(options);
  describe(options.data, data, chosen, print);
  checkGradient(chosen, data.train, print);
  const rate = `learning rate ${chosen.learningRate}, seed ${chosen.seed}`;
  print(`Training: ${chosen.optimizer.name}, ${rate}, ${engine.name} engine\n`);
  const progress = showProgress(output, chosen.epochs);
  const began = performance.now();
  const result = await train(chosen, data.train, {
    ...progress,
    engine,
    ...(signal === undefined ? {} : { signal }),
  });
  print(`\n${ending(result)}${((performance.now() - began) / 1000).toFixed(1)} s`);
  await report(result, data, { engine, print });
  if (options.save === undefined) return;
  await saveParameters(options.save, result.parameters);
  print(`\nParameters saved to ${options.save}`);
}

/** Refuses a file that could not be written after training: its folder must exist and be writable. */
async function requireWritable(path: string): Promise<void> {
  await access(dirname(resolve(path)), constants.W_OK).catch((cause: unknown) => {
    throw new InputError(`train: --save must name a file in a folder that can be written, got ${path}`, {
      cause,
    });
  });
}

/** The sizes of the data, the dimensions and the caches. */
function describe(
  name: string,
  data: Datasets,
  chosen: Hyperparameters,
  print: (text: string) => unknown,
): void {
  const { train: training, test } = data;
  const m = training.labels.data.length;
  const batch = chosen.batchSize ?? m;
  if (batch > m)
    throw new InputError(`train: --batch-size must be at most the ${m} training examples, got ${batch}`);
  const sizes = `${count(m)} training and ${count(test.labels.data.length)} test examples`;
  print(`${name}: ${sizes}, ${training.X.shape[0]} features, ${training.classNames.length} classes\n`);
  const network = networkOf(chosen);
  print(
    `Dimensions, for one example and for a batch of m = ${batch}\n\n${formatDimensions(network, batch)}\n`,
  );
  print(`Caches of the forward pass\n\n${formatCaches(network, batch)}\n`);
}

type Trained = Awaited<ReturnType<typeof train>>;

/** The derived gradient of the whole network against differences of the cost. */
function checkGradient(chosen: Hyperparameters, training: Dataset, print: (text: string) => unknown): void {
  const step = trainingStepOf(chosen);
  const few = selectExamples(
    training,
    Uint32Array.from({ length: Math.min(16, training.labels.data.length) }, (_, i) => i),
  );
  const state: Arrays = initialState(step, { seed: chosen.seed, initializer: chosen.initializer });
  const {
    relativeDifference: difference,
    checked,
    parameters,
  } = gradientCheck(step.options, state, few, {
    sample: 100,
    seed: chosen.seed,
  });
  const verdict = difference < 1e-7 ? "right" : difference < 1e-3 ? "doubtful" : "wrong";
  print(
    `Gradient check: ‖g-ĝ‖/(‖g‖+‖ĝ‖) = ${difference.toExponential(2)} over ${count(checked)} of ${count(parameters)} parameters: ${verdict}\n`,
  );
}

function ending({ stoppedBecause, history, divergence }: Trained): string {
  if (divergence !== undefined) return `${String(divergence.error)}\n`;
  return stoppedBecause === "aborted" ? `Stopped after ${history.length} epochs. ` : "";
}

interface ReportOptions {
  readonly engine: Engine;
  readonly print: (text: string) => unknown;
}

async function report(
  { step, state }: Trained,
  { train: training, test }: Datasets,
  { engine, print }: ReportOptions,
): Promise<void> {
  const program = await engine.compile(step.evaluation);
  const onTraining = evaluateNetwork(step, state, training, { program });
  const onTest = evaluateNetwork(step, state, test, { program });
  const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;
  print(`Training accuracy ${percent(onTraining.accuracy)}, cost ${onTraining.cost.toFixed(4)}`);
  print(`Test accuracy     ${percent(onTest.accuracy)}, cost ${onTest.cost.toFixed(4)}\n`);
  const matrix = confusionMatrix(onTest.labels, test.labels.data, test.classNames.length);
  print(`Confusion matrix of the test set\n\n${formatConfusion(matrix, test.classNames)}`);
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
