// What a law is about: a function of tensors at given values, in double precision, and its derivatives there.

import {
  arrayFrom,
  graph,
  input,
  interpret,
  isFloat,
  type Arrays,
  type NdArray,
  type Program,
  type Tensor,
} from "@wengert/tensor";
import { pullback } from "../pullback.ts";
import { pushforward } from "../pushforward.ts";

/** A function at a point. */
export interface Subject {
  readonly name: string;
  readonly f: (...inputs: Tensor[]) => Tensor;
  /** Floats are taken in double precision. */
  readonly inputs: readonly NdArray[];
}

/** A subject's graph: nodes for its inputs, those that have derivatives, and its output. */
export interface Prepared {
  readonly subject: Subject;
  readonly nodes: readonly Tensor[];
  /** Positions of the inputs with derivatives. */
  readonly moving: readonly number[];
  readonly out: Tensor;
  readonly values: Arrays;
}

/** An array of floats in double precision; others as they are. */
export function inDoubles(value: NdArray): NdArray {
  return value.dtype === "f32" ? arrayFrom(Float64Array.from(value.data), value.shape) : value;
}

/** Builds the subject's graph, in double precision unless told otherwise. */
export function prepare(subject: Subject, dtype: "f32" | "f64" = "f64"): Prepared {
  const inputs = dtype === "f64" ? subject.inputs.map(inDoubles) : subject.inputs;
  const nodes = inputs.map((value, i) => input(`in${i}`, value.shape, { dtype: value.dtype }));
  const moving = inputs.flatMap((value, i) => (isFloat(value.dtype) ? [i] : []));
  const values = Object.fromEntries(inputs.map((value, i) => [`in${i}`, value]));
  return { subject, nodes, moving, out: subject.f(...nodes), values };
}

/** A node for a tangent or a cotangent of the type of another. */
export function companion(name: string, like: Tensor): Tensor {
  return input(name, like.shape, { dtype: like.dtype });
}

/** The nodes of the moving inputs. */
export function sourcesOf({ nodes, moving }: Prepared): Tensor[] {
  return moving.map((i) => nodes[i] as Tensor);
}

/** The tangent of the output for tangents `t0`, `t1` … of the moving inputs. */
export function tangentOf(prepared: Prepared): Tensor {
  const sources = sourcesOf(prepared);
  const tangents = sources.map((source, i) => companion(`t${i}`, source));
  return pushforward(sources, tangents, [prepared.out])[0] as Tensor;
}

/** The cotangents of the moving inputs for the cotangent `ct` of the output. */
export function cotangentsOf(prepared: Prepared): readonly Tensor[] {
  return pullback([prepared.out], [companion("ct", prepared.out)], sourcesOf(prepared));
}

/** A program that takes more values than it needs. */
export function tolerant(outputs: readonly Tensor[]): (values: Arrays) => readonly NdArray[] {
  const document = graph(outputs);
  const program: Program = interpret(document);
  const names = Object.values(document.nodes).flatMap(({ primitive, attributes }) =>
    primitive === "input" || primitive === "parameter" ? [attributes["name"] as string] : [],
  );
  return (values) => {
    const given = Object.fromEntries(names.map((name) => [name, values[name]])) as Arrays;
    const result = program.run(given).outputs;
    return outputs.map((_, i) => result[String(i)] as NdArray);
  };
}
