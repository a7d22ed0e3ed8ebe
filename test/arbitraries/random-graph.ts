// Random graphs of 1 to 40 nodes over small tensors of every dtype, with values for their inputs.

import fc from "fast-check";
import { arrayFrom, input, type NdArray, type Tensor } from "@wengert/tensor";
import { allSteps, smoothSteps, special, type Pick, type Step } from "./graph-steps.ts";

/** A graph's last nodes, the values that it takes, and how it was chosen. */
export interface RandomGraph {
  readonly outputs: readonly Tensor[];
  readonly sources: readonly Tensor[];
  readonly values: Readonly<Record<string, NdArray>>;
}

/** Which graphs. */
export interface RandomGraphOptions {
  /** Only f64 and steps with a derivative; default false. */
  readonly smooth?: boolean;
  readonly maxNodes?: number;
}

/** Random graphs; shrinking takes nodes away. */
export function randomGraph({
  smooth = false,
  maxNodes = 40,
}: RandomGraphOptions = {}): fc.Arbitrary<RandomGraph> {
  const seeds = fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: maxNodes });
  return seeds.map((choices) => graphOf(choices, smooth ? smoothSteps : allSteps, smooth));
}

function graphOf(choices: readonly number[], steps: readonly Step[], smooth: boolean): RandomGraph {
  const dtypes = smooth ? (["f64"] as const) : (["f64", "f32", "i32", "u32", "bool"] as const);
  const shapes = [[2, 3], [3], [], [2, 2]];
  const sources: Tensor[] = [];
  const values: Record<string, NdArray> = {};
  for (const [d, dtype] of dtypes.entries()) {
    for (const [s, shape] of shapes.entries()) {
      const name = `x${d}${s}`;
      sources.push(input(name, shape, { dtype }));
      const seed = d + s + (choices[0] ?? 0);
      values[name] = valueOf(dtype, shape, seed);
      if (!smooth) mixInSpecial(values[name], seed);
    }
  }
  const nodes: Tensor[] = [...sources];
  for (const choice of choices) {
    // Mostly one of the last nodes, so that chains come about; else any, so that all sources are used.
    const back = choice % 5 < 3 ? (choice % 5) % nodes.length : Math.floor(choice / 5) % nodes.length;
    const x = nodes[nodes.length - 1 - back] as Tensor;
    const pick: Pick = (count) => Math.floor(choice / 97) % count;
    const other = (fits: (y: Tensor) => boolean): Tensor | undefined => {
      const candidates = nodes.filter(fits);
      return candidates[choice % candidates.length];
    };
    const fitting = steps.filter(({ fits }) => fits(x));
    const next = fitting[Math.floor(choice / 11) % fitting.length]?.build(x, other, pick);
    if (next !== undefined && next.shape.reduce<number>((n, dim) => n * Number(dim), 1) <= 200)
      nodes.push(next);
  }
  return { outputs: nodes.slice(sources.length).slice(-5), sources, values };
}

/** Puts special values in the place of about every third element. */
function mixInSpecial({ dtype, data }: NdArray, seed: number): void {
  const choices = special[dtype];
  for (let i = seed % 3; i < data.length; i += 3)
    data[i] = choices[Math.floor(seed / 3 + i) % choices.length] as number;
}

function valueOf(dtype: NdArray["dtype"], shape: readonly number[], seed: number): NdArray {
  const count = shape.reduce((a, b) => a * b, 1);
  const x = (i: number): number => 2 * Math.sin(seed * 12.9898 + i * 78.233);
  switch (dtype) {
    case "f32":
      return arrayFrom(
        Float32Array.from({ length: count }, (_, i) => x(i)),
        shape,
      );
    case "f64":
      return arrayFrom(
        Float64Array.from({ length: count }, (_, i) => x(i)),
        shape,
      );
    case "i32":
      return arrayFrom(
        Int32Array.from({ length: count }, (_, i) => Math.round(10 * x(i))),
        shape,
      );
    case "u32":
      return arrayFrom(
        Uint32Array.from({ length: count }, (_, i) => Math.abs(Math.round(10 * x(i)))),
        shape,
      );
    case "bool":
      return arrayFrom(
        Uint8Array.from({ length: count }, (_, i) => (x(i) > 0 ? 1 : 0)),
        shape,
      );
  }
}
