// TensorFlow.js as a peer, on its WebAssembly or its plain JavaScript backend: an optimizer of its own minimizes the
// loss, which tidies up and reads gradients off its tape.

import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import * as tf from "@tensorflow/tfjs";
import { transposed, type Data } from "../data.ts";
import { type Net } from "../nets.ts";
import { type ElementwiseName, type Task } from "../protocol.ts";
import { elementwiseInput, type PeerModule } from "./index.ts";

/** Loads a backend; the binaries lie beside the module. */
async function prepareBackend(backend: "wasm" | "cpu"): Promise<string> {
  if (backend === "wasm") {
    const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
    const main = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(join(dirname(main), sep));
  }
  await tf.setBackend(backend);
  await tf.ready();
  if (backend === "cpu") return `tfjs ${tf.version.tfjs}, cpu`;
  const [simd, threads] = await Promise.all([
    tf.env().getAsync("WASM_HAS_SIMD_SUPPORT"),
    tf.env().getAsync("WASM_HAS_MULTITHREAD_SUPPORT"),
  ]);
  return `tfjs ${tf.version.tfjs}, wasm${simd === true ? " SIMD" : ""}, ${threads === true ? "threads" : "1 thread"}`;
}

interface LayerVariables {
  readonly W: tf.Variable;
  readonly b: tf.Variable;
}

/** The mean loss, from logits: `sigmoidCrossEntropyWithLogits` and `softmaxCrossEntropy` of the library. */
function lossOf(
  { hidden, loss }: Net,
  layers: readonly LayerVariables[],
  X: tf.Tensor,
  Y: tf.Tensor,
): tf.Scalar {
  let A = X;
  for (const [i, { W, b }] of layers.entries()) {
    const Z = tf.add(tf.matMul(A, W), b);
    A = i === layers.length - 1 ? Z : hidden === "tanh" ? tf.tanh(Z) : tf.relu(Z);
  }
  const cost =
    loss === "binaryCrossEntropy" ? tf.losses.sigmoidCrossEntropy(Y, A) : tf.losses.softmaxCrossEntropy(Y, A);
  return cost as tf.Scalar;
}

const operations: Readonly<Record<ElementwiseName, (x: tf.Tensor) => tf.Tensor>> = {
  exp: (x) => tf.exp(x),
  sigmoid: (x) => tf.sigmoid(x),
  tanh: (x) => tf.tanh(x),
  relu: (x) => tf.relu(x),
};

function training(about: string, net: Net, { X: examples, Y: targets, layers: data }: Data): Task {
  const { units, batch, learningRate } = net;
  const [features, classes] = [units[0] ?? 1, units.at(-1) ?? 1];
  const X = tf.tensor2d(transposed(examples, features, batch), [batch, features]);
  const Y = tf.tensor2d(transposed(targets, classes, batch), [batch, classes]);
  const layers = data.map(({ n, p, W, b }) => ({
    W: tf.variable(tf.tensor2d(transposed(W, n, p), [p, n])),
    b: tf.variable(tf.tensor1d(b)),
  }));
  const optimizer =
    net.optimizer === "adam" ? tf.train.adam(learningRate, 0.9, 0.999, 1e-8) : tf.train.sgd(learningRate);
  const step = (): number => {
    const cost = optimizer.minimize(() => lossOf(net, layers, X, Y), true) as tf.Scalar;
    const value = cost.dataSync()[0] ?? Number.NaN;
    cost.dispose();
    return value;
  };
  return { about, step };
}

/** TensorFlow.js on one of its backends. */
export async function tfjsPeer(backend: "wasm" | "cpu"): Promise<PeerModule> {
  const about = await prepareBackend(backend);
  return {
    training: (net, data) => Promise.resolve(training(about, net, data)),
    elementwise(op, elements): Promise<Task> {
      const x = tf.tensor1d(elementwiseInput(elements));
      const apply = operations[op];
      const step = (): number => {
        apply(x).dispose();
        return 0;
      };
      return Promise.resolve({ about, step });
    },
  };
}
