// The speed of the reference evaluator: milliseconds a training step, median after warm-up, as a Markdown table.
// `pnpm run bench:reference`. Absolute figures drift on shared machines: compare by ratio, within one run.

import { allocate, arrayFrom, referenceEngine, type Arrays } from "@wengert/tensor";
import { initialState, lLayerNetwork, trainingStep, type LossName } from "@wengert/models";

/** A network as it is measured; the names are those of the other benchmarks. */
interface Net {
  readonly name: string;
  readonly units: readonly number[];
  readonly hidden: "tanh" | "relu";
  readonly output: "sigmoid" | "softmax";
  readonly loss: LossName;
  readonly batch: number;
}

const nets: readonly Net[] = [
  {
    name: "S",
    units: [2, 4, 1],
    hidden: "tanh",
    output: "sigmoid",
    loss: "binaryCrossEntropy",
    batch: 400,
  },
  {
    name: "M",
    units: [784, 128, 64, 10],
    hidden: "relu",
    output: "softmax",
    loss: "softmaxCrossEntropy",
    batch: 64,
  },
  {
    name: "C",
    units: [12288, 20, 7, 5, 1],
    hidden: "relu",
    output: "sigmoid",
    loss: "binaryCrossEntropy",
    batch: 209,
  },
];

/** Examples as columns: features from -1 to 1 and one-hot targets, by a formula. */
function examples({ units, batch }: Net): Arrays {
  const [features, classes] = [units[0] ?? 1, units.at(-1) ?? 1];
  const X = allocate("f32", features * batch);
  for (let i = 0; i < X.length; i++) X[i] = ((i * 7919) % 2001) / 1000 - 1;
  const Y = allocate("f32", classes * batch);
  for (let i = 0; i < batch; i++) {
    const label = i % Math.max(2, classes);
    if (label < classes) Y[label * batch + i] = 1;
  }
  return { X: arrayFrom(X, [features, batch]), Y: arrayFrom(Y, [classes, batch]) };
}

/** Runs for half a second to warm up, then for two seconds; the median of the latter. */
function median(run: () => void): number {
  const times: number[] = [];
  const until = (milliseconds: number): void => {
    times.length = 0;
    for (const start = performance.now(); performance.now() - start < milliseconds || times.length < 5;) {
      const began = performance.now();
      run();
      times.push(performance.now() - began);
    }
  };
  until(500);
  until(2000);
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] ?? 0;
}

console.log("| net | layers | batch | ms a training step |\n| --- | --- | --- | --- |");
for (const net of nets) {
  const network = lLayerNetwork({ units: net.units, hidden: net.hidden, output: net.output });
  const step = trainingStep({ network, loss: net.loss, learningRate: 0.05 });
  const program = await referenceEngine.compile(step.graph);
  const resident = program.bind(initialState(step, { seed: 1 }));
  const values = examples(net);
  const time = median(() => void resident.run(values));
  console.log(`| ${net.name} | ${net.units.join("-")} | ${net.batch} | ${time.toFixed(3)} |`);
}
