// Compiles the training step of a network, given as JSON, in this process, which has compiled nothing before; and then
// again. Prints the milliseconds of every step of the compiler, of the first compilation and of the last, and how busy
// others kept the core meanwhile.
// Plain JavaScript: the packages as they are published are measured, with nothing between them and the platform.

import { compile } from "@wengert/compiler";
import { lLayerNetwork, trainingStep } from "@wengert/models";
import { strain } from "./strain.mjs";

/** Compilations of a process: code that has run some times is compiled better by the platform. */
const repetitions = 12;

const [, , given = ""] = process.argv;
const { units, hidden, loss, optimizer, learningRate, batch } = /** @type {import("./nets.ts").Net} */ (
  JSON.parse(given)
);
const network = lLayerNetwork({
  units,
  hidden,
  output: loss === "binaryCrossEntropy" ? "sigmoid" : "softmax",
});
const step = trainingStep({ network, loss, optimizer: { name: optimizer }, learningRate });

/** One compilation for two threads, as the engine does it: milliseconds by step, and in all. */
function compileOnce() {
  /** @type {Record<string, number>} */
  const steps = {};
  const began = performance.now();
  compile(step.graph, {
    sizes: { m: batch },
    threads: 2,
    features: { relaxed: true, wide: false },
    now: () => performance.now(),
    onStep: ({ name, milliseconds }) => {
      steps[name] = milliseconds;
    },
  });
  return { steps, total: performance.now() - began };
}

// Until the platform has optimised it.
for (let i = 0; i < 3; i++) strain();
const before = strain();
const first = compileOnce();
const strained = Math.max(before, strain());
let last = first;
for (let i = 1; i < repetitions; i++) last = compileOnce();
process.stdout.write(JSON.stringify({ nodes: Object.keys(step.graph.nodes).length, first, last, strained }));
