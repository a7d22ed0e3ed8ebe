// The laws of a memory plan: buffers that are live at once do not overlap, and need no less than their lower bound.

import type { BufferId, KernelProgram } from "./kernel.ts";
import { onlyReads, type Placement, type Plan } from "./plan.ts";
import { mayReplace } from "./update-in-place.ts";

/** What is wrong with a plan, in sentences: two buffers that are live at once must not overlap. Empty when it is sound. */
export function checkPlan(program: KernelProgram, { placements, peak, lowerBound }: Plan): readonly string[] {
  const problems: string[] = [];
  if (peak < lowerBound) problems.push(`the peak ${peak} is less than its lower bound ${lowerBound}`);
  const placed = placements.filter((each) => each !== undefined).toSorted((a, b) => a.address - b.address);
  const name = (buffer: BufferId): string => program.buffers[buffer]!.name;
  let open: readonly Placement[] = [];
  for (const each of placed) {
    open = open.filter(({ address, bytes }) => address + bytes > each.address);
    for (const other of open) {
      if (each.bytes === 0 || other.last < each.first || each.last < other.first) continue;
      if (handsOver(program, other, each) || handsOver(program, each, other)) continue;
      problems.push(`${name(other.buffer)} and ${name(each.buffer)} overlap while both are live`);
    }
    open = [...open, each];
  }
  return problems;
}

/** Whether one buffer takes another's place in the kernel that reads it last. */
function handsOver(program: KernelProgram, old: Placement, next: Placement): boolean {
  const kernel = program.kernels[next.first];
  return (
    next.replaces === old.buffer &&
    old.last === next.first &&
    old.address === next.address &&
    kernel !== undefined &&
    onlyReads(kernel, old.buffer) &&
    mayReplace(kernel, old.buffer, next.buffer)
  );
}
