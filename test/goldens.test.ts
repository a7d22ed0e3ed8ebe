// Printed graphs as a reader sees them: a change of a builder, a rule or a pass shows here as a difference of text.
// `vitest run test/goldens.test.ts -u` writes the files anew; read the difference before it is committed.

import { expect, test } from "vitest";
import {
  check,
  explain,
  graph,
  input,
  mul,
  optimise,
  parse,
  print,
  sub,
  type Graph,
  type Tensor,
} from "@wengert/tensor";
import { gradient } from "@wengert/autodiff";
import { binaryCrossEntropy, lLayerNetwork } from "@wengert/models";

const network = lLayerNetwork({ units: [3, 4, 1], hidden: "relu", output: "sigmoid" });
const { logits, output } = network.evaluation;
const Y = input("Y", [1, "m"]);
const cost = binaryCrossEntropy(logits, Y);
const parameters: Readonly<Record<string, Tensor>> = network.parameters;
const gradients = gradient(cost, parameters);
const updates = Object.fromEntries(
  Object.entries(parameters).map(([name, each]) => [name, sub(each, mul(gradients[name] as Tensor, 0.5))]),
);

const documents: Readonly<Record<string, Graph>> = {
  "two-layer-forward": graph({ A2: output }),
  "two-layer-gradient": graph({ cost, ...gradients }),
  "two-layer-training-step": graph({ cost }, { updates }),
};

test.each(Object.entries(documents))("%s is printed as before", async (name, document) => {
  const text = print(check(document));
  await expect(`${text}\n`).toMatchFileSnapshot(`goldens/${name}.txt`);
  expect(print(parse(text))).toBe(text);
});

test.each(Object.entries(documents))("%s is optimised as before", async (name, document) => {
  const optimised = optimise(document);
  const text = `${print(check(optimised))}\n\n# ${explain(optimised).replaceAll("\n", "\n# ")}`;
  await expect(`${text}\n`).toMatchFileSnapshot(`goldens/${name}-optimised.txt`);
  expect(print(parse(text))).toBe(print(optimised));
});
