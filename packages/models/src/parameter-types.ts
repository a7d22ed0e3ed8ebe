// The names and shapes of a network's parameters in the types, so that `W3` of a network of two layers does not
// compile. They recurse on the number of layers, never on a size, and are open where the layers are not known.

import type { Tensor } from "@wengert/tensor";

/** Adds the parameters of layer after layer to a record; `Layer` counts them. */
type Layers<
  Units extends readonly number[],
  Normalized extends boolean,
  Layer extends readonly unknown[],
  Known,
> = Units extends readonly [
  infer Inputs extends number,
  infer Outputs extends number,
  ...infer Rest extends readonly number[],
]
  ? Layers<
      readonly [Outputs, ...Rest],
      Normalized,
      readonly [...Layer, unknown],
      Known & {
        readonly [K in `W${Layer["length"]}`]: Tensor<readonly [Outputs, Inputs]>;
      } & {
        readonly [K in `b${Layer["length"]}`]: Tensor<readonly [Outputs, 1]>;
      } & (Rest extends readonly []
          ? unknown
          : Normalized extends true
            ? { readonly [K in `gamma${Layer["length"]}`]: Tensor<readonly [Outputs, 1]> }
            : unknown)
    >
  : Known;

type Flat<R> = { readonly [K in keyof R]: R[K] };

/**
 * The parameters of a network with the given units: `W1 [n1, n0]`, `b1 [n1, 1]`, `W2` …, and with batch normalization
 * `gamma1` … of the hidden layers.
 */
export type NetworkParameters<
  Units extends readonly number[],
  Normalized extends boolean = false,
> = number extends Units["length"]
  ? Readonly<Record<string, Tensor>>
  : Flat<Layers<Units, Normalized, readonly [unknown], unknown>>;

/** Arrays under the names of a record of tensors. */
export type Named<R, V> = { readonly [K in keyof R]: V };
