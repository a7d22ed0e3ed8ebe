// The laws of derivatives, a function each. A law returns when it holds and throws a DerivativeError that says with
// which input, direction and seed it does not.

import {
  arrayFrom,
  DerivativeError,
  formatArray,
  graph,
  interpret,
  isFloat,
  optimise,
  sameShape,
  type Arrays,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import { pullback } from "../pullback.ts";
import { direction, innerProduct, largest, moved } from "./directions.ts";
import {
  cotangentsOf,
  prepare,
  sourcesOf,
  tangentOf,
  tolerant,
  type Prepared,
  type Subject,
} from "./subject.ts";

/** A law about a function at a point; random directions come from the seed. */
export type Law = (subject: Subject, seed: number) => void;

interface Finding {
  readonly law: string;
  readonly seed: number;
  readonly rule: string;
  readonly at?: readonly string[];
}

function refuse({ subject, values }: Prepared, { law, seed, rule, at = [] }: Finding): never {
  const inputs = Object.entries(values).map(([name, value]) => `${name}  ${oneLine(value)}`);
  const context = [...at, ...inputs, `seed   ${seed}`];
  throw new DerivativeError(`${subject.name}: ${law}, got ${rule}`, { context });
}

function oneLine(value: NdArray): string {
  return formatArray(value, { digits: 17, limit: 60 }).replaceAll(/\s+/g, " ");
}

function tangentsFor(prepared: Prepared, seed: number): Arrays {
  const entries = sourcesOf(prepared).map((source, i) => [
    `t${i}`,
    direction(source.shape as number[], seed, i),
  ]);
  return Object.fromEntries(entries) as Arrays;
}

function cotangentFor({ out }: Prepared, seed: number, stream: number): Arrays {
  return { ct: direction(out.shape as number[], seed, stream) };
}

/** The shape and dtype that were inferred are those of the value, and the same in every derivative. */
export const typesAgree: Law = (subject, seed) => {
  const prepared = prepare(subject);
  const law = "types of values, tangents and cotangents are those that were inferred";
  const sources = sourcesOf(prepared);
  const derivatives = [tangentOf(prepared), ...cotangentsOf(prepared)];
  const wanted = [prepared.out, prepared.out, ...sources];
  const values = tolerant([prepared.out, ...derivatives])({
    ...prepared.values,
    ...tangentsFor(prepared, seed),
    ...cotangentFor(prepared, seed, 100),
  });
  for (const [i, value] of values.entries()) {
    const type = wanted[i] as Tensor;
    if (value.dtype !== type.dtype || !sameShape(value.shape, type.shape)) {
      const rule = `${value.dtype}[${value.shape.join(", ")}] for ${type.dtype}[${type.shape.join(", ")}]`;
      refuse(prepared, { law, seed, rule });
    }
  }
};

// The step at which the truncation of a five-point formula, O(h⁴), and its rounding, O(ε/h), are of one size.
const step = Number.EPSILON ** (1 / 5);

/** f'(x) d by a five-point central difference, with a bound of its error. */
function centralDifference(
  prepared: Prepared,
  tangents: Arrays,
): { readonly slope: Float64Array; readonly bound: Float64Array } {
  const run = tolerant([prepared.out]);
  const at = (h: number): NdArray => {
    const values: Record<string, NdArray> = { ...prepared.values };
    for (const [k, i] of prepared.moving.entries()) {
      values[`in${i}`] = moved(prepared.values[`in${i}`] as NdArray, h, tangents[`t${k}`] as NdArray);
    }
    return run(values)[0] as NdArray;
  };
  const five = (h: number): { slope: Float64Array; size: number } => {
    const [a, b, c, d] = [at(-2 * h), at(-h), at(h), at(2 * h)] as const;
    const slope = Float64Array.from(a.data, (value, i) => {
      const near = (c.data[i] as number) - (b.data[i] as number);
      return (8 * near - ((d.data[i] as number) - value)) / (12 * h);
    });
    return { slope, size: Math.max(...[a, b, c, d].map(largest)) };
  };
  const [fine, coarse] = [five(step), five(2 * step)];
  // Values err by some units in the last place of the largest term that goes into them.
  const terms = prepared.moving.reduce((sum, i) => {
    const value = prepared.values[`in${i}`] as NdArray;
    // The inputs themselves move by up to four steps.
    return sum + (largest(value) + 4 * step) * value.data.length;
  }, fine.size);
  const rounding = (32 * Number.EPSILON * terms) / step;
  // The truncation of the coarse formula is 16 times that of the fine one, so their distance bounds both.
  const bound = fine.slope.map((value, i) => Math.abs(value - (coarse.slope[i] as number)) + rounding);
  return { slope: fine.slope, bound };
}

/** The JVP agrees with a five-point central difference along a random direction. */
export const jvpAgreesWithDifferences: Law = (subject, seed) => {
  const prepared = prepare(subject);
  const tangents = tangentsFor(prepared, seed);
  const [jvp] = tolerant([tangentOf(prepared)])({ ...prepared.values, ...tangents }) as [NdArray];
  const { slope, bound } = centralDifference(prepared, tangents);
  for (const [i, derived] of jvp.data.entries()) {
    const [numerical, error] = [slope[i] as number, bound[i] as number];
    if (Math.abs(derived - numerical) <= error) continue;
    const at = [
      `element ${i} of the output, tolerance ${error}`,
      ...Object.entries(tangents).map(([name, t]) => `${name}  ${oneLine(t)}`),
    ];
    const law = "JVP agrees with a central difference";
    refuse(prepared, { law, seed, rule: `${derived} for ${numerical}`, at });
  }
};

/** ⟨ct, jvp(t)⟩ = ⟨vjp(ct), t⟩ to 1e-12 relative: the two modes are each other's transpose. */
export const vjpAgreesWithJvp: Law = (subject, seed) => {
  const prepared = prepare(subject);
  const tangents = tangentsFor(prepared, seed);
  const cotangent = cotangentFor(prepared, seed, 100);
  const run = tolerant([tangentOf(prepared), ...cotangentsOf(prepared)]);
  const [jvp, ...vjps] = run({ ...prepared.values, ...tangents, ...cotangent }) as [NdArray, ...NdArray[]];
  const forward = innerProduct(cotangent["ct"] as NdArray, jvp);
  const parts = vjps.map((vjp, i) => innerProduct(vjp, tangents[`t${i}`] as NdArray));
  const reverse = parts.reduce((sum, { value }) => sum + value, 0);
  const size = parts.reduce((sum, part) => sum + part.size, forward.size);
  if (Math.abs(forward.value - reverse) <= 1e-12 * size + cancellation(cotangent, tangents)) return;
  const law = "VJP agrees with JVP: ⟨ct, jvp(t)⟩ = ⟨vjp(ct), t⟩";
  const at = Object.entries({ ...tangents, ...cotangent }).map(
    ([name, value]) => `${name}  ${oneLine(value)}`,
  );
  refuse(prepared, { law, seed, rule: `${forward.value} and ${reverse}`, at });
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
  const [a, b] = [cotangentFor(prepared, seed, 100)["ct"], cotangentFor(prepared, seed, 101)["ct"]] as [
    NdArray,
    NdArray,
  ];
  const at = (ct: NdArray): readonly NdArray[] => run({ ...prepared.values, ct });
  const [fromA, fromB, fromBoth] = [at(a), at(b), at(moved(a, 2, b))];
  for (const [i, both] of fromBoth.entries()) {
    const [va, vb] = [fromA[i] as NdArray, fromB[i] as NdArray];
    // Sums of cotangents round at the size of their terms, of which an input's largest derivative is a measure.
    const size = largest(va) + 2 * largest(vb);
    const floor = cancellation({ a, b });
    for (const [k, value] of both.data.entries()) {
      const wanted = (va.data[k] as number) + 2 * (vb.data[k] as number);
      if (Math.abs(value - wanted) <= 1e-12 * size + floor) continue;
      const law = "VJP is linear in the cotangent";
      refuse(prepared, {
        law,
        seed,
        rule: `${value} for ${wanted} at element ${k} of the cotangent of input ${i}`,
      });
    }
  }
};

/** The subject's reverse derivatives as subjects of their own: functions of the inputs and of the cotangent. */
export function derivativesOf(subject: Subject, seed: number): readonly Subject[] {
  const { moving, out } = prepare(subject);
  const ct = direction(out.shape as number[], seed, 200);
  return moving.map((place, k) => ({
    name: `derivative of ${subject.name} for input ${place}`,
    inputs: [...subject.inputs, ct],
    f: (...all: Tensor[]) => {
      const [inputs, cotangent] = [all.slice(0, -1), all.at(-1) as Tensor];
      const value = subject.f(...inputs);
      return pullback(
        [value],
        [cotangent],
        moving.map((i) => inputs[i] as Tensor),
      )[k] as Tensor;
    },
  }));
}

/** Value, tangent and cotangents in the given dtype, from inputs that single precision holds exactly. */
function inPrecision(subject: Subject, dtype: "f32" | "f64", seed: number): readonly NdArray[] {
  const take = (value: NdArray): NdArray => {
    if (!isFloat(value.dtype)) return value;
    const single = Float32Array.from(value.data);
    return arrayFrom(dtype === "f32" ? single : Float64Array.from(single), value.shape);
  };
  const rounded = (values: Arrays): Arrays =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, take(value)]));
  const prepared = prepare({ ...subject, inputs: subject.inputs.map(take) }, dtype);
  const outputs = [prepared.out, tangentOf(prepared), ...cotangentsOf(prepared)];
  const directions = { ...tangentsFor(prepared, seed), ...cotangentFor(prepared, seed, 100) };
  return tolerant(outputs)({ ...prepared.values, ...rounded(directions) });
}

