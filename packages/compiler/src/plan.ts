// The memory plan: where every buffer lies in the one linear memory. Parameters first, so that programs of one graph
// for different sizes agree on them; then constants and inputs, which stay; then temporaries and outputs, which share.

import { bytesPerElement, elements } from "@wengert/tensor";
import { readsOf, writesOf, type BufferId, type Kernel, type KernelProgram } from "./kernel.ts";
import { mayReplace } from "./update-in-place.ts";

/** Where a buffer lies, and when it is live: from the kernel that first writes it to the one that last reads it. */
export interface Placement {
  readonly buffer: BufferId;
  readonly address: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
  /** The buffer whose place this one takes over in the kernel that reads it last. */
  readonly replaces?: BufferId;
}

/** The layout of a program's memory, in bytes. */
export interface Plan {
  /** By buffer; undefined for buffers that nothing uses any more. */
  readonly placements: readonly (Placement | undefined)[];
  /** The end of what parameters occupy. */
  readonly residentEnd: number;
  /** Bytes before and after every buffer that belong to none. */
  readonly guard: number;
  /** The end of everything. */
  readonly end: number;
  /** Bytes for temporaries and outputs. */
  readonly peak: number;
  /**
   * The most bytes of temporaries and outputs that are live at once: no plan with the same replacements can do with
   * less. A buffer that is replaced counts up to the kernel in which that happens.
   */
  readonly lowerBound: number;
}

/** How a plan may differ. */
export interface PlanOptions {
  /** Where the first buffer may lie. */
  readonly base: number;
  /**
   * Bytes kept free around every buffer, for a debug mode that looks for stray writes. Default 0. With any, no buffer
   * takes the place of another, so that the bytes around each are free all the time.
   */
  readonly guard?: number;
}

/** A cache line, and twice a vector: kernels on different threads never share one. */
const alignment = 64;

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}

/** Bytes of a buffer's elements. */
export function bytesOf({ buffers }: KernelProgram, buffer: BufferId): number {
  const { dtype, shape } = buffers[buffer]!;
  return bytesPerElement(dtype) * elements(shape);
}

/** When a buffer is live. */
interface LiveRange {
  readonly buffer: BufferId;
  first: number;
  last: number;
}

/** When each buffer is live. */
function liveRanges(program: KernelProgram): ReadonlyMap<BufferId, LiveRange> {
  const ranges = new Map<BufferId, LiveRange>();
  const touch = (buffer: BufferId, place: number): void => {
    const range = ranges.get(buffer);
    if (range === undefined) ranges.set(buffer, { buffer, first: place, last: place });
    else range.last = Math.max(range.last, place);
  };
  for (let place = 0; place < program.kernels.length; place++) {
    const kernel = program.kernels[place]!;
    for (const buffer of readsOf(kernel)) touch(buffer, place);
    for (const buffer of writesOf(kernel)) touch(buffer, place);
  }
  for (const buffer of Object.values(program.outputs)) touch(buffer, program.kernels.length);
  return ranges;
}

/** Places all buffers. */
export function planMemory(program: KernelProgram, options: PlanOptions): Plan {
  const ranges = liveRanges(program);
  const guard = aligned(options.guard ?? 0);
  const placements = new Array<Placement | undefined>(program.buffers.length).fill(undefined);
  let end = aligned(options.base);
  const stay = (role: string): void => {
    for (let buffer = 0; buffer < program.buffers.length; buffer++) {
      if (program.buffers[buffer]!.role !== role) continue;
      const bytes = bytesOf(program, buffer);
      placements[buffer] = { buffer, address: end + guard, bytes, first: 0, last: program.kernels.length };
      end += aligned(bytes) + 2 * guard;
    }
  };
  stay("parameter");
  const residentEnd = end;
  stay("constant");
  stay("input");
  const shared = [...ranges.values()].filter(({ buffer }) => isShared(program, buffer));
  const peak = placeShared({ program, placements, base: end, guard }, shared);
  return {
    placements,
    residentEnd,
    guard,
    end: end + peak,
    peak,
    lowerBound: lowerBoundOf(program, shared, placements),
  };
}

function isShared({ buffers }: KernelProgram, buffer: BufferId): boolean {
  const { role } = buffers[buffer]!;
  return role !== "parameter" && role !== "constant" && role !== "input";
}

interface Placing {
  readonly program: KernelProgram;
  readonly placements: (Placement | undefined)[];
  readonly base: number;
  readonly guard: number;
}

/** A run of free bytes. */
interface Gap {
  start: number;
  size: number;
}

