// What the compiler knows of a network: the names and shapes of its parameters.

import type { NdArray, Tensor } from "@wengert/tensor";
import { expectTypeOf, test } from "vitest";
import { fit } from "./fit.ts";
import { initializeParameters } from "./initialize-parameters.ts";
import { lLayerNetwork } from "./l-layer-network.ts";
import { trainingStep } from "./training-step.ts";

test("literal units name and shape the parameters", () => {
  const { parameters } = lLayerNetwork({ units: [12288, 20, 1] });
  expectTypeOf(parameters.W1).toEqualTypeOf<Tensor<readonly [20, 12288]>>();
  expectTypeOf(parameters.b1).toEqualTypeOf<Tensor<readonly [20, 1]>>();
  expectTypeOf(parameters.W2).toEqualTypeOf<Tensor<readonly [1, 20]>>();
  expectTypeOf<keyof typeof parameters>().toEqualTypeOf<"W1" | "b1" | "W2" | "b2">();
  // @ts-expect-error a network of two layers has no third
  void parameters.W3;
  // @ts-expect-error without batch normalization there are no scales
  void parameters.gamma1;
});

test("batch normalization adds a scale to every hidden layer", () => {
  const { parameters } = lLayerNetwork({ units: [4, 3, 2, 1], batchNormalization: true });
  expectTypeOf(parameters.gamma2).toEqualTypeOf<Tensor<readonly [2, 1]>>();
  // @ts-expect-error the last layer is not normalized
  void parameters.gamma3;
});

test("units that are not literal leave the names open", () => {
  const units: readonly number[] = [2, 1];
  const { parameters } = lLayerNetwork({ units });
  expectTypeOf(parameters).toEqualTypeOf<Readonly<Record<string, Tensor>>>();
});

test("a deep network stays within the compiler's depth", () => {
  const { parameters } = lLayerNetwork({
    units: [9, 8, 7, 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2, 1],
  });
  expectTypeOf(parameters.W24).toEqualTypeOf<Tensor<readonly [1, 2]>>();
});

test("first values and trained ones have the same names", async () => {
  const begun = initializeParameters([784, 20, 1], { seed: 0 });
  expectTypeOf(begun.W2).toEqualTypeOf<NdArray>();
  // @ts-expect-error no third layer
  void begun.W3;
  const step = trainingStep({
    network: lLayerNetwork({ units: [2, 3, 1] }),
    loss: "binaryCrossEntropy",
    learningRate: 1,
  });
  const { parameters } = await fit(step, { X: begun.W1, Y: begun.W1 }, { epochs: 1 });
  expectTypeOf(parameters.W2).toEqualTypeOf<NdArray>();
  // @ts-expect-error no third layer
  void parameters.W3;
  expectTypeOf(step.gradients.b2).toEqualTypeOf<Tensor<readonly [1, 1]>>();
});

test("names that do not exist are refused", () => {
  // @ts-expect-error no such activation
  void (() => lLayerNetwork({ units: [2, 1], hidden: "relo" }));
  // @ts-expect-error no such loss
  void (() => trainingStep({ network: lLayerNetwork({ units: [2, 1] }), loss: "entropy", learningRate: 1 }));
  expectTypeOf<Parameters<typeof lLayerNetwork>[0]>().toHaveProperty("hidden");
});
