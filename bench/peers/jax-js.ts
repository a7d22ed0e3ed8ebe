// jax-js on WebAssembly as a peer: one jitted function for the whole step, parameters as a list of arrays.
// Every use of an array consumes it, so `.ref` stands wherever it is needed again.

import { createRequire } from "node:module";
import { defaultDevice, init, jit, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { transposed, type Data } from "../data.ts";
import { type Net } from "../nets.ts";
import { type ElementwiseName, type Task } from "../protocol.ts";
import { elementwiseInput, type PeerModule } from "./index.ts";

type Arrays = np.Array[];

const version = (
  createRequire(import.meta.url)("../node_modules/@jax-js/jax/package.json") as { version: string }
).version;

/** Whether examples are rows or columns: which of the two is faster depends on the network and on V8. */
export type Layout = "rows" | "columns";

/** Parameters are W and b of every layer in turn: W [p, n] and b [n] for rows, W [n, p] and b [n, 1] for columns. */
function lossOf(
  { hidden, loss }: Net,
  layout: Layout,
): (parameters: Arrays, X: np.Array, Y: np.Array) => np.Array {
  const classes = layout === "rows" ? -1 : 0;
  return (parameters, X, Y) => {
    const layers = parameters.length / 2;
    let A = X;
    for (let l = 0; l < layers; l++) {
      const [W, b] = [parameters[2 * l] as np.Array, parameters[2 * l + 1] as np.Array];
      const Z = (layout === "rows" ? np.dot(A, W) : np.dot(W, A)).add(b);
      A = l === layers - 1 ? Z : hidden === "tanh" ? np.tanh(Z) : nn.relu(Z);
    }
    if (loss === "binaryCrossEntropy") return nn.softplus(A.ref).sub(A.mul(Y)).mean();
    return nn.logSoftmax(A, classes).mul(Y).sum(classes).mean().neg();
  };
}

/** Parameters, and for Adam their moments and the count of steps, in one list: what a jitted step takes and gives. */
function descend(net: Net, state: Arrays, gradients: Arrays): Arrays {
  const count = gradients.length;
  const { learningRate } = net;
  if (net.optimizer === "gradientDescent") {
    return gradients.map((g, i) => (state[i] as np.Array).sub(g.mul(learningRate)));
  }
  const t = (state[3 * count] as np.Array).add(1);
  const rest = (beta: number): np.Array => np.subtract(1, np.exp(t.ref.mul(Math.log(beta))));
  const [rest1, rest2] = [rest(0.9), rest(0.999)];
  const [next, first, second]: [Arrays, Arrays, Arrays] = [[], [], []];
  for (const [i, g] of gradients.entries()) {
    const m = (state[count + i] as np.Array).mul(0.9).add(g.ref.mul(0.1));
    const v = (state[2 * count + i] as np.Array).mul(0.999).add(np.square(g).mul(0.001));
    const direction = m.ref.div(rest1.ref).div(np.sqrt(v.ref.div(rest2.ref)).add(1e-8));
    next.push((state[i] as np.Array).sub(direction.mul(learningRate)));
    first.push(m);
    second.push(v);
  }
  rest1.dispose();
  rest2.dispose();
  return [...next, ...first, ...second, t];
}

/** A matrix that is given with examples, or inputs of a layer, as columns. */
function matrix(values: Float32Array, [rows, columns]: readonly [number, number], layout: Layout): np.Array {
  return layout === "columns"
    ? np.array(values).reshape([rows, columns])
    : np.array(transposed(values, rows, columns)).reshape([columns, rows]);
}

function initialState({ optimizer }: Net, { layers }: Data, layout: Layout): Arrays {
  const parameters = layers.flatMap(({ n, p, W, b }) => [
    matrix(W, [n, p], layout),
    np.array(b).reshape(layout === "columns" ? [n, 1] : [n]),
  ]);
  if (optimizer === "gradientDescent") return parameters;
  const zeros = (): Arrays => parameters.map(({ shape }) => np.zeros(shape));
  return [...parameters, ...zeros(), ...zeros(), np.array(0)];
}

const operations: Readonly<Record<ElementwiseName, (x: np.Array) => np.Array>> = {
  exp: np.exp,
  sigmoid: nn.sigmoid,
  tanh: np.tanh,
  relu: nn.relu,
};

function training(about: string, net: Net, data: Data, layout: Layout): Task {
  const { units, batch } = net;
  const X = matrix(data.X, [units[0] ?? 1, batch], layout);
  const Y = matrix(data.Y, [units.at(-1) ?? 1, batch], layout);
  const count = 2 * data.layers.length;
  const lossAndGradients = valueAndGrad(lossOf(net, layout));
  const update = jit((before: Arrays, x: np.Array, y: np.Array): [np.Array, Arrays] => {
    const parameters = before.slice(0, count).map((each) => each.ref);
    const [loss, gradients] = lossAndGradients(parameters, x, y) as unknown as [np.Array, Arrays];
    return [loss, descend(net, before, gradients)];
  });
  let state = initialState(net, data, layout);
  const step = (): number => {
    const [loss, after] = update(state, X.ref, Y.ref);
    state = after;
    // What is pending is pending for all results: this computes the parameters, too.
    return loss.item();
  };
  return { about, step };
}

/** jax-js with its WebAssembly backend. */
export async function jaxJsPeer(layout: Layout): Promise<PeerModule> {
  await init("wasm");
  defaultDevice("wasm");
  // Its worker pool needs the `Worker` of browsers, which Node lacks.
  const threads = typeof Worker === "undefined" ? "1 thread" : "threads";
  const about = `@jax-js/jax ${version}, wasm, jit, ${threads}, examples as ${layout}`;
  return {
    training: (net, data) => Promise.resolve(training(about, net, data, layout)),
    elementwise(op, elements): Promise<Task> {
      const x = np.array(elementwiseInput(elements));
      const apply = jit(operations[op]);
      const step = async (): Promise<number> => {
        const y = apply(x.ref);
        await y.blockUntilReady();
        y.dispose();
        return 0;
      };
      return Promise.resolve({ about, step });
    },
  };
}
