// This library as a peer: the training step of `@wengert/models`, bound to an engine.

import {
  allocate,
  arrayFrom,
  elements,
  exp,
  graph,
  optimise,
  parameter,
  relu,
  sigmoid,
  slice,
  tanh,
  type Arrays,
  type Graph,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import { lLayerNetwork, trainingStep } from "@wengert/models";
import { startEngine, type EngineChoice } from "../engines.ts";
import { type Data } from "../data.ts";
import { type Net } from "../nets.ts";
import { type ElementwiseName, type Task } from "../protocol.ts";
import { elementwiseInput, type PeerModule } from "./index.ts";

/** The graph of a training step with the cost as its only output, which is what the peers compute, and its state. */
export function trainingOf(
  { units, hidden, loss, optimizer, learningRate }: Omit<Net, "name" | "batch">,
  layers: Data["layers"] = [],
): { readonly step: Graph; readonly state: Arrays } {
  const output = loss === "binaryCrossEntropy" ? "sigmoid" : "softmax";
  const network = lLayerNetwork({ units, hidden, output });
  const step = trainingStep({ network, loss, optimizer: { name: optimizer }, learningRate });
  const state: Record<string, NdArray> = {};
  for (const [i, { n, p, W, b }] of layers.entries()) {
    state[`W${i + 1}`] = arrayFrom(W, [n, p]);
    state[`b${i + 1}`] = arrayFrom(b, [n, 1]);
  }
  const { cost } = step.graph.outputs;
  if (cost === undefined) throw new Error("the training step has no cost");
  for (const { primitive, attributes, shape, dtype } of Object.values(step.graph.nodes)) {
    if (primitive !== "parameter") continue;
    // Moments, and the count of steps.
    const sizes = shape as readonly number[];
    state[attributes["name"] as string] ??= arrayFrom(allocate(dtype, elements(sizes)), sizes);
  }
  return { step: optimise({ ...step.graph, outputs: { cost } }), state };
}

/** Examples as a training step takes them. */
export function batchOf(
  { units, batch }: Pick<Net, "units" | "batch">,
  { X, Y }: Pick<Data, "X" | "Y">,
): Arrays {
  return {
    X: arrayFrom(X, [units[0] ?? 1, batch]),
    Y: arrayFrom(Y, [units.at(-1) ?? 1, batch]),
  };
}

const builders: Readonly<Record<ElementwiseName, (x: Tensor) => Tensor>> = { exp, sigmoid, tanh, relu };

/** This library on an engine of so many threads. */
export async function wengertPeer(choice: EngineChoice): Promise<PeerModule> {
  const { bind, about } = await startEngine(choice);
  return {
    async training(net, data) {
      const { step, state } = trainingOf(net, data.layers);
      const { run } = await bind(step, state, batchOf(net, data));
      return { about, step: () => run("cost") };
    },
    async elementwise(op, count): Promise<Task> {
      const [x, y] = [parameter("x", [count]), parameter("y", [count])];
      // The result stays in memory; what is read is an element of the one before.
      const document = graph({ first: slice(y, [[0, 1]]) }, { updates: { y: builders[op](x) } });
      const state = {
        x: arrayFrom(elementwiseInput(count), [count]),
        y: arrayFrom(new Float32Array(count), [count]),
      };
      const { run } = await bind(document, state, {});
      return { about, step: () => run("first") };
    },
  };
}
