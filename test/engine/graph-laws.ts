// What holds for every graph on the engine, a function each: it gives what is wrong, in sentences. Tests try them on
// some random graphs, and the fuzzer on as many as there is time for.

import { wasmEngine } from "@wengert/engine";
import { interpret, optimise, type Arrays } from "@wengert/tensor";
import { engineGraph, type EngineGraph, type EngineGraphOptions } from "../arbitraries/engine-graph.ts";
import { labelled } from "./perturbed.ts";
import { differences, engine, programOf, standardEngine } from "./programs.ts";
import { unexplained } from "./spread.ts";

/** A law of graphs, and of which graphs. */
export interface GraphLaw {
  readonly title: string;
  readonly graphs: EngineGraphOptions;
  readonly problems: (each: EngineGraph) => Promise<readonly string[]>;
}

const guarded = wasmEngine({ threads: 1, debug: true });
/** Its threads start with the first program. */
const threaded = wasmEngine({ threads: 2 });

/** Graphs of few nodes with so many elements that kernels run in chunks. */
const large: EngineGraphOptions = { maxNodes: 12, maxElements: 50_000, sizes: [33, 64, 1, 129, 300] };

async function sameBits(
  { document, inputs, parameters }: EngineGraph,
  on = engine,
): Promise<readonly string[]> {
  const values: Arrays = { ...inputs, ...parameters };
  const wanted = interpret(document).run(values);
  const found = (await programOf(document, { on })).run(values);
  return [...differences(found.outputs, wanted.outputs), ...differences(found.updates, wanted.updates)];
}

async function explained(
  { document, inputs, parameters }: EngineGraph,
  on = engine,
): Promise<readonly string[]> {
  const values: Arrays = { ...inputs, ...parameters };
  const { outputs, updates } = (await programOf(document, { on })).run(values);
  return unexplained(labelled(outputs, updates), document, { values });
}

async function sameState({ document, inputs, parameters }: EngineGraph): Promise<readonly string[]> {
  const program = await programOf(document);
  const [found, wanted] = [program.bind(parameters), interpret(document).bind(parameters)];
  const problems: string[] = [];
  for (let step = 0; step < 3; step++) {
    problems.push(...differences(found.run(inputs), wanted.run(inputs)));
    problems.push(...differences(found.state(), wanted.state()));
  }
  return problems;
}

async function sameThreaded({ document, inputs, parameters }: EngineGraph): Promise<readonly string[]> {
  const [one, two] = [await programOf(document), await programOf(document, { on: threaded })];
  const [wanted, found] = [one.bind(parameters), two.bind(parameters)];
  await threaded.ready();
  const problems: string[] = [];
  for (let step = 0; step < 2; step++) {
    problems.push(...differences(found.run(inputs), wanted.run(inputs)));
    problems.push(...differences(found.state(), wanted.state()));
  }
  return problems;
}

async function sameOptimised({ document, inputs, parameters }: EngineGraph): Promise<readonly string[]> {
  const values: Arrays = { ...inputs, ...parameters };
  const [plain, optimised] = [await programOf(document), await programOf(optimise(document))];
  const [a, b] = [plain.run(values), optimised.run(values)];
  return [...differences(a.outputs, b.outputs), ...differences(a.updates, b.updates)];
}

/** The laws. */
export const graphLaws: readonly GraphLaw[] = [
  {
    title: "exact steps give the bits of the reference evaluator",
    graphs: { exact: true },
    problems: (each) => sameBits(each),
  },
  {
    title: "exact steps give the bits of the reference evaluator with standard instructions alone",
    graphs: { exact: true },
    problems: (each) => sameBits(each, standardEngine),
  },
  {
    title: "exact steps over many elements give the bits of the reference evaluator",
    graphs: { exact: true, ...large },
    problems: (each) => sameBits(each),
  },
  {
    title: "residents of exact steps go through the states of the reference evaluator's",
    graphs: { exact: true },
    problems: sameState,
  },
  { title: "all steps give what rounding explains", graphs: {}, problems: (each) => explained(each) },
  {
    title: "all steps give what rounding explains with standard instructions alone",
    graphs: {},
    problems: (each) => explained(each, standardEngine),
  },
  {
    title: "all steps write nothing beside their buffers, and read nothing that changes a result",
    graphs: {},
    problems: (each) => explained(each, guarded),
  },
  {
    title: "a graph gives the same bits whether it has been optimised before or not",
    graphs: {},
    problems: sameOptimised,
  },
  {
    title: "2 threads give the bits of 1, step by step",
    graphs: large,
    problems: sameThreaded,
  },
];

/** The graphs that a law is about. */
export const graphsOf = (law: GraphLaw): ReturnType<typeof engineGraph> => engineGraph(law.graphs);
