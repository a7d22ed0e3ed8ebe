/**
 * The L-layer network and its parts as composed graph nodes.
 *
 * @packageDocumentation
 * @mergeModuleWith <project>
 */

// The network
export { lLayerNetwork } from "./l-layer-network.ts";
export type { ForwardPass, Layer, Network } from "./l-layer-network.ts";
export { checkedSpecification } from "./network-specification.ts";
export type { CheckedSpecification, NetworkSpecification } from "./network-specification.ts";
export type { Named, NetworkParameters } from "./parameter-types.ts";
export { cacheTable, dimensionTable, formatCaches, formatDimensions } from "./network-tables.ts";
export type { CacheEntry, LayerDimensions } from "./network-tables.ts";
export { initializeParameters } from "./initialize-parameters.ts";
export { initializeNetwork, initializers } from "./initializers.ts";
export type { InitializeOptions, Initializer, InitializerName } from "./initializers.ts";

// The building blocks of the course
export { activationNames, activations } from "./activations.ts";
export type { Activation, ActivationName } from "./activations.ts";
export { countLayers, linearActivationForward, linearForward, modelForward } from "./forward.ts";
export type { LayerActivations, LayerCache, ParameterRecord } from "./forward.ts";
export { computeCost, computeSoftmaxCost } from "./cost.ts";
export {
  costBackward,
  linearActivationBackward,
  linearBackward,
  modelBackward,
  updateParameters,
} from "./backward.ts";
export type { LayerGradients, ModelBackwardOptions } from "./backward.ts";
export {
  batchNormalization,
  batchNormalizationBackward,
  normalizeWith,
  runningAverage,
} from "./batch-normalization.ts";
export type { NormalizationParameters } from "./batch-normalization.ts";
export { dropout, dropoutBackward, dropoutMask } from "./dropout.ts";

// Training
export {
  binaryCrossEntropy,
  hinge,
  huber,
  l2Penalty,
  losses,
  meanSquaredError,
  softmaxCrossEntropy,
} from "./losses.ts";
export type { Loss, LossName } from "./losses.ts";
export { optimize, optimizerNames } from "./optimizers.ts";
export type { Optimizer, OptimizerName, OptimizerResult, OptimizerStep } from "./optimizers.ts";
export { learningRateAt, scheduleFactor } from "./schedules.ts";
export type { Schedule } from "./schedules.ts";
export { initialState, trainingStep } from "./training-step.ts";
export type { TrainingStep, TrainingStepOptions } from "./training-step.ts";
export { fit } from "./fit.ts";
export type { FitResult, StopReason } from "./fit.ts";
export type { FitOptions } from "./fit-options.ts";
export type { BatchRecord, Divergence, EpochRecord } from "./epoch.ts";
export { checkedExamples } from "./examples-check.ts";
export type { Examples, ExamplesRule } from "./examples-check.ts";

// Judging
export { evaluateNetwork } from "./predict.ts";
export type { Evaluation, PredictOptions } from "./predict.ts";
export { accuracy, confusionMatrix, formatConfusion, predictedLabels } from "./confusion-matrix.ts";
export { gradientCheck } from "./gradient-check.ts";
export type { GradientCheckOptions, GradientCheckResult } from "./gradient-check.ts";
export { formatTable } from "./tables.ts";

// Data
export { dataset, selectExamples, splitDataset } from "./datasets/dataset.ts";
export type { Dataset, DatasetParts, SplitOptions } from "./datasets/dataset.ts";
export { measureFeatures, standardize } from "./datasets/standardize.ts";
export type { Standardization } from "./datasets/standardize.ts";
export { permutation } from "./datasets/permutation.ts";
export { decodeCsv } from "./datasets/csv.ts";
export type { CsvTable } from "./datasets/csv.ts";
export { decodeIdx } from "./datasets/idx.ts";
export type { IdxArray } from "./datasets/idx.ts";
export { gunzip, isGzip } from "./datasets/gunzip.ts";
export { circles, flower, spirals, twoMoons } from "./datasets/toy.ts";
export type { ToyOptions } from "./datasets/toy.ts";

// Hyperparameters
export { editHyperparameters, hyperparameters, parseHyperparameters } from "./hyperparameters.ts";
export type { Hyperparameters, HyperparametersInput, LayerHyperparameters } from "./hyperparameters.ts";
export { networkOf, train, trainingStepOf } from "./train.ts";
export type { TrainOptions, Trained } from "./train.ts";
export { gridChoices, randomChoices } from "./sweep-choices.ts";
export type { Change, Grid, NumberField, Range, Ranges } from "./sweep-choices.ts";
export { formatSweep, sweep } from "./sweep.ts";
export type { SweepOptions, SweepRow } from "./sweep.ts";

// Parameters as bytes
export { decodeParameters, encodeParameters } from "./encode-parameters.ts";
export type { ParameterType } from "./encode-parameters.ts";
