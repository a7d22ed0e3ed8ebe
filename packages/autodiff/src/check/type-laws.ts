// Laws about one function in several types: in single precision, with named dimensions, on another engine, and
// against a formula of its value.

import { arrayFrom, graph, isFloat, type Arrays, type Engine, type NdArray } from "@wengert/tensor";
import { largest } from "./directions.ts";
import { titlesOf, type Law } from "./laws.ts";
import { differenceOf, refuse } from "./report.ts";
import {
  cotangentFor,
  derivativesAt,
  inDoubles,
  prepare,
  tangentsFor,
  tolerant,
  type Subject,
} from "./subject.ts";

/** The numbers of a value in C order, by a formula that knows nothing of tensors. */
export type Reference = (inputs: readonly NdArray[]) => ArrayLike<number>;

/** The value is that of the formula, element by element: the first law. A few roundings apart, relative to the largest. */
export function valueAgreesWithReference(reference: Reference): Law {
  return (subject, seed) => {
    const prepared = prepare(subject);
    const [value] = tolerant([prepared.out])(prepared.values) as [NdArray];
    const wanted = reference(subject.inputs);
    const law = "the value is that of the formula";
    if (wanted.length !== value.data.length) {
      refuse(prepared, { law, seed, got: `${value.data.length} elements for ${wanted.length}` });
    }
    const finite = Array.from(wanted, Math.abs).filter(Number.isFinite);
    const size = Math.max(largest(value), ...finite, 0);
    const tolerance = 64 * Number.EPSILON * Math.max(size, ...subject.inputs.map(largest));
    const got = differenceOf(value, wanted, tolerance, "the output");
    if (got !== undefined) refuse(prepared, { law, seed, got });
  };
}

/** With a name for every size but 1, values and derivatives are the same to 1e-12 relative. */
export const namedEqualsNumbered: Law = (subject, seed) => {
  const law = "named dimensions give the same as numbers";
  const [numbered, named] = [prepare(subject), prepare(subject, { names: true })];
  const directions: Arrays = { ...tangentsFor(numbered, seed), ct: cotangentFor(numbered, seed) };
  // The inputs are outputs too, so that every name has a size where derivatives are zeros.
  const run = (prepared: typeof named): readonly NdArray[] => {
    const derivatives = derivativesAt(prepared);
    const values = { ...prepared.values, ...directions };
    return tolerant([...derivatives, ...prepared.nodes])(values).slice(0, derivatives.length);
  };
  const wanted = run(numbered);
  for (const [i, value] of run(named).entries()) {
    const other = wanted[i] as NdArray;
    const tolerance = 1e-12 * Math.max(...wanted.map(largest));
    const got = differenceOf(value, other.data, tolerance, titlesOf(numbered)[i] as string);
    if (got !== undefined) refuse(numbered, { law, seed, got, directions });
  }
};

/** A float array in single precision; others as they are. */
function rounded(value: NdArray): NdArray {
  return isFloat(value.dtype) ? arrayFrom(Float32Array.from(value.data), value.shape) : value;
}

function inSingle(subject: Subject): Subject {
  return { ...subject, inputs: subject.inputs.map(rounded) };
}

/** Output, tangent and cotangents in the given dtype, from values that single precision holds exactly. */
function inPrecision(subject: Subject, dtype: "f32" | "f64", seed: number): readonly NdArray[] {
  const prepared = prepare(inSingle(subject), { dtype });
  const directions = { ...tangentsFor(prepared, seed), ct: cotangentFor(prepared, seed) };
  const taken: Arrays = Object.fromEntries(
    Object.entries(directions).map(([name, value]) => [
      name,
      dtype === "f32" ? rounded(value) : inDoubles(rounded(value)),
    ]),
  );
  return tolerant(derivativesAt(prepared))({ ...prepared.values, ...taken });
}

/**
 * In f32 everything is f32, and as near to double precision as its rounding allows. For functions that take their
 * dtype from their inputs.
 */
export const singlePrecisionAgrees: Law = (subject, seed) => {
  const law = "f32 agrees with f64";
  const prepared = prepare(subject);
  const { out } = prepare(inSingle(subject), { dtype: "f32" });
  if (out.dtype !== "f32") refuse(prepared, { law, seed, got: `${out.dtype} for f32 as the output` });
  const [single, double] = [inPrecision(subject, "f32", seed), inPrecision(subject, "f64", seed)];
  const titles = titlesOf(prepared);
  for (const [i, value] of single.entries()) {
    const what = titles[i] as string;
    // Some dozens of roundings of 2⁻²⁴, relative to the largest number that takes part.
    const size = 1 + Math.max(...double.map(largest), ...subject.inputs.map(largest));
    const got = differenceOf(value, (double[i] as NdArray).data, 64 * 2 ** -24 * size * size, what);
    if (got !== undefined) refuse(prepared, { law, seed, got });
  }
};

/** The engine's output, tangent and cotangents are those of the reference evaluator, to 1e-12 relative. */
export function engineAgrees(engine: Engine): (subject: Subject, seed: number) => Promise<void> {
  return async (subject, seed) => {
    const prepared = prepare(subject);
    const outputs = derivativesAt(prepared);
    const document = graph(outputs);
    const all: Arrays = {
      ...prepared.values,
      ...tangentsFor(prepared, seed),
      ct: cotangentFor(prepared, seed),
    };
    const wanted = tolerant(outputs)(all);
    const names = new Set(Object.values(document.nodes).map(({ attributes }) => attributes["name"]));
    const program = await engine.compile(document);
    const given = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
    const found = program.run(given).outputs;
    for (const [i, value] of wanted.entries()) {
      const what = titlesOf(prepared)[i] as string;
      const got = differenceOf(found[i] as NdArray, value.data, 1e-12 * largest(value), what);
      if (got !== undefined) refuse(prepared, { law: `${engine.name} equals the reference`, seed, got });
    }
  };
}
