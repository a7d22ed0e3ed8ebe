// The cost of a gradient relative to its function: a program of the cost and all gradients over one of the cost alone.
// Each layer's product has two in the backward pass (the first one has one), so at most about 3 is owed.

import { gradient } from "@wengert/autodiff";
import { lLayerNetwork, trainingStep } from "@wengert/models";
import { graph, optimise, type Tensor } from "@wengert/tensor";
import { drawData } from "./data.ts";
import { startEngine } from "./engines.ts";
import { nets, productOperations, type Net } from "./nets.ts";
import { batchOf, trainingOf } from "./peers/wengert.ts";
import { digits, markdownTable } from "./report.ts";
import { timeInTurns } from "./turns.ts";

const { bind, about, close } = await startEngine({ threads: 1, turbo: false });

/** Runs of the cost alone, and of the cost with the gradients of all parameters. */
async function programs(net: Net): Promise<readonly (() => void)[]> {
  const { units, hidden, loss, learningRate } = net;
  const output = loss === "binaryCrossEntropy" ? "sigmoid" : "softmax";
  const network = lLayerNetwork({ units, hidden, output });
  const { cost } = trainingStep({ network, loss, learningRate });
  const parameters = network.parameters as Readonly<Record<string, Tensor>>;
  const data = drawData(net, 1);
  const { state } = trainingOf(net, data.layers);
  const known = Object.fromEntries(Object.keys(parameters).map((name) => [name, state[name]]));
  const runs = [graph({ cost }), graph({ cost, ...gradient(cost, parameters) })].map(async (document) => {
    const { run } = await bind(optimise(document), known as typeof state, batchOf(net, data));
    return () => void run("cost");
  });
  return Promise.all(runs);
}

/** 3 less what the first layer does not need. */
function owed(net: Net): number {
  const forward = 2 * net.batch * net.units.slice(1).reduce((sum, n, i) => sum + n * (net.units[i] ?? 0), 0);
  return productOperations(net) / forward;
}

const rows: string[][] = [];
for (const net of nets) {
  process.stderr.write(`${net.name}\n`);
  const [cost = Number.NaN, both = Number.NaN] = timeInTurns(await programs(net), { rounds: 11, block: 60 });
  rows.push([net.name, digits(cost), digits(both), digits(both / cost), digits(owed(net))]);
}
close();
process.stdout.write(`${about}\n\n`);
process.stdout.write(
  `${markdownTable(["net", "cost ms", "cost and gradients ms", "ratio", "ratio of operations"], rows)}\n`,
);
