// Named dimensions that are the bound of a loop and nothing else: along them a graph works row by row, so that the first
// rows of its arrays are the same whatever follows. A program for many rows then runs for fewer, as it is.

import {
  dimensionsOf,
  InputError,
  nodesOf,
  requireDocument,
  type Graph,
  type GraphNode,
  type PrimitiveName,
  type Shape,
  type Sizes,
} from "@wengert/tensor";
import { expandDefinitions } from "./lowerable.ts";
import { arithmetic, type ElementwiseName } from "./loops/arithmetic.ts";
import type { KernelProgram } from "./kernel.ts";

/** A dimension whose number a program learns when it runs. */
export interface LoopBound {
  readonly dimension: string;
  /** The smallest number that the program is for: for fewer it would have too much room and too few chunks. */
  readonly least: number;
  /** The largest number that the program has room for; no other size in it is the same. */
  readonly most: number;
}

/** Bounds of one program: they lie in a block of 16 words behind the four of a failure. */
const mostBounds = 12;

/**
 * Fewer rows have programs of their own: an axis of size 1 is no loop, and what depends on constants alone is computed before
 * the program runs, in double precision, where it has at most 16 elements.
 */
const leastRows = 17;

/** What works row by row where all of it has rows: blocks of named sizes are whole, and folds would leave no rows. */
const rowwise: ReadonlySet<string> = new Set<PrimitiveName>([
  ...(Object.keys(arithmetic) as ElementwiseName[]),
  "sum",
  "prod",
  "max",
  "min",
  "any",
  "all",
  "permute",
  "reshape",
  "slice",
  "pad",
  "concat",
  "reverse",
  "broadcast",
  "input",
  "iota",
  "stopGradient",
  "customDerivative",
]);

/**
 * The named dimensions of a graph, twelve at most, that need no program of their own for each size: every array that has
 * one has it as its first axis, and is computed row by row by loops. Where such a dimension is folded or cut, counted (as
 * by `mean`), or belongs to a matrix product or a parameter, each size is another program.
 * @throws CompileError when a primitive of the graph's own cannot be compiled, GraphError when it is no graph document.
 */
export function loopDimensions(document: Graph): readonly string[] {
  requireDocument("loopDimensions", document);
  const graph = expandDefinitions(document);
  const found = new Set(dimensionsOf(graph));
  for (const [, node] of nodesOf(graph)) {
    if (found.size === 0) break;
    const shapes = [node.shape, ...node.inputs.map((input) => graph.nodes[input]!.shape)];
    for (const dim of found) if (!worksByRows(node, shapes, dim)) found.delete(dim);
  }
  return [...found].slice(0, mostBounds);
}

function worksByRows(
  { primitive, attributes, shape }: GraphNode,
  shapes: readonly Shape[],
  dim: string,
): boolean {
  if (primitive === "size") return attributes["dimension"] !== dim;
  const having = shapes.filter((each) => each.includes(dim));
  if (having.length === 0) return true;
  // What a row is made of has rows itself, unless it is the same for all.
  if (!shape.includes(dim) || (having.length < shapes.length && primitive !== "broadcast")) return false;
  if (!having.every((each) => each.lastIndexOf(dim) === 0)) return false;
  if (primitive === "reverse" && (attributes["axes"] as readonly number[]).includes(0)) return false;
  return rowwise.has(primitive);
}

/** @throws InputError when names are no list, repeat, or are not of the graph's loop dimensions. */
export function requireLoopDimensions(document: Graph, bounds: readonly string[]): void {
  const help = "bounds: loopDimensions(graph), or some of them";
  const isList: boolean = Array.isArray(bounds);
  if (!isList || new Set(bounds).size < bounds.length)
    throw new InputError(`compile: bounds are a list of different names, got ${String(bounds)}`, { help });
  const loops = bounds.length === 0 ? [] : loopDimensions(document);
  const other = bounds.find((dimension) => !loops.includes(dimension));
  if (other === undefined) return;
  const all = loops.join(", ") || "none";
  throw new InputError(`compile: a bound is one of the graph's loop dimensions, ${all}, got ${other}`, {
    help,
  });
}

/**
 * Bounds for the dimensions whose numbers are large enough, with room for these or a few more: each is a number that
 * nothing else in the program has, so that whatever has as many rows is known to have that dimension.
 */
export function loopBounds(graph: Graph, sizes: Sizes, dimensions: readonly string[]): readonly LoopBound[] {
  if (dimensions.length === 0) return [];
  const others = Object.keys(sizes).filter((name) => !dimensions.includes(name));
  const taken = new Set<number | undefined>(others.map((name) => sizes[name]));
  for (const [, { shape }] of nodesOf(graph))
    for (const dim of shape) if (typeof dim === "number") taken.add(dim);
  const bounds: LoopBound[] = [];
  for (const dimension of dimensions) {
    const size = Object.hasOwn(sizes, dimension) ? sizes[dimension]! : 0;
    let most = size;
    while (taken.has(most)) most++;
    // Memory is not spent on telling sizes apart. What has no bound keeps its number, which is then no other's room.
    if (size < leastRows || most > 1.25 * size)
      return loopBounds(
        graph,
        sizes,
        dimensions.filter((each) => each !== dimension),
      );
    taken.add(most);
    bounds.push({ dimension, least: Math.max(leastRows, Math.ceil(size / 2)), most });
  }
  return bounds;
}

/** The program with bounds known at run time for the loops over the rows of such dimensions. */
export function withLoopBounds(program: KernelProgram, bounds: readonly LoopBound[]): KernelProgram {
  if (bounds.length === 0) return program;
  const kernels = program.kernels.map((kernel) => {
    if (kernel.kind !== "loop") return kernel;
    const bound = bounds.findIndex(({ most }) => most === kernel.sizes[0]);
    return bound < 0 ? kernel : { ...kernel, bound };
  });
  return { ...program, kernels };
}
