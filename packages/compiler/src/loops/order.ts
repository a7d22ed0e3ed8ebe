// The order of a nest's loops: reduced ones last, neighbours merged where every access allows it, and a loop in blocks
// where an operand lies across the others.

import type { Access, LoopKernel, Step, Store } from "../kernel.ts";
import { mostTurns } from "../limits.ts";
import type { Lanes } from "./arithmetic.ts";

/** One loop; loops stand from the outermost to the innermost, reduced ones last. */
export interface Loop {
  readonly size: number;
  readonly reduced: boolean;
}

/** The loops of a kernel, with strides by loop. */
export interface Ordered {
  readonly loops: readonly Loop[];
  readonly steps: readonly Step[];
  readonly stores: readonly Store[];
}

/** Changes the strides of all that has some. */
function withStrides(
  { steps, stores }: Pick<Ordered, "steps" | "stores">,
  change: (strides: readonly number[]) => readonly number[],
): Pick<Ordered, "steps" | "stores"> {
  const moved = (access: Access): Access => ({ ...access, strides: change(access.strides) });
  return {
    steps: steps.map((step) => {
      if (step.kind === "load") return { ...step, access: moved(step.access) };
      return step.kind === "index" ? { ...step, strides: change(step.strides) } : step;
    }),
    stores: stores.map((each) => ({ ...each, access: moved(each.access) })),
  };
}

/** Loops that are not reduced first; turns of a loop of size 1 are left out. */
export function orderLoops(kernel: LoopKernel): Ordered {
  const dimensions = kernel.sizes.map((_, dimension) => dimension).filter((d) => kernel.sizes[d] !== 1);
  const order = [
    ...dimensions.filter((d) => !kernel.reduced[d]),
    ...dimensions.filter((d) => kernel.reduced[d]),
  ];
  const loops = order.map((d) => ({ size: kernel.sizes[d]!, reduced: kernel.reduced[d]! }));
  return { loops, ...withStrides(kernel, (strides) => order.map((d) => strides[d]!)) };
}

/** Neighbouring loops of one kind become one where every access walks through both in one stride. */
export function mergeLoops(ordered: Ordered): Ordered {
  let current = ordered;
  for (let i = ordered.loops.length - 2; i >= 0; i--) {
    const [outer, inner] = [current.loops[i]!, current.loops[i + 1]!];
    if (outer.reduced !== inner.reduced || outer.size * inner.size > mostTurns) continue;
    const all = allStrides(current);
    if (!all.every((strides) => strides[i] === strides[i + 1]! * inner.size)) continue;
    const merged = { size: outer.size * inner.size, reduced: outer.reduced };
    const at = i;
    current = {
      loops: current.loops.toSpliced(at, 2, merged),
      ...withStrides(current, (strides) => strides.toSpliced(at, 1)),
    };
  }
  return current;
}

function allStrides({ steps, stores }: Pick<Ordered, "steps" | "stores">): readonly (readonly number[])[] {
  const ofSteps = steps.flatMap((step) => {
    if (step.kind === "load") return [step.access.strides];
    return step.kind === "index" ? [step.strides] : [];
  });
  return [...ofSteps, ...stores.map(({ access }) => access.strides)];
}

/** How many loops are not reduced. */
export function keptLoops(loops: readonly Loop[]): number {
  return loops.filter(({ reduced }) => !reduced).length;
}

/** The strides of what is read and written. */
function memoryStrides({ steps, stores }: Pick<Ordered, "steps" | "stores">): readonly (readonly number[])[] {
  const loads = steps.flatMap((step) => (step.kind === "load" ? [step.access.strides] : []));
  return [...loads, ...stores.map(({ access }) => access.strides)];
}

/** A fold over fewer vectors than these would be done with before all lanes are at work. */
const shortVectors = 4;

/**
 * Whether vectors run along the innermost reduced loop, instead of along the innermost of the others: where more of what
 * is read and written there lies dense, unless that loop is short.
 */
export function runsAcross({ loops, steps, stores }: Ordered, lanes: Lanes): boolean {
  const kept = keptLoops(loops);
  const last = loops.length - 1;
  const beside = kept - 1;
  if (last < kept || beside < 0 || loops[beside]!.size < lanes) return last >= kept;
  if (loops[last]!.size <= shortVectors * lanes) return false;
  let more = 0;
  for (const strides of memoryStrides({ steps, stores })) {
    if (strides.every((stride, loop) => loop < kept || stride === 0)) continue;
    more += Number(strides[last] === 1) - Number(strides[beside] === 1);
  }
  return more >= 0;
}

/** Turns of a block at most: so many cache lines stay in the cache, however far they lie from each other. */
const longestBlock = 32;
/** A loop of fewer turns leaves the lines of what lies across it in the cache. */
const leastTurns = 64;

/** Elements of a cache line. */
const lineElements = 16;

/** The most turns, in whole vectors, that divide a loop into equal blocks. */
function blockTurns(size: number): number | undefined {
  for (let turns = longestBlock; turns > 0; turns -= 4) if (size % turns === 0) return turns;
  return undefined;
}

/**
 * The innermost of the loops that are not reduced in blocks, outside of the one before it, where an operand lies dense
 * along that one: its cache lines are then used again at once, and not when the whole loop has driven them out.
 */
export function blockLoops(ordered: Ordered): Ordered {
  const { loops } = ordered;
  const inner = keptLoops(loops) - 1;
  const outer = inner - 1;
  const size = loops[inner]?.size ?? 0;
  const turns = blockTurns(size);
  if (outer < 0 || size < leastTurns || turns === undefined || loops[outer]!.size < lineElements)
    return ordered;
  const lies = (strides: readonly number[]): boolean =>
    Math.abs(strides[outer]!) === 1 && Math.abs(strides[inner]!) >= lineElements;
  if (!memoryStrides(ordered).some(lies)) return ordered;
  const inBlocks = <T>(list: readonly T[], whole: T, block: T): readonly T[] =>
    list.toSpliced(inner, 1, block).toSpliced(outer, 0, whole);
  return {
    loops: inBlocks(loops, { size: size / turns, reduced: false }, { size: turns, reduced: false }),
    ...withStrides(ordered, (strides) => inBlocks(strides, turns * strides[inner]!, strides[inner]!)),
  };
}
