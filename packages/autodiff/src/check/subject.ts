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
  type Shape,
  type Tensor,
} from "@wengert/tensor";
import { pullback } from "../pullback.ts";
import { pushforward } from "../pushforward.ts";
import { direction } from "./directions.ts";

/** A function at a point. */
export interface Subject {
  readonly name: string;
  /** Builds the output of nodes for the inputs. */
  readonly f: (...inputs: Tensor[]) => Tensor;
  /** Floats are taken in double precision; others have no derivative. */
  readonly inputs: readonly NdArray[];
  /** What errors call the inputs; default `input 1` and so on. */
  readonly labels?: readonly string[];
  /** Positions of floats that are held fixed too. */
  readonly fixed?: readonly number[];
  /** Where an input has the shape of something that is made of those before it. */
  readonly shapes?: Readonly<Record<number, (before: readonly Tensor[]) => Shape>>;
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

/** In which types a subject's graph is built. */
export interface PrepareOptions {
  /** Default f64. */
  readonly dtype?: "f32" | "f64";
  /** Every size but 1 is a name; default false. */
  readonly names?: boolean;
}

/** An array of floats in double precision; others as they are. */
export function inDoubles(value: NdArray): NdArray {
  return value.dtype === "f32" ? arrayFrom(Float64Array.from(value.data), value.shape) : value;
}

/** What errors call the input at a position. */
export function labelAt({ labels }: Subject, position: number): string {
  return labels?.[position] ?? `input ${position + 1}`;
}

/** Builds the subject's graph. */
export function prepare(subject: Subject, { dtype = "f64", names = false }: PrepareOptions = {}): Prepared {
  const inputs = dtype === "f64" ? subject.inputs.map(inDoubles) : subject.inputs;
  const nodes: Tensor[] = [];
  for (const [i, value] of inputs.entries()) {
    const given = subject.shapes?.[i]?.(nodes) ?? value.shape.map((size) => (size === 1 ? 1 : `d${size}`));
    nodes.push(input(`in${i}`, names ? given : value.shape, { dtype: value.dtype }));
  }
  const moves = (value: NdArray, i: number): boolean =>
    isFloat(value.dtype) && subject.fixed?.includes(i) !== true;
  const moving = inputs.flatMap((value, i) => (moves(value, i) ? [i] : []));
  const values = Object.fromEntries(inputs.map((value, i) => [`in${i}`, value]));
  return { subject, nodes, moving, out: subject.f(...nodes), values };
}

/** A node for a tangent or a cotangent of the type of another. */
function companion(name: string, like: Tensor): Tensor {
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

/** The output, its tangent and the cotangents of the inputs. */
export function derivativesAt(prepared: Prepared): readonly Tensor[] {
  return [prepared.out, tangentOf(prepared), ...cotangentsOf(prepared)];
}

/** Random tangents of the moving inputs. */
export function tangentsFor({ subject, moving }: Prepared, seed: number): Arrays {
  const entries = moving.map((i, k) => [
    `t${k}`,
    direction((subject.inputs[i] as NdArray).shape, seed, k),
  ]) as (readonly [string, NdArray])[];
  return Object.fromEntries(entries);
}

/** A random cotangent of the output, whose sizes are numbers. */
export function cotangentFor({ out }: Prepared, seed: number, stream = 100): NdArray {
  return direction(out.shape as readonly number[], seed, stream);
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