/**
 * In f32 everything is f32, and as near to double precision as its rounding allows. For functions that take their
 * dtype from their inputs; it is not among `laws`, since a function may hold constants in double precision.
 */
export const singlePrecisionAgrees: Law = (subject, seed) => {
  const law = "f32 agrees with f64";
  const [single, double] = [inPrecision(subject, "f32", seed), inPrecision(subject, "f64", seed)];
  for (const [i, value] of single.entries()) {
    const exact = double[i] as NdArray;
    if (value.dtype !== "f32")
      refuse(prepare(subject), { law, seed, rule: `${value.dtype} for f32 as output ${i}` });
    // Some dozens of roundings of 2⁻²⁴, relative to the largest number that takes part.
    const size = 1 + Math.max(...double.map(largest), ...subject.inputs.map(largest));
    for (const [k, x] of value.data.entries()) {
      if (Math.abs(x - (exact.data[k] as number)) <= 64 * 2 ** -24 * size * size) continue;
      refuse(prepare(subject), {
        law,
        seed,
        rule: `${x} for ${exact.data[k]} at element ${k} of output ${i}`,
      });
    }
  }
};

/** The laws of a differentiable function, by the sentence that a test of each says. */
export const laws: Readonly<Record<string, Law>> = Object.freeze({
  "types of values, tangents and cotangents are those that were inferred": (subject, seed) =>
    typesAgree(subject, seed),
  "JVP agrees with a central difference": (subject, seed) => jvpAgreesWithDifferences(subject, seed),
  "VJP agrees with JVP": (subject, seed) => vjpAgreesWithJvp(subject, seed),
  "VJP is linear in the cotangent": (subject, seed) => vjpIsLinear(subject, seed),
  "an optimised graph equals the unoptimised one": (subject, seed) =>
    optimisedEqualsUnoptimised(subject, seed),
});

/** The graph of value and derivatives, optimised, gives the same values to 1e-12 relative. */
export const optimisedEqualsUnoptimised: Law = (subject, seed) => {
  const prepared = prepare(subject);
  const outputs = [prepared.out, tangentOf(prepared), ...cotangentsOf(prepared)];
  const document = graph(outputs);
  const names = new Set(Object.values(document.nodes).map(({ attributes }) => attributes["name"]));
  const all: Arrays = {
    ...prepared.values,
    ...tangentsFor(prepared, seed),
    ...cotangentFor(prepared, seed, 100),
  };
  const values = Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
  const [plain, optimised] = [document, optimise(document)].map(
    (each) => interpret(each).run(values).outputs,
  );
  for (const [name, value] of Object.entries(plain as Arrays)) {
    const other = (optimised as Arrays)[name] as NdArray;
    const size = largest(value);
    for (const [i, x] of value.data.entries()) {
      const y = other.data[i] as number;
      if (Object.is(x, y) || Math.abs(x - y) <= 1e-12 * size) continue;
      const law = "an optimised graph equals the unoptimised one";
      refuse(prepared, { law, seed, rule: `${y} for ${x} at element ${i} of output ${name}` });
    }
  }
};
