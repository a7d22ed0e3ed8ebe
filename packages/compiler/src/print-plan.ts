// A memory plan as text.

import type { KernelProgram } from "./kernel.ts";
import type { Plan } from "./plan.ts";

/** The plan as a table: buffer, bytes, live range, address. */
export function printPlan(program: KernelProgram, plan: Plan): string {
  const rows = plan.placements.flatMap((each) => {
    if (each === undefined) return [];
    const { name, role, dtype, shape } = program.buffers[each.buffer]!;
    const replaces =
      each.replaces === undefined ? "" : ` in place of ${program.buffers[each.replaces]!.name}`;
    return [
      `${String(each.address).padStart(10)} ${String(each.bytes).padStart(10)}  ${`${each.first}..${each.last}`.padEnd(10)} ${role.padEnd(9)} ${name}: ${dtype}[${shape.join(", ")}]${replaces}`,
    ];
  });
  const total = `temporaries: ${plan.peak} bytes, lower bound ${plan.lowerBound}`;
  return [`   address      bytes  live       role      buffer`, ...rows, total].join("\n");
}
