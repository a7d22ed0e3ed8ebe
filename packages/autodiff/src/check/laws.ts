// The laws of derivatives, a function each. A law returns when it holds and throws a DerivativeError that says with
// which input, direction and seed it does not.

import {
  graph,
  interpret,
  optimise,
  sameShape,
  type Arrays,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import { pullback } from "../pullback.ts";
import { centralDifference } from "./central-difference.ts";
import { innerProduct, largest, moved } from "./directions.ts";
import { differenceOf, refuse } from "./report.ts";
import {
  cotangentFor,
  cotangentsOf,
  derivativesAt,
  labelAt,
  prepare,
  sourcesOf,
  tangentOf,
  tangentsFor,
  tolerant,
  type Prepared,
  type Subject,
} from "./subject.ts";

/** A law about a function at a point; random directions come from the seed. */
export type Law = (subject: Subject, seed: number) => void;

/** All that output, tangent and cotangents depend on. */
function valuesFor(prepared: Prepared, seed: number): Arrays {
  return { ...prepared.values, ...tangentsFor(prepared, seed), ct: cotangentFor(prepared, seed) };
}

/** What errors call the output, its tangent, and the cotangents. */
export function titlesOf({ subject, moving }: Prepared): readonly string[] {
  const cotangents = moving.map((i) => `the cotangent of ${labelAt(subject, i)}`);
  return ["the output", "the tangent", ...cotangents];
}

/** The shape and dtype that were inferred are those of the value, and the same in every derivative. */
export const typesAgree: Law = (subject, seed) => {
  const prepared = prepare(subject);
  const law = "types of values, tangents and cotangents are those that were inferred";
  const wanted = [prepared.out, prepared.out, ...sourcesOf(prepared)];
  const values = tolerant(derivativesAt(prepared))(valuesFor(prepared, seed));
  for (const [i, value] of values.entries()) {
    const type = wanted[i] as Tensor;
    if (value.dtype === type.dtype && sameShape(value.shape, type.shape)) continue;
    const types = `${value.dtype}[${value.shape.join(", ")}] for ${type.dtype}[${type.shape.join(", ")}]`;
    refuse(prepared, { law, seed, got: `${types} as ${titlesOf(prepared)[i]}` });
  }
};

/**
 * The JVP agrees with a five-point central difference along a random direction, within the error of the difference.
 * Where differences of several steps tell nothing, as at a kink, the law does not hold either.
 */
export const jvpAgreesWithDifferences: Law = (subject, seed) => {
  const law = "JVP agrees with a central difference";
  const prepared = prepare(subject);
  const directions = tangentsFor(prepared, seed);
  const [jvp] = tolerant([tangentOf(prepared)])({ ...prepared.values, ...directions }) as [NdArray];
  const { slopes, bounds } = centralDifference(prepared, directions);
  const got = differenceOf(jvp, slopes, (i) => bounds[i] as number, "the tangent");
  if (got !== undefined) refuse(prepared, { law, seed, got, directions });
  const size = 1e-2 * largest(jvp) + 1e-5 * (1 + Math.max(0, ...slopes.map(Math.abs)));
  const vague = bounds.findIndex((bound) => !(bound <= size));
  if (vague < 0) return;
  const text = `differences that err by ${bounds[vague]}: the point is too near to a kink or pole`;
  refuse(prepared, { law, seed, got: text, directions });
};

/** ⟨ct, jvp(t)⟩ = ⟨vjp(ct), t⟩ to 1e-12 relative: the two modes are each other's transpose. */
export const vjpAgreesWithJvp: Law = (subject, seed) => {
  const prepared = prepare(subject);
  const tangents = tangentsFor(prepared, seed);
  const ct = cotangentFor(prepared, seed);
  const run = tolerant([tangentOf(prepared), ...cotangentsOf(prepared)]);
  const [jvp, ...vjps] = run({ ...prepared.values, ...tangents, ct }) as [NdArray, ...NdArray[]];
  const forward = innerProduct(ct, jvp);
  const parts = vjps.map((vjp, i) => innerProduct(vjp, tangents[`t${i}`] as NdArray));
  const reverse = parts.reduce((sum, { value }) => sum + value, 0);
  const size = parts.reduce((sum, part) => sum + part.size, forward.size);
  const tolerance = 1e-12 * size + cancellation({ ct }, tangents);
  if (Object.is(forward.value, reverse) || Math.abs(forward.value - reverse) <= tolerance) return;
  const law = "VJP agrees with JVP: ⟨ct, jvp(t)⟩ = ⟨vjp(ct), t⟩";
  const got = { got: reverse, wanted: forward.value, tolerance, at: "⟨vjp(ct), t⟩ for ⟨ct, jvp(t)⟩" };
  refuse(prepared, { law, seed, got, directions: { ...tangents, ct } });
};

// Where derivatives cancel to nothing, what is left is the rounding of their terms, which are of the size of the
// directions: a few units in the last place of each.
function cancellation(...directions: readonly Arrays[]): number {
  const sizes = directions.map((each) =>
    Object.values(each).reduce((sum, value) => sum + largest(value) * value.data.length, 0),
  );
  return 64 * Number.EPSILON * sizes.reduce((product, size) => product * size, 1);
}

/** vjp(a + 2 b) = vjp(a) + 2 vjp(b) to 1e-12 relative. */
export const vjpIsLinear: Law = (subject, seed) => {
  const prepared = prepare(subject);
  const run = tolerant(cotangentsOf(prepared));
  const [a, b] = [cotangentFor(prepared, seed), cotangentFor(prepared, seed, 101)] as const;
  const at = (ct: NdArray): readonly NdArray[] => run({ ...prepared.values, ct });
  const [fromA, fromB, fromBoth] = [at(a), at(b), at(moved(a, 2, b))];
  for (const [i, both] of fromBoth.entries()) {
    const [va, vb] = [fromA[i] as NdArray, fromB[i] as NdArray];
    // Sums of cotangents round at the size of their terms, of which an input's largest derivative is a measure.
    const tolerance = 1e-12 * (largest(va) + 2 * largest(vb)) + cancellation({ a, b });
    const got = differenceOf(both, moved(va, 2, vb).data, tolerance, titlesOf(prepared)[i + 2] as string);
    if (got === undefined) continue;
    refuse(prepared, { law: "VJP is linear in the cotangent", seed, got, directions: { ct: a } });
  }
};

/** The graph of value and derivatives, optimised, gives the same values to 1e-12 relative. */
export const optimisedEqualsUnoptimised: Law = (subject, seed) => {
  const prepared = prepare(subject);
  const document = graph(derivativesAt(prepared));
  const names = new Set(Object.values(document.nodes).map(({ attributes }) => attributes["name"]));
  const given = Object.entries(valuesFor(prepared, seed)).filter(([name]) => names.has(name));
  const [plain, optimised] = [document, optimise(document)].map(
    (each) => interpret(each).run(Object.fromEntries(given)).outputs,
  ) as [Arrays, Arrays];
  const law = "an optimised graph equals the unoptimised one";
  for (const [i, what] of titlesOf(prepared).entries()) {
    const value = plain[i] as NdArray;
    const got = differenceOf(optimised[i] as NdArray, value.data, 1e-12 * largest(value), what);
    if (got !== undefined) refuse(prepared, { law, seed, got });
  }
};

/** The laws of a differentiable function, by the sentence that a test of each says. */
export const laws: Readonly<Record<string, Law>> = Object.freeze({
  "types of values, tangents and cotangents are those that were inferred": typesAgree,
  "JVP agrees with a central difference": jvpAgreesWithDifferences,
  "VJP agrees with JVP": vjpAgreesWithJvp,
  "VJP is linear in the cotangent": vjpIsLinear,
  "an optimised graph equals the unoptimised one": optimisedEqualsUnoptimised,
});

/** The subject's reverse derivatives as subjects of their own: functions of the inputs and of the cotangent. */
export function derivativesOf(subject: Subject, seed: number): readonly Subject[] {
  const prepared = prepare(subject);
  const { moving } = prepared;
  const ct = cotangentFor(prepared, seed, 200);
  const { length } = subject.inputs;
  return moving.map((place, k) => ({
    ...subject,
    shapes: { ...subject.shapes, [length]: (before) => subject.f(...before).shape },
    name: `derivative of ${subject.name} for ${labelAt(subject, place)}`,
    inputs: [...subject.inputs, ct],
    labels: [...subject.inputs.map((_, i) => labelAt(subject, i)), "the cotangent"],
    f: (...all: Tensor[]) => {
      const [inputs, cotangent] = [all.slice(0, -1), all.at(-1) as Tensor];
      const sources = moving.map((i) => inputs[i] as Tensor);
      return pullback([subject.f(...inputs)], [cotangent], sources)[k] as Tensor;
    },
  }));
}
