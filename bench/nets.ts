// The networks that are measured, a row each, and what one training step of them computes.
// Every peer gets the same rows; what is drawn for them is in `data.ts`.

/** The name of a network. */
export type NetName = "S" | "C" | "M" | "L" | "XL";

/** A network with its batch and how it learns. */
export interface Net {
  readonly name: NetName;
  /** Units of every layer, features first. */
  readonly units: readonly number[];
  readonly hidden: "tanh" | "relu";
  /** From logits; the output is the sigmoid or the softmax of them. */
  readonly loss: "binaryCrossEntropy" | "softmaxCrossEntropy";
  readonly batch: number;
  readonly optimizer: "gradientDescent" | "adam";
  readonly learningRate: number;
}

const rows: readonly (readonly [
  NetName,
  readonly number[],
  Net["hidden"],
  Net["loss"],
  batch: number,
  Net["optimizer"],
  learningRate: number,
])[] = [
  ["S", [2, 4, 1], "tanh", "binaryCrossEntropy", 400, "gradientDescent", 0.5],
  ["C", [12_288, 20, 7, 5, 1], "relu", "binaryCrossEntropy", 209, "gradientDescent", 0.0075],
  ["M", [784, 128, 64, 10], "relu", "softmaxCrossEntropy", 64, "gradientDescent", 0.05],
  ["L", [784, 512, 512, 10], "relu", "softmaxCrossEntropy", 128, "adam", 0.0005],
  ["XL", [1024, 2048, 2048, 1000], "relu", "softmaxCrossEntropy", 256, "gradientDescent", 0.05],
];

/** The networks in the order of the tables. */
export const nets: readonly Net[] = rows.map(([name, units, hidden, loss, batch, optimizer, learningRate]) =>
  Object.freeze({ name, units, hidden, loss, batch, optimizer, learningRate }),
);

/**
 * Floating-point operations of the matrix products of one step: forward, the gradients of all weights, and those of
 * all activations but the examples.
 */
export function productOperations({ units, batch }: Net): number {
  const weights = units.slice(1).map((n, i) => n * (units[i] ?? 0));
  const all = weights.reduce((sum, count) => sum + count, 0);
  return 2 * batch * (3 * all - (weights[0] ?? 0));
}

/** What a network is, in a line. */
export function describeNet({ units, hidden, loss, batch, optimizer }: Net): string {
  const output = loss === "binaryCrossEntropy" ? "sigmoid, binary" : "softmax";
  const descent = optimizer === "adam" ? "Adam" : "gradient descent";
  return `${units.join("-")}, ${hidden}, ${output} cross-entropy, batch ${batch}, ${descent}`;
}
