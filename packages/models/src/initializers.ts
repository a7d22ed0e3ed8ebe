// First values of parameters, drawn by a random key. Biases begin at 0.

import {
  requireKnownFields,
  elements,
  arrayFrom,
  evaluate,
  InputError,
  mul,
  normal,
  randomKey,
  splitKey,
  uniform,
  type Arrays,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import type { Network } from "./l-layer-network.ts";

/** How weights `[n, p]` with p inputs begin. */
export type Initializer = (
  key: Tensor,
  shape: readonly [n: number, p: number],
  dtype: "f32" | "f64",
) => Tensor;

/** The name of an initializer. */
export type InitializerName = "zeros" | "small" | "xavier" | "xavierUniform" | "he" | "heUniform" | "lecun";

const scaledNormal =
  (deviation: (n: number, p: number) => number): Initializer =>
  (key, shape, dtype) =>
    mul(normal(key, shape, { dtype }), deviation(...shape));

const scaledUniform =
  (bound: (n: number, p: number) => number): Initializer =>
  (key, shape, dtype) =>
    uniform(key, shape, { minval: -bound(...shape), maxval: bound(...shape), dtype });

/**
 * Every initializer by name, for weights `[n, p]`: `zeros`; `small` $N(0, 0.01^2)$; `xavier` $N(0, 2/(n+p))$ and
 * `xavierUniform` (Glorot & Bengio 2010); `he` $N(0, 2/p)$ and `heUniform` (He et al. 2015); `lecun` $N(0, 1/p)$.
 */
export const initializers: Readonly<Record<InitializerName, Initializer>> = Object.freeze({
  // All units of a layer stay alike: a lesson, not a choice.
  zeros: scaledNormal(() => 0),
  // N(0, 0.01²)
  small: scaledNormal(() => 0.01),
  // N(0, 2/(n + p)) (Glorot & Bengio 2010)
  xavier: scaledNormal((n, p) => Math.sqrt(2 / (n + p))),
  // U(±√(6/(n + p)))
  xavierUniform: scaledUniform((n, p) => Math.sqrt(6 / (n + p))),
  // N(0, 2/p), for relu (He et al. 2015)
  he: scaledNormal((_, p) => Math.sqrt(2 / p)),
  // U(±√(6/p))
  heUniform: scaledUniform((_, p) => Math.sqrt(6 / p)),
  // N(0, 1/p), as the course begins its deep network (LeCun et al. 1998)
  lecun: scaledNormal((_, p) => Math.sqrt(1 / p)),
});

/** How to begin. */
export interface InitializeOptions {
  /** The same seed gives the same values. */
  readonly seed: number;
  /** Default `he`. */
  readonly initializer?: InitializerName;
}

/**
 * First values of all parameters and of all state of a network, by name.
 * @throws InputError when the initializer or an option is unknown.
 */
export function initializeNetwork<P>(network: Network<P>, options: InitializeOptions): Arrays {
  requireKnownFields("initializeNetwork", options, ["seed", "initializer"]);
  const { seed, initializer = "he" } = options;
  const draw = initializers[initializer];
  if (draw === undefined) {
    const names = Object.keys(initializers).join(", ");
    throw new InputError(
      `initializeNetwork: the initializer must be one of ${names}, got ${initializer as string}`,
    );
  }
  const { units, dtype } = network.specification;
  const [first, ...keys] = splitKey(randomKey(seed), units.length);
  const dropoutKey = first as Tensor;
  const weights = Object.fromEntries(
    keys.map((key, i) => [`W${i + 1}`, draw(key, [units[i + 1] as number, units[i] as number], dtype)]),
  );
  const drawn: Readonly<Record<string, NdArray>> = evaluate({ ...weights, dropoutKey });
  const begin = (name: string, tensor: Tensor): NdArray =>
    drawn[name] ??
    filled(tensor.shape as readonly number[], dtype, /^gamma|^runningVariance/.test(name) ? 1 : 0);
  const tensors = { ...(network.parameters as Readonly<Record<string, Tensor>>), ...network.state };
  return Object.freeze(
    Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, begin(name, t)])),
  );
}

function filled(shape: readonly number[], dtype: "f32" | "f64", value: number): NdArray {
  const count = elements(shape);
  return arrayFrom((dtype === "f64" ? new Float64Array(count) : new Float32Array(count)).fill(value), shape);
}
