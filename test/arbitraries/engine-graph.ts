// Random graph documents with inputs, parameters and updates, over tensors of every dtype, and values for them.

import {
  constant,
  elements,
  graph,
  input,
  isFloat,
  parameter,
  permute,
  reverse,
  topological,
  type Arrays,
  type DType,
  type Graph,
  type NdArray,
  type Tensor,
} from "@wengert/tensor";
import fc from "fast-check";
import { anyArray, randomFrom, type Random } from "../engine/elements.ts";
import { engineSteps } from "./engine-steps.ts";
import type { Pick } from "./graph-steps.ts";

/** A document and what it takes. */
export interface EngineGraph {
  readonly document: Graph;
  readonly inputs: Arrays;
  readonly parameters: Arrays;
}

/** Which graphs. */
export interface EngineGraphOptions {
  /** Only nodes whose values are the same to the bit however they are computed; default false. */
  readonly exact?: boolean;
  /** Default 60. */
  readonly maxNodes?: number;
  /** Nodes with more elements are left out; default 600. */
  readonly maxElements?: number;
  /** The sizes of axes are among these. */
  readonly sizes?: readonly number[];
}

const dtypes: readonly DType[] = ["f32", "f64", "i32", "u32", "bool"];

/** Primitives whose floats depend on the order or the method of computing. */
const inexact: ReadonlySet<string> = new Set(
  `exp expm1 log log1p rsqrt sin cos tan asin acos atan sinh cosh tanh sigmoid erf pow atan2
  sum prod dot cumulativeSum scatterAdd`.split(/\s+/),
);

/** Whether the value of a node is the same to the bit however it is computed from its operands. */
export function isExact({
  primitive,
  dtype,
}: {
  readonly primitive: string;
  readonly dtype: DType;
}): boolean {
  return !inexact.has(primitive) || !isFloat(dtype);
}

/** Random documents; shrinking takes nodes away. */
export function engineGraph(options: EngineGraphOptions = {}): fc.Arbitrary<EngineGraph> {
  const { maxNodes = 60 } = options;
  return fc
    .tuple(fc.nat(), fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: maxNodes }))
    .map(([seed, choices]) => engineGraphOf(seed, choices, options));
}

/** The document for a seed and a choice for every step. */
export function engineGraphOf(
  seed: number,
  choices: readonly number[],
  options: EngineGraphOptions = {},
): EngineGraph {
  const random = randomFrom(seed);
  const sources = sourcesOf(random, options);
  const nodes = [...sources];
  for (const choice of choices) {
    const next = nextNode(nodes, choice);
    if (next !== undefined && accepted(next, nodes, options)) nodes.push(next);
  }
  const document = documentOf(nodes, sources.length, random);
  return { document, ...valuesFor(document, sources, random) };
}

const defaultSizes: readonly number[] = [1, 2, 3, 4, 5, 7, 13, 0];

/** Inputs and parameters by turns, of every dtype, and of shapes that go with each other. */
function sourcesOf(
  random: Random,
  { sizes = defaultSizes, maxElements = 600 }: EngineGraphOptions,
): readonly Tensor[] {
  const size = (): number => sizes[Math.floor(random() * random() * sizes.length)]!;
  const [a, b, c] = [size(), size(), size()];
  const cube = a * b * c <= maxElements ? [a, b, c] : [a, 1, b];
  const shapes = [[a, b], [b], [], [b, b], [1, b], cube];
  return dtypes.flatMap((dtype) =>
    shapes.map((shape, i) => {
      const [kind, make] = i % 2 === 0 ? (["p", parameter] as const) : (["x", input] as const);
      return make(`${kind}_${dtype}_${i}`, shape, { dtype }) as Tensor;
    }),
  );
}

function nextNode(nodes: readonly Tensor[], choice: number): Tensor | undefined {
  // Mostly one of the last nodes, so that chains come about; else any, so that all sources are used.
  const back = choice % 5 < 3 ? choice % 5 : Math.floor(choice / 5) % nodes.length;
  const x = nodes[nodes.length - 1 - back]!;
  const pick: Pick = (count) => Math.floor(choice / 97) % count;
  const other = (fits: (y: Tensor) => boolean): Tensor | undefined => {
    const candidates = nodes.filter(fits);
    return candidates[choice % candidates.length];
  };
  const fitting = engineSteps.filter(({ fits }) => fits(x));
  return fitting[Math.floor(choice / 11) % fitting.length]?.build(x, other, pick);
}

function accepted(next: Tensor, known: readonly Tensor[], options: EngineGraphOptions): boolean {
  const { exact = false, maxElements = 600 } = options;
  const old = new Set(known);
  // What a step has built beneath its result; steps are a few nodes deep.
  const fresh: Tensor[] = [next];
  for (const node of fresh) for (const each of node.inputs) if (!old.has(each)) fresh.push(each);
  return fresh.every(({ primitive: { name }, dtype, shape }) => {
    const fits = elements(shape as readonly number[]) <= maxElements;
    return fits && (!exact || isExact({ primitive: name, dtype }));
  });
}

function documentOf(nodes: readonly Tensor[], sources: number, random: Random): Graph {
  const last = nodes.slice(sources).slice(-4);
  const any = (): Tensor => nodes[Math.floor(random() * nodes.length)]!;
  const outputs = [...last, any(), ...(random() < 0.2 ? [constant([1, -0, 3]), constant(2)] : [])];
  const used = new Set(topological(outputs));
  const parameters = nodes.filter((node) => node.primitive.name === "parameter" && used.has(node));
  const chosen = parameters.filter(() => random() < 0.7);
  const updates = chosen.map((node) => [nameOf(node), nextValue(node, nodes, random)] as const);
  return graph(outputs, { updates: Object.fromEntries(updates) });
}

function nameOf(node: Tensor): string {
  return node.attributes["name"] as string;
}

/** What a parameter becomes: a node of its type, often one of the last, or a view of itself. */
function nextValue(node: Tensor, nodes: readonly Tensor[], random: Random): Tensor {
  const fitting = nodes.filter(
    (each) => each.dtype === node.dtype && each.shape.join() === node.shape.join(),
  );
  const kind = random();
  if (kind < 0.15 && node.shape.length > 0) return reverse(node, 0);
  if (kind < 0.25 && node.shape.length === 2 && node.shape[0] === node.shape[1]) return permute(node, [1, 0]);
  const at = kind < 0.7 ? fitting.length - 1 : Math.floor(random() * fitting.length);
  return fitting[at] ?? node;
}

function valuesFor(
  document: Graph,
  sources: readonly Tensor[],
  random: Random,
): Omit<EngineGraph, "document"> {
  const names = new Set(Object.values(document.nodes).map(({ attributes }) => attributes["name"]));
  const values = (kind: string): Arrays => {
    const found: Record<string, NdArray> = {};
    for (const node of sources) {
      if (node.primitive.name !== kind || !names.has(nameOf(node))) continue;
      found[nameOf(node)] = anyArray(node.dtype, node.shape as readonly number[], random);
    }
    return found;
  };
  return { inputs: values("input"), parameters: values("parameter") };
}
