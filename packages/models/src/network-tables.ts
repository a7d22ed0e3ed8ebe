// The dimensions and caches of a network, layer by layer: the first debugging tool, as data and as text.

import { bytesPerElement, InputError, showShape, type Shape, type Tensor } from "@wengert/tensor";
import type { Network } from "./l-layer-network.ts";
import { formatTable } from "./tables.ts";

/** The shapes of one layer. */
export interface LayerDimensions {
  readonly layer: number;
  readonly units: number;
  readonly activation: string;
  readonly W: Shape;
  readonly b: Shape;
  /** Of Z and A for one example, and for m. */
  readonly one: Shape;
  readonly all: Shape;
  /** How many numbers the layer learns. */
  readonly parameters: number;
}

/**
 * The shapes of every layer, for one example and for m.
 * @throws InputError when m is not a whole number from 1, nor "m".
 */
export function dimensionTable<P>(network: Network<P>, m: number | "m" = "m"): readonly LayerDimensions[] {
  if (m !== "m") requireCount("dimensionTable", m, 'a whole number from 1, or "m"');
  const { units, batchNormalization } = network.specification;
  return network.evaluation.layers.map(({ index, activation, cache }) => {
    const n = units[index] as number;
    const scales = batchNormalization && index < units.length - 1 ? n : 0;
    return Object.freeze({
      layer: index,
      units: n,
      activation,
      W: cache.W.shape,
      b: cache.b.shape,
      one: [n, 1],
      all: [n, m],
      parameters: n * (units[index - 1] as number) + n + scales,
    });
  });
}

/** The dimension table as text, with a row for the input and the total of learned numbers. */
export function formatDimensions<P>(network: Network<P>, m: number | "m" = "m"): string {
  const rows = dimensionTable(network, m);
  const n0 = network.specification.units[0] as number;
  const body = rows.map((row) => [
    String(row.layer),
    row.units,
    row.activation,
    showShape(row.W),
    showShape(row.b),
    showShape(row.one),
    showShape(row.all),
    row.parameters,
  ]);
  const first = ["0", n0, "(X)", "", "", showShape([n0, 1]), showShape([n0, m]), 0];
  const header = ["layer", "units", "activation", "W", "b", "Z, A of one example", "Z, A of m", "parameters"];
  const total = rows.reduce((sum, row) => sum + row.parameters, 0);
  return `${formatTable(header, [first, ...body])}\n${total.toLocaleString("en-US")} parameters`;
}

/** What one layer's forward pass keeps for its backward pass. */
export interface CacheEntry {
  readonly layer: number;
  /** `A0`, `W1`, `b1` or `Z1`. */
  readonly name: string;
  readonly shape: Shape;
  readonly bytes: number;
}

/**
 * The caches of every layer for m examples; in a graph they are nodes, and nothing is copied.
 * @throws InputError when m is not a whole number from 1.
 */
export function cacheTable<P>(network: Network<P>, m: number): readonly CacheEntry[] {
  requireCount("cacheTable", m, "a whole number from 1");
  return network.training.layers.flatMap(({ index, cache }) => {
    const entry = (name: string, tensor: Tensor): CacheEntry => {
      const shape = tensor.shape.map((dim) => (dim === "m" ? m : dim));
      const elements = shape.reduce<number>((product, dim) => product * Number(dim), 1);
      return Object.freeze({ layer: index, name, shape, bytes: elements * bytesPerElement(tensor.dtype) });
    };
    return [
      entry(index === 1 ? "X" : `A${index - 1}`, cache.A_prev),
      entry(`W${index}`, cache.W),
      entry(`b${index}`, cache.b),
      entry(`Z${index}`, cache.Z),
    ];
  });
}

/** The cache table as text, with the total. */
export function formatCaches<P>(network: Network<P>, m: number): string {
  const entries = cacheTable(network, m);
  const rows = entries.map(({ layer, name, shape, bytes }) => [String(layer), name, showShape(shape), bytes]);
  const total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  return `${formatTable(["layer", "cache", "shape", "bytes"], rows)}\n${total.toLocaleString("en-US")} bytes for m = ${m}`;
}

function requireCount(op: string, m: number, rule: string): void {
  if (Number.isSafeInteger(m) && m >= 1) return;
  throw new InputError(`${op}: m must be ${rule}, got ${m}`);
}
