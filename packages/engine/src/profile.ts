// Where a program's time goes: every kernel's share, and its speed against what the machine can do.

import { costOf, type CompiledProgram } from "@wengert/compiler";
import type { Roof } from "./roof.ts";

/** One kernel of a profile. */
export interface KernelProfile {
  readonly kernel: string;
  readonly kind: string;
  /** Microseconds a run. */
  readonly microseconds: number;
  /** Share of the time of all kernels. */
  readonly share: number;
  /** GFLOP/s for products, else GB/s. */
  readonly speed: number;
  readonly unit: "GFLOP/s" | "GB/s";
  /** Share of the roof, of all threads that take part. */
  readonly ofRoof: number;
}

/** The profile of so many runs, from the nanoseconds that each kernel took in all. */
export function profileOf(
  { kernels, threads }: CompiledProgram,
  {
    nanoseconds,
    runs,
    roof,
  }: { readonly nanoseconds: Float64Array; readonly runs: number; readonly roof: Roof },
): readonly KernelProfile[] {
  const total = nanoseconds.reduce((a, b) => a + b, 0);
  return kernels.kernels.map((kernel, number) => {
    const time = nanoseconds[number]!;
    const cost = costOf(kernels, kernel);
    const isProduct = kernel.kind === "product";
    const speed = (isProduct ? cost.flop : cost.bytes) / (time / runs);
    return {
      kernel: kernel.name,
      kind: kernel.kind,
      microseconds: time / runs / 1000,
      share: time / total,
      speed,
      unit: isProduct ? "GFLOP/s" : "GB/s",
      ofRoof: speed / (threads * (isProduct ? roof.flop : roof.bytes)),
    };
  });
}

/** A profile as a table, the slowest kernel first. */
export function formatProfile(profile: readonly KernelProfile[]): string {
  const rows = profile
    .toSorted((a, b) => b.microseconds - a.microseconds)
    .map(({ kernel, kind, microseconds, share, speed, unit, ofRoof }) =>
      [
        kernel.padEnd(20),
        kind.padEnd(8),
        microseconds.toFixed(1).padStart(10),
        `${(100 * share).toFixed(1)}%`.padStart(7),
        speed.toFixed(1).padStart(8),
        unit.padEnd(7),
        `${(100 * ofRoof).toFixed(0)}%`.padStart(5),
      ].join(" "),
    );
  const sum = profile.reduce((total, { microseconds }) => total + microseconds, 0);
  const head = `${"kernel".padEnd(20)} ${"kind".padEnd(8)} ${"µs a run".padStart(10)} ${"share".padStart(7)} ${"speed".padStart(8)} ${"".padEnd(7)} ${"roof".padStart(5)}`;
  return [head, ...rows, `${"all".padEnd(29)} ${sum.toFixed(1).padStart(10)}`].join("\n");
}
