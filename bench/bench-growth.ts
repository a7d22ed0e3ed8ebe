// How the cost of a training step grows with the number of layers, the batch and the width, on one thread.
// Doubling any of them should at most double the time per layer and example, beyond fixed costs of a step.

import { drawData, type Data } from "./data.ts";
import { startEngine } from "./engines.ts";
import { productOperations, type Net } from "./nets.ts";
import { batchOf, trainingOf } from "./peers/wengert.ts";
import { digits, markdownTable } from "./report.ts";
import { timeInTurns } from "./turns.ts";

const { bind, about, close } = await startEngine({ threads: 1, turbo: false });

const base: Net = {
  name: "M",
  units: [784, 128, 64, 10],
  hidden: "relu",
  loss: "softmaxCrossEntropy",
  batch: 64,
  optimizer: "gradientDescent",
  learningRate: 1e-6,
};

/** Layers that hand on what they get, so that nothing vanishes or overflows however many there are. */
function identities(data: Data): Data {
  const layers = data.layers.map(({ n, p, W, b }) => ({
    n,
    p,
    W: n === p ? Float32Array.from({ length: n * p }, (_, i) => (i % (n + 1) === 0 ? 1 : 0)) : W,
    b,
  }));
  return { X: data.X.map(Math.abs), Y: data.Y, layers };
}

interface Growing {
  readonly title: string;
  readonly net: Net;
  readonly data: Data;
}

/** A row: building, compiling and first step; a step; and both by what grows. */
async function measure({ title, net, data }: Growing, unit: number): Promise<readonly string[]> {
  process.stderr.write(`${title}\n`);
  const began = performance.now();
  const { step, state } = trainingOf(net, data.layers);
  const built = performance.now();
  const { run } = await bind(step, state, batchOf(net, data));
  run("cost");
  const compiled = performance.now();
  const [milliseconds = Number.NaN] = timeInTurns([() => void run("cost")], { rounds: 7, block: 60 });
  return [
    title,
    digits(built - began),
    digits(compiled - built),
    digits(milliseconds),
    digits((1000 * milliseconds) / unit),
    digits(productOperations(net) / milliseconds / 1e6),
  ];
}

const header = (what: string, unit: string): readonly string[] => [
  what,
  "build ms",
  "compile and first step ms",
  "step ms",
  `µs ${unit}`,
  "GFLOP/s",
];

const layerRows: (readonly string[])[] = [];
for (const layers of [10, 100, 1000, 10_000]) {
  const units = [...Array.from({ length: layers }, () => 8), 1];
  const net: Net = { ...base, units, batch: 32, loss: "binaryCrossEntropy" };
  layerRows.push(await measure({ title: String(layers), net, data: identities(drawData(net, 1)) }, layers));
}
const batchRows: (readonly string[])[] = [];
for (const batch of [16, 64, 256, 1024]) {
  const net = { ...base, batch };
  batchRows.push(await measure({ title: String(batch), net, data: drawData(net, 1) }, batch));
}
const widthRows: (readonly string[])[] = [];
for (const width of [32, 64, 128, 256, 512, 1024]) {
  const net = { ...base, units: [width, width, width, 10] };
  widthRows.push(await measure({ title: String(width), net, data: drawData(net, 1) }, width * width));
}
close();
const tables = [
  `${about}\n`,
  markdownTable(header("layers of 8 units, batch 32", "a layer"), layerRows),
  "",
  markdownTable(header("batch of net M", "an example"), batchRows),
  "",
  markdownTable(header("width of 3 layers, batch 64", "a weight of a layer"), widthRows),
];
process.stdout.write(`${tables.join("\n")}\n`);
