// An L-layer network learns to read handwritten digits, by gradients that the library derives from its graph.
// One learns: the dimension table, a training step as one graph, training by seed, and how to judge the result.

import { wasmEngine } from "@wengert/engine";
import {
  confusionMatrix,
  evaluateNetwork,
  fit,
  formatConfusion,
  formatDimensions,
  lLayerNetwork,
  splitDataset,
  trainingStep,
} from "@wengert/models";
import { loadDigits } from "@wengert/models/node";
import { showShape } from "@wengert/tensor";

const { train, test } = splitDataset(await loadDigits(), { testFraction: 0.2, seed: 1 });

// Shapes are literal: network.parameters.W3 would not compile.
const network = lLayerNetwork({ units: [64, 32, 10], hidden: "relu", output: "softmax" });
console.log(formatDimensions(network));
console.log(
  `W2 is ${showShape(network.parameters.W2.shape)}, A2 is ${showShape(network.evaluation.output.shape)}`,
);

// Forward pass, cost, derived gradients and updates: one declarative graph.
const step = trainingStep({
  network,
  loss: "softmaxCrossEntropy",
  optimizer: { name: "adam" },
  learningRate: 0.01,
});
console.log(`learned: ${step.parameterNames.join(", ")}`);

const result = await fit(step, train, {
  epochs: 10,
  batchSize: 64,
  seed: 1,
  engine: wasmEngine(),
  onEpoch: ({ epoch, cost, accuracy }) => {
    if (epoch % 5 === 0)
      console.log(`epoch ${epoch}: cost ${cost.toFixed(2)}, accuracy ${accuracy.toFixed(2)}`);
  },
});

const { accuracy, labels } = evaluateNetwork(step, result.state, test);
console.log(`test accuracy ${(100 * accuracy).toFixed(1)}%`);
console.log(formatConfusion(confusionMatrix(labels, test.labels.data, 10), test.classNames));

// Output:
// layer  units  activation  W         b        Z, A of one example  Z, A of m  parameters
// ─────  ─────  ──────────  ────────  ───────  ───────────────────  ─────────  ──────────
// 0         64  (X)                            [64, 1]              [64, m]             0
// 1         32  relu        [32, 64]  [32, 1]  [32, 1]              [32, m]         2,080
// 2         10  softmax     [10, 32]  [10, 1]  [10, 1]              [10, m]           330
// 2,410 parameters
// W2 is [10, 32], A2 is [10, m]
// learned: W1, b1, W2, b2
// epoch 5: cost 0.16, accuracy 0.96
// epoch 10: cost 0.08, accuracy 0.98
// test accuracy 98.3%
// true     0   1   2   3   4   5   6   7   8   9   found
// 0       44   ·   ·   ·   ·   ·   ·   ·   ·   ·  100.0%
// 1        ·  39   ·   ·   ·   ·   ·   ·   ·   ·  100.0%
// 2        ·   ·  29   ·   ·   ·   ·   ·   ·   ·  100.0%
// 3        ·   ·   ·  37   ·   ·   ·   ·   ·   ·  100.0%
// 4        ·   ·   ·   ·  39   ·   ·   ·   ·   ·  100.0%
// 5        ·   ·   ·   ·   ·  28   ·   ·   ·   1   96.6%
// 6        ·   ·   ·   ·   ·   ·  36   ·   ·   ·  100.0%
// 7        ·   ·   ·   ·   ·   ·   ·  40   ·   ·  100.0%
// 8        ·   2   ·   ·   ·   ·   1   ·  31   ·   91.2%
// 9        ·   ·   ·   ·   ·   ·   ·   ·   2  30   93.8%
