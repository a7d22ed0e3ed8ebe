// The reference evaluator: it runs a graph node by node with the primitives' own kernels, in f32 or f64.
// The oracle of every engine: plain before fast. A value is let go after its last use.

import type { Arrays, Engine, Program, Resident, RunResult } from "./engine.ts";
import { InputError } from "./errors.ts";
import { feedsOf, graph, primitiveOf, type Graph, type Structure } from "./graph.ts";
import { copyArray, type NdArray } from "./ndarray.ts";
import { concreteShape, type Sizes } from "./shape.ts";
import { isTensor, type Attributes, type KernelOutput, type Primitive, type Tensor } from "./tensor.ts";
import { bindValues, type Values } from "./values.ts";

interface Step {
  readonly primitive: Primitive;
  readonly inputs: readonly number[];
  readonly attributes: Attributes;
  readonly shape: readonly (number | string)[];
  readonly dtype: KernelOutput["dtype"];
  readonly feed: string | undefined;
  /** Steps whose value is not needed after this one. */
  readonly done: readonly number[];
}

/** The graph as a program of the reference evaluator. */
export function interpret(document: Graph): Program {
  const places = new Map(Object.keys(document.nodes).map((id, place) => [id, place]));
  const steps = planSteps(document, places);
  const feeds = { ...feedsOf(document, "input"), ...feedsOf(document, "parameter") };
  const parameters = feedsOf(document, "parameter");
  const run = (values: Values): RunResult => {
    const { arrays, sizes } = bindValues(feeds, values);
    const results = execute(steps, arrays, sizes);
    const shared = new Set<unknown>(
      [...Object.values(arrays), ...constantsOf(steps)].map((value) => value.data),
    );
    const collect = (record: Readonly<Record<string, string>>): Arrays =>
      Object.fromEntries(
        Object.entries(record).map(([name, id]) => [name, detached(results[places.get(id)!]!, shared)]),
      );
    return { outputs: collect(document.outputs), updates: collect(document.updates) };
  };
  return { run, bind: (state) => residentOf(run, bindValues(parameters, state).arrays) };
}

/** The reference evaluator as an engine. */
export const referenceEngine: Engine = {
  name: "reference",
  compile: (document) => Promise.resolve(interpret(document)),
};

function planSteps(document: Graph, places: ReadonlyMap<string, number>): readonly Step[] {
  const nodes = Object.values(document.nodes);
  const lastUse = new Map<number, number>();
  for (const [place, node] of nodes.entries())
    for (const id of node.inputs) lastUse.set(places.get(id)!, place);
  for (const id of [...Object.values(document.outputs), ...Object.values(document.updates)])
    lastUse.delete(places.get(id)!);
  const done: number[][] = nodes.map(() => []);
  for (const [value, place] of lastUse) done[place].push(value);
  return nodes.map((node, place) => ({
    primitive: primitiveOf(document, node.primitive),
    inputs: node.inputs.map((id) => places.get(id)!),
    attributes: node.attributes,
    shape: node.shape,
    dtype: node.dtype,
    feed:
      node.primitive === "input" || node.primitive === "parameter"
        ? (node.attributes["name"] as string)
        : undefined,
    done: done[place],
  }));
}

function execute(steps: readonly Step[], arrays: Arrays, sizes: Sizes): readonly (NdArray | undefined)[] {
  const results = new Array<NdArray | undefined>(steps.length);
  for (const [place, step] of steps.entries()) {
    if (step.feed === undefined) {
      const output = { shape: concreteShape(step.shape, sizes), dtype: step.dtype, sizes };
      results[place] = step.primitive.kernel(
        step.inputs.map((input) => results[input]!),
        step.attributes,
        output,
      );
    } else results[place] = arrays[step.feed]!;
    for (const value of step.done) results[value] = undefined;
  }
  return results;
}

function constantsOf(steps: readonly Step[]): NdArray[] {
  return steps.flatMap((step) =>
    step.primitive.name === "constant" ? [step.attributes["value"] as NdArray] : [],
  );
}

/** A value that shares its storage with no feed, no constant and no other output. */
function detached(value: NdArray, shared: Set<unknown>): NdArray {
  const own = shared.has(value.data) ? copyArray(value) : value;
  shared.add(own.data);
  return own;
}

function residentOf(run: (values: Values) => RunResult, initial: Arrays): Resident {
  let state: Arrays = Object.fromEntries(
    Object.entries(initial).map(([name, value]) => [name, copyArray(value)]),
  );
  return {
    run(inputs) {
      const stray = Object.keys(inputs).find((name) => Object.hasOwn(state, name));
      if (stray !== undefined)
        throw new InputError(`run: a resident keeps its parameters, got a value for ${stray}`);
      const { outputs, updates } = run({ ...inputs, ...state });
      state = { ...state, ...updates };
      return outputs;
    },
    state: () => Object.fromEntries(Object.entries(state).map(([name, value]) => [name, copyArray(value)])),
  };
}

/** The values of a structure of tensors, in the same structure. */
export type Evaluated<T extends Structure> = T extends Tensor
  ? NdArray
  : { readonly [K in keyof T]: NdArray };

/**
 * The values of tensors, computed by the reference evaluator: an array for a tensor, and a list or record alike.
 * @param values arrays, numbers or nested lists by the names of inputs and parameters
 * @throws InputError when values are missing, unknown, or of another dtype or shape.
 */
export function evaluate<const T extends Structure>(target: T, values: Values = {}): Evaluated<T> {
  const { outputs } = interpret(graph(target)).run(values);
  const result = isTensor(target)
    ? outputs["output"]
    : Array.isArray(target)
      ? target.map((_, index) => outputs[String(index)])
      : outputs;
  // The outputs are named by the structure's own keys.
  return result as Evaluated<T>;
}