/** Walks through the kernels: a buffer takes the smallest gap that holds it, and gives it back after its last use. */
function placeShared(placing: Placing, shared: readonly LiveRange[]): number {
  const { program, placements, base, guard } = placing;
  const beginning = groupedBy(shared, ({ first }) => first);
  const ending = groupedBy(shared, ({ last }) => last);
  const gaps: Gap[] = [];
  const taken = new Set<BufferId>();
  let top = 0;
  for (let place = 0; place <= program.kernels.length; place++) {
    for (const { buffer, first, last } of beginning.get(place) ?? []) {
      const bytes = bytesOf(program, buffer);
      const over = guard > 0 ? [] : (ending.get(place) ?? []);
      const replaced = replacedBuffer(placing, over, { buffer, place, taken });
      if (replaced !== undefined) {
        taken.add(replaced);
        placements[buffer] = {
          buffer,
          address: placements[replaced]!.address,
          bytes,
          first,
          last,
          replaces: replaced,
        };
        continue;
      }
      const size = aligned(Math.max(bytes, 1)) + 2 * guard;
      let start = takeGap(gaps, size);
      if (start === undefined) [start, top] = extend(gaps, top, size);
      placements[buffer] = { buffer, address: base + start + guard, bytes, first, last };
    }
    for (const { buffer } of ending.get(place) ?? []) {
      if (taken.has(buffer) || guard > 0) continue;
      const { address, bytes } = placements[buffer]!;
      giveBack(gaps, { start: address - base - guard, size: aligned(Math.max(bytes, 1)) + 2 * guard });
    }
  }
  return top;
}

function groupedBy(
  shared: readonly LiveRange[],
  key: (range: LiveRange) => number,
): ReadonlyMap<number, readonly LiveRange[]> {
  const groups = new Map<number, LiveRange[]>();
  for (const each of shared) {
    const place = key(each);
    const group = groups.get(place);
    if (group === undefined) groups.set(place, [each]);
    else group.push(each);
  }
  return groups;
}

/** A buffer of the same size that is read for the last time where this one is written, element by element. */
function replacedBuffer(
  { program, placements }: Placing,
  ending: readonly LiveRange[],
  { buffer, place, taken }: { buffer: BufferId; place: number; taken: ReadonlySet<BufferId> },
): BufferId | undefined {
  const kernel = program.kernels[place];
  if (kernel?.kind !== "loop") return undefined;
  const bytes = bytesOf(program, buffer);
  const found = ending.find(
    ({ buffer: old, first }) =>
      old !== buffer &&
      first < place &&
      !taken.has(old) &&
      placements[old]?.bytes === bytes &&
      program.buffers[old]!.dtype === program.buffers[buffer]!.dtype &&
      onlyReads(kernel, old) &&
      mayReplace(kernel, old, buffer),
  );
  return found?.buffer;
}

/** Whether a kernel reads a buffer and does not write it. */
export function onlyReads(kernel: Kernel, buffer: BufferId): boolean {
  return readsOf(kernel).includes(buffer) && !writesOf(kernel).includes(buffer);
}

function takeGap(gaps: Gap[], size: number): number | undefined {
  let best: Gap | undefined;
  for (const gap of gaps) if (gap.size >= size && (best === undefined || gap.size < best.size)) best = gap;
  if (best === undefined) return undefined;
  const { start } = best;
  best.start += size;
  best.size -= size;
  if (best.size === 0) gaps.splice(gaps.indexOf(best), 1);
  return start;
}

/** Makes room at the end, beginning with a gap there. */
function extend(gaps: Gap[], top: number, size: number): [start: number, top: number] {
  const last = gaps.at(-1);
  if (last === undefined || last.start + last.size !== top) return [top, top + size];
  gaps.pop();
  return [last.start, last.start + size];
}

/** Gaps stay in the order of their places; neighbours become one. */
function giveBack(gaps: Gap[], gap: Gap): void {
  let at = gaps.findIndex(({ start }) => start > gap.start);
  if (at < 0) at = gaps.length;
  gaps.splice(at, 0, gap);
  for (const index of [at, at - 1]) {
    const one = gaps[index];
    const next = gaps[index + 1];
    if (one === undefined || next === undefined || one.start + one.size !== next.start) continue;
    one.size += next.size;
    gaps.splice(index + 1, 1);
  }
}

function lowerBoundOf(
  program: KernelProgram,
  shared: readonly LiveRange[],
  placements: readonly (Placement | undefined)[],
): number {
  const replaced = new Set(shared.map(({ buffer }) => placements[buffer]!.replaces));
  const change = new Array<number>(program.kernels.length + 2).fill(0);
  for (const { buffer, first, last } of shared) {
    const bytes = aligned(bytesOf(program, buffer));
    change[first]! += bytes;
    change[replaced.has(buffer) ? last : last + 1]! -= bytes;
  }
  let live = 0;
  let most = 0;
  for (const each of change) {
    live += each;
    most = Math.max(most, live);
  }
  return most;
}
