// The reference evaluator: it runs a graph node by node with the primitives' own kernels, in f32 or f64.
// The oracle of every engine: plain before fast. A value is let go after its last use.

import type { DType } from "./dtype.ts";
import type { Arrays, Engine, Program, Resident, RunOptions, RunResult } from "./engine.ts";
import { check, requireDocument } from "./check.ts";
import { requireKnownFields } from "./known-fields.ts";
import { bug, GraphError, InputError } from "./errors.ts";
import {
  dimensionsOf,
  feedsAmong,
  graph,
  nodesOf,
  primitiveOf,
  type Graph,
  type NodeId,
  type Structure,
} from "./graph.ts";
import { isNdArray, copyArray, type NdArray } from "./ndarray.ts";
import { primitives } from "./primitives/index.ts";
import { concreteShape, sameShape, showShape, type Shape, type Sizes } from "./shape.ts";
import { shownValue } from "./shown-value.ts";
import { isTensor, type Attributes, type Primitive, type Tensor } from "./tensor.ts";
import { binderOf, requireRecord, type Values } from "./values.ts";

interface Step {
  readonly id: NodeId;
  readonly primitive: Primitive;
  readonly inputs: readonly number[];
  readonly attributes: Attributes;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The name of the value to take instead of running a kernel. */
  readonly feed: string | undefined;
  /** Steps whose value is not needed after this one. */
  readonly done: readonly number[];
}

/** The graph as a program of the reference evaluator. @throws GraphError when it is no graph document. */
export function interpret(document: Graph): Program {
  requireDocument("interpret", document);
  const entries = nodesOf(document);
  const places = new Map(entries.map(([id], place) => [id, place]));
  const steps = planSteps(document, entries, places);
  const inputs = feedsAmong(entries, "input");
  const parameters = feedsAmong(entries, "parameter");
  const dimensions = dimensionsOf(document);
  const bindFeeds = binderOf({ ...inputs, ...parameters }, dimensions);
  const bindParameters = binderOf(parameters, dimensions);
  const fixed = storagesIn(steps);
  const run = (values: Values, options?: RunOptions): RunResult => {
    requireKnownFields("evaluate", options, ["sizes"]);
    const { arrays, sizes } = bindFeeds(values, { told: options?.sizes });
    const results = execute(document, steps, arrays, sizes);
    const taken = new Set(fixed);
    for (const value of Object.values(arrays)) taken.add(value.data.buffer);
    const collect = (record: Readonly<Record<string, NodeId>>): Arrays =>
      Object.fromEntries(
        Object.entries(record).map(([name, id]) => [name, detached(results[places.get(id)!]!, taken)]),
      );
    return { outputs: collect(document.outputs), updates: collect(document.updates) };
  };
  return { run, bind: (state) => residentOf(run, bindParameters(state).arrays) };
}

/** The reference evaluator as an engine. */
export const referenceEngine: Engine = {
  name: "reference",
  compile: (document) => Promise.resolve().then(() => interpret(check(document))),
};

type Entries = ReturnType<typeof nodesOf>;

function planSteps(document: Graph, entries: Entries, places: ReadonlyMap<NodeId, number>): readonly Step[] {
  const kept = new Set([...Object.values(document.outputs), ...Object.values(document.updates)]);
  const steps = entries.map(([id, { primitive, inputs, attributes, shape, dtype }]) => ({
    id,
    primitive: primitiveOf(document, primitive),
    inputs: inputs.map((input) => places.get(input)!),
    attributes,
    shape,
    dtype,
    feed: primitive === "input" || primitive === "parameter" ? (attributes["name"] as string) : undefined,
    done: new Array<number>(),
  }));
  // The last use of a value; that of one that nothing uses is where it comes about.
  const lastUse = steps.map((_, place) => place);
  for (const [place, step] of steps.entries()) for (const input of step.inputs) lastUse[input] = place;
  for (const [place, step] of steps.entries()) if (!kept.has(step.id)) steps[lastUse[place]].done.push(place);
  return steps;
}

type Results = (NdArray | undefined)[];

function execute(document: Graph, steps: readonly Step[], arrays: Arrays, sizes: Sizes): Results {
  const results: Results = new Array<NdArray | undefined>(steps.length);
  for (let place = 0; place < steps.length; place++) {
    const step = steps[place];
    results[place] = step.feed === undefined ? compute(document, step, results, sizes) : arrays[step.feed];
    for (const value of step.done) results[value] = undefined;
  }
  return results;
}

