// The activation functions of layers, each with its closed-form backward rule: the oracle that derived gradients are
// tested against, and never what trains a network.

import {
  add,
  div,
  elu,
  erf,
  exp,
  gelu,
  greater,
  leakyRelu,
  mul,
  neg,
  relu,
  sigmoid,
  silu,
  softmax,
  softplus,
  square,
  sub,
  sum,
  tanh,
  where,
  type Tensor,
} from "@wengert/tensor";

/** A layer's nonlinearity g, which keeps the shape `[n, m]`. */
export interface Activation {
  /** A = g(Z), of the shape of Z `[n, m]`. */
  readonly forward: (Z: Tensor) => Tensor;
  /** The closed form of dZ for dA: dA ⊙ g'(Z) where g works on each element. */
  readonly backward: (dA: Tensor, Z: Tensor, A: Tensor) => Tensor;
}

/** Φ(z), the distribution function of the standard normal. */
function normalDistribution(Z: Tensor): Tensor {
  return mul(add(erf(div(Z, Math.SQRT2)), 1), 0.5);
}

/** φ(z), the density of the standard normal. */
function normalDensity(Z: Tensor): Tensor {
  return mul(exp(mul(square(Z), -0.5)), 1 / Math.sqrt(2 * Math.PI));
}

const table = {
  identity: { forward: (Z) => Z, backward: (dA) => dA },
  // relu'(0) = 0
  relu: { forward: (Z) => relu(Z), backward: (dA, Z) => where(greater(Z, 0), dA, 0) },
  leakyRelu: {
    forward: (Z) => leakyRelu(Z),
    backward: (dA, Z) => where(greater(Z, 0), dA, mul(dA, 0.01)),
  },
  // elu' = eᶻ = A + 1 below 0
  elu: { forward: (Z) => elu(Z), backward: (dA, Z, A) => where(greater(Z, 0), dA, mul(dA, add(A, 1))) },
  // σ' = σ (1 - σ)
  sigmoid: { forward: (Z) => sigmoid(Z), backward: (dA, _, A) => mul(dA, mul(A, sub(1, A))) },
  // tanh' = 1 - tanh²
  tanh: { forward: (Z) => tanh(Z), backward: (dA, _, A) => mul(dA, sub(1, square(A))) },
  // (z Φ)' = Φ + z φ
  gelu: {
    forward: (Z) => gelu(Z),
    backward: (dA, Z) => mul(dA, add(normalDistribution(Z), mul(Z, normalDensity(Z)))),
  },
  // (z σ)' = σ (1 + z (1 - σ))
  silu: {
    forward: (Z) => silu(Z),
    backward: (dA, Z) => mul(dA, mul(sigmoid(Z), add(mul(Z, sigmoid(neg(Z))), 1))),
  },
  softplus: { forward: (Z) => softplus(Z), backward: (dA, Z) => mul(dA, sigmoid(Z)) },
  // Over the classes of each example: dZ = A ⊙ (dA - Σ dA ⊙ A)
  softmax: {
    forward: (Z) => softmax(Z, 0),
    backward: (dA, _, A) => mul(A, sub(dA, sum(mul(dA, A), 0, { keepDims: true }))),
  },
} satisfies Readonly<Record<string, Activation>>;

/** The name of an activation function. */
export type ActivationName =
  | "identity"
  | "relu"
  | "leakyRelu"
  | "elu"
  | "sigmoid"
  | "tanh"
  | "gelu"
  | "silu"
  | "softplus"
  | "softmax";

/**
 * Every activation function by name, with its closed-form derivative:
 *
 * | name | $g(z)$ | $g'(z)$ |
 * | --- | --- | --- |
 * | `identity` | $z$ | $1$ |
 * | `relu` | $\max(0, z)$ | $1$ where $z > 0$, else $0$ |
 * | `leakyRelu` | $z$ where $z > 0$, else $0.01 z$ | $1$ where $z > 0$, else $0.01$ |
 * | `elu` | $z$ where $z > 0$, else $e^z - 1$ | $1$ where $z > 0$, else $g(z) + 1$ |
 * | `sigmoid` | $\sigma(z) = 1 / (1 + e^{-z})$ | $\sigma(z) (1 - \sigma(z))$ |
 * | `tanh` | $\tanh z$ | $1 - \tanh^2 z$ |
 * | `gelu` | $z \Phi(z)$ | $\Phi(z) + z \varphi(z)$ |
 * | `silu` | $z \sigma(z)$ | $\sigma(z) (1 + z (1 - \sigma(z)))$ |
 * | `softplus` | $\log(1 + e^z)$ | $\sigma(z)$ |
 * | `softmax` | $e^{z_c} / \sum_k e^{z_k}$ over the classes | $dZ = A \odot (dA - \sum dA \odot A)$ |
 *
 * `softmax` is for output layers.
 */
export const activations: Readonly<Record<ActivationName, Activation>> = Object.freeze(table);

/** The names of all activation functions. */
export const activationNames: readonly ActivationName[] = Object.freeze(
  // The keys of a table are its names.
  Object.keys(table) as ActivationName[],
);
