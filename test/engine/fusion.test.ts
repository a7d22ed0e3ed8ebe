// What fusion makes of the training step of an L-layer network: no copy, no broadcast and no transposed matrix is
// ever stored. `vitest run test/engine/fusion.test.ts -u` writes the goldens anew.

import { compile, printKernels, type KernelProgram } from "@wengert/compiler";
import { lLayerNetwork, optimizerNames, trainingStep, type ActivationName } from "@wengert/models";
import { describe, expect, test } from "vitest";

interface Options {
  readonly hidden: ActivationName;
  readonly optimizer: (typeof optimizerNames)[number];
  readonly output: "sigmoid" | "softmax";
}

function kernelsOf(units: readonly number[], { hidden, optimizer, output }: Options): KernelProgram {
  const network = lLayerNetwork({ units, hidden, output });
  const loss = output === "softmax" ? "softmaxCrossEntropy" : "binaryCrossEntropy";
  const { graph } = trainingStep({ network, loss, optimizer: { name: optimizer }, learningRate: 0.1 });
  return compile(graph, { sizes: { m: 7 } }).kernels;
}

const softmax = { hidden: "relu", optimizer: "gradientDescent", output: "softmax" } as const;
const adam = { hidden: "tanh", optimizer: "adam", output: "sigmoid" } as const;

test.each([
  ["three-layers-softmax", [5, 4, 3, 2], softmax],
  ["two-layers-adam", [5, 4, 1], adam],
] as const)("%s is fused as before", async (name, units, options) => {
  await expect(printKernels(kernelsOf(units, options))).toMatchFileSnapshot(`../goldens/${name}-kernels.txt`);
});

describe.each(optimizerNames)("with %s", (optimizer) => {
  test.each(["relu", "tanh", "sigmoid", "gelu", "leakyRelu"] as const)("%s layers copy nothing", (hidden) => {
    for (const output of ["softmax", "sigmoid"] as const) {
      const units = output === "softmax" ? [5, 4, 3, 2] : [5, 4, 3, 1];
      const { kernels, buffers } = kernelsOf(units, { hidden, optimizer, output });
      // A product for Z and one for dW of every layer, and one for dA of every layer but the first.
      expect(kernels.filter(({ kind }) => kind === "product")).toHaveLength(8);
      for (const kernel of kernels) {
        expect(kernel.kind).not.toBe("fill");
        if (kernel.kind !== "loop") continue;
        expect(
          kernel.steps.some(({ kind }) => kind === "apply" || kind === "reduce"),
          `${kernel.name} computes nothing`,
        ).toBe(true);
        // Every stored value varies along every dimension over which it is stored: no broadcast is written out.
        for (const { access } of kernel.stores) {
          const { shape } = buffers[access.buffer]!;
          const points = kernel.sizes.reduce((n, size, d) => (access.strides[d] === 0 ? n : n * size), 1);
          expect(points).toBe(shape.reduce((a, b) => a * b, 1));
        }
      }
    }
  });
});