function compute(document: Graph, step: Step, results: Results, sizes: Sizes): NdArray {
  const { primitive, attributes, dtype } = step;
  const shape = concreteShape(step.shape, sizes);
  let value: NdArray;
  try {
    value = primitive.kernel(
      step.inputs.map((input) => results[input]!),
      attributes,
      { shape, dtype, sizes },
    );
  } catch (error) {
    throw kernelError(error, document, step);
  }
  if (!isNdArray(value) || !Array.isArray(value.shape)) {
    throw new GraphError(`${primitive.name}: a kernel gives an array, got ${shownValue(value)}`, {
      help: "arrayFrom(data, shape) makes one of numbers",
      context: [describe(document, step.id)],
    });
  }
  if (value.dtype === dtype && sameShape(value.shape, shape)) return value;
  const got = `${value.dtype} ${showShape(value.shape)} for ${dtype} ${showShape(shape)}`;
  const rule = `${primitive.name}: a kernel gives what its shape rule says, got ${got}`;
  if (Object.hasOwn(primitives, primitive.name)) throw bug(rule, describe(document, step.id));
  throw new GraphError(rule, { context: [describe(document, step.id)] });
}

/** The error of a kernel, with the node in which it came about. */
function kernelError(error: unknown, document: Graph, { id, primitive }: Step): Error {
  const node = describe(document, id);
  if (error instanceof InputError) {
    const help = error.help === undefined ? {} : { help: error.help };
    return new InputError(error.rule, { context: [...error.context, node], ...help, cause: error });
  }
  const got = error instanceof Error ? error.message : String(error);
  return new GraphError(`${primitive.name}: a kernel must not fail, got ${got}`, {
    context: [node],
    cause: error,
  });
}

function describe({ nodes }: Graph, id: NodeId): string {
  const { primitive, inputs, name } = nodes[id];
  const called = name === undefined || `%${name}` === id ? "" : ` (${name})`;
  return `node   ${id}${called} = ${primitive}(${inputs.join(", ")})`;
}

/** The storages of arrays that belong to the graph: constants, and arrays among other attributes. */
function storagesIn(steps: readonly Step[]): ReadonlySet<ArrayBufferLike> {
  const values = steps.flatMap(({ attributes }) => Object.values(attributes));
  return new Set(values.filter(isNdArray).map((value) => value.data.buffer));
}

/** A value that shares its storage with no feed, no constant and no other output. */
function detached(value: NdArray, taken: Set<ArrayBufferLike>): NdArray {
  const own = taken.has(value.data.buffer) ? copyArray(value) : value;
  taken.add(own.data.buffer);
  return own;
}

function residentOf(run: Program["run"], initial: Arrays): Resident {
  let state: Arrays = Object.fromEntries(
    Object.entries(initial).map(([name, value]) => [name, copyArray(value)]),
  );
  return {
    run(inputs, options) {
      requireRecord(inputs);
      const stray = Object.keys(inputs).find((name) => Object.hasOwn(state, name));
      if (stray !== undefined)
        throw new InputError(`run: a resident keeps its parameters, got a value for ${stray}`);
      const { outputs, updates } = run({ ...inputs, ...state }, options);
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

/** The entries with names among those that the graph has; what is no record is left to be refused. */
function known<V>(
  record: Readonly<Record<string, V>>,
  names: ReadonlySet<unknown>,
): Readonly<Record<string, V>> {
  if (typeof record !== "object" || (record as unknown) === null) return record;
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
}

/** The values and the sizes that a graph takes, of those that there are. */
function neededBy(document: Graph, values: Values, { sizes = {} }: RunOptions): Parameters<Program["run"]> {
  const names = nodesOf(document).map(([, { attributes }]) => attributes["name"]);
  return [known(values, new Set(names)), { sizes: known(sizes, new Set(dimensionsOf(document))) }];
}

/** How `evaluate` takes its values. */
export interface EvaluateOptions extends RunOptions {
  /**
   * What to do with a value, or a size, for a name that the target does not depend on: `refuse` it (the default), since
   * most often it is misspelt, or `ignore` it, as for the gradient of a linear function, which may need fewer values.
   */
  readonly unused?: "refuse" | "ignore";
}

/**
 * The values of tensors, computed by the reference evaluator: an array for a tensor, and a list or record alike.
 * @param values arrays, numbers or nested lists by the names of inputs and parameters
 * @param options sizes that no value tells, and whether unused values are refused
 * @throws InputError when values are missing, unknown, or of another dtype or shape.
 */
export function evaluate<const T extends Structure>(
  target: T,
  values: Values = {},
  options: EvaluateOptions = {},
): Evaluated<T> {
  requireKnownFields("evaluate", options, ["sizes", "unused"]);
  const { unused = "refuse", ...runOptions } = options;
  const document = graph(target);
  const { run } = interpret(document);
  const { outputs } =
    unused === "ignore" ? run(...neededBy(document, values, runOptions)) : run(values, runOptions);
  const result = isTensor(target)
    ? outputs["output"]
    : Array.isArray(target)
      ? target.map((_, index) => outputs[String(index)])
      : outputs;
  // The outputs are named by the structure's own keys.
  return result as Evaluated<T>;
}
