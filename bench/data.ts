// Examples and first parameters of a network, drawn once from a seed and handed to every peer as one file of f32.
// Layout of the file: X [n, m], Y [classes, m], then W [n, p] and b [n] of every layer, all in C order.

import { readFileSync, writeFileSync } from "node:fs";
import { type Net } from "./nets.ts";

/** What a peer begins with. Examples are columns. */
export interface Data {
  readonly X: Float32Array;
  readonly Y: Float32Array;
  readonly layers: readonly LayerData[];
}

/** First parameters of one layer of n units with p inputs. */
export interface LayerData {
  readonly n: number;
  readonly p: number;
  readonly W: Float32Array;
  readonly b: Float32Array;
}

/** Numbers from -1 to 1 in an order given by the seed (Marsaglia's xorshift32, 2003). */
function draws(seed: number): () => number {
  let state = (seed * 2_654_435_761) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state | 0) / 2 ** 31;
  };
}

/** Features that decide an example's class; the rest carries nothing. */
const telling = 16;

/**
 * The data of a network: features uniform in [-1, 1], classes from a random linear rule so that there is something to
 * learn, weights uniform with the variance 2/p (He et al. 2015), biases 0.
 */
export function drawData({ units, batch }: Net, seed: number): Data {
  const draw = draws(seed);
  const fill = (count: number, scale: number): Float32Array =>
    Float32Array.from({ length: count }, () => scale * draw());
  const [features, classes] = [units[0] ?? 1, units.at(-1) ?? 1];
  const X = fill(features * batch, 1);
  const Y = new Float32Array(classes * batch);
  const used = Math.min(telling, features);
  const rule = fill(classes * used, 1);
  for (let example = 0; example < batch; example++) {
    const scores = Array.from({ length: classes }, (_, label) => {
      let score = 0;
      for (let i = 0; i < used; i++) score += (rule[label * used + i] ?? 0) * (X[i * batch + example] ?? 0);
      return score;
    });
    const label = classes === 1 ? ((scores[0] ?? 0) > 0 ? 0 : -1) : scores.indexOf(Math.max(...scores));
    if (label >= 0) Y[label * batch + example] = 1;
  }
  const layers = units.slice(1).map((n, i) => {
    const p = units[i] ?? 1;
    return { n, p, W: fill(n * p, Math.sqrt(6 / p)), b: new Float32Array(n) };
  });
  return { X, Y, layers };
}

/** Writes the data of a network for other processes. */
export function writeData(path: string, { X, Y, layers }: Data): void {
  const parts = [X, Y, ...layers.flatMap(({ W, b }) => [W, b])];
  writeFileSync(path, Buffer.concat(parts.map((part) => new Uint8Array(part.buffer))));
}

/** The data of a network as another process wrote them. */
export function readData(path: string, { units, batch }: Net): Data {
  const file = readFileSync(path);
  let at = 0;
  const take = (count: number): Float32Array => {
    const part = new Float32Array(count);
    new Uint8Array(part.buffer).set(file.subarray(at, at + 4 * count));
    at += 4 * count;
    return part;
  };
  const X = take((units[0] ?? 1) * batch);
  const Y = take((units.at(-1) ?? 1) * batch);
  const layers = units.slice(1).map((n, i) => {
    const p = units[i] ?? 1;
    return { n, p, W: take(n * p), b: take(n) };
  });
  return { X, Y, layers };
}

/** The transpose of a matrix in C order: peers whose examples are rows want it so. */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(values.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = values[i * columns + j] ?? 0;
  }
  return result;
}
