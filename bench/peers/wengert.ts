// This library as a peer: the training step of `@wengert/models` on the engine, run as `fit` runs it.
// Examples are given anew each step, as mini-batches are.

import {
  arrayFrom,
  exp,
  graph,
  optimise,
  parameter,
  relu,
  sigmoid,
  slice,
  tanh,
  toNumber,
  type Arrays,
  type Graph,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import { initialState, lLayerNetwork, trainingStep } from "@wengert/models";
import { engineFor, type EngineChoice } from "../engines.ts";
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
  const given: Record<string, NdArray> = {};
  for (const [i, { n, p, W, b }] of layers.entries()) {
    given[`W${i + 1}`] = arrayFrom(W, [n, p]);
    given[`b${i + 1}`] = arrayFrom(b, [n, 1]);
  }
  const { cost } = step.graph.outputs;
  if (cost === undefined) throw new Error("the training step has no cost");
  return {
    step: optimise({ ...step.graph, outputs: { cost } }),
    state: { ...initialState(step, { seed: 0, initializer: "zeros" }), ...given },
  };
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
export function wengertPeer(choice: EngineChoice): PeerModule {
  const { engine, about } = engineFor(choice);
  return {
    async training(net, data) {
      const { step, state } = trainingOf(net, data.layers);
      const resident = (await engine.compile(step)).bind(state);
      const values = batchOf(net, data);
      return { about, step: () => toNumber(resident.run(values)["cost"] as NdArray) };
    },
    async elementwise(op, elements): Promise<Task> {
      const [x, y] = [parameter("x", [elements]), parameter("y", [elements])];
      const result = builders[op](x);
      const document = graph({ first: slice(y, [[0, 1]]) }, { updates: { y: result } });
      const resident = (await engine.compile(document)).bind({
        x: arrayFrom(elementwiseInput(elements), [elements]),
        y: arrayFrom(new Float32Array(elements), [elements]),
      });
      return { about, step: () => (resident.run({})["first"] as NdArray).data[0] ?? Number.NaN };
    },
  };
}
