// What was measured as Markdown: a table of speeds, a table of everything else, and the conditions.

import { isBusy, type Machine } from "./machine.ts";
import { type NetResult } from "./measure-nets.ts";

/** Three significant digits, without an exponent. */
export function digits(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value >= 100) return Math.round(value).toLocaleString("en-US");
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.max(value, 1e-9)))));
}

/** A Markdown table. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The distinct values in the order in which they first appear. */
export function distinct<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}

/** Milliseconds a step with their ratio to ours: a row a peer, a column a network. */
function speedTable(results: readonly NetResult[]): string {
  const nets = distinct(results.map(({ net }) => net));
  const rows = distinct(results.map(({ title }) => title)).map((title) => [
    title,
    ...nets.map((net) => {
      const found = results.find((each) => each.title === title && each.net === net);
      if (found === undefined) return "–";
      return `${digits(found.time.median)} (×${digits(found.ratio)})`;
    }),
  ]);
  return markdownTable(["ms a step (× ours)", ...nets], rows);
}

function detailTable(results: readonly NetResult[]): string {
  const header = [
    "net",
    "peer",
    "ms, median",
    "quartiles",
    "GFLOP/s",
    "compile ms",
    "first step ms",
    "peak MB",
    "loss off by",
  ];
  const rows = results.map((each) => [
    each.net,
    each.title,
    digits(each.time.median),
    `${digits(each.time.low)} to ${digits(each.time.high)}`,
    digits(each.rate),
    digits(each.compileTime),
    digits(each.firstTime),
    digits(each.peakMemory / 1e6),
    each.lossDifference.toExponential(0),
  ]);
  return markdownTable(header, rows);
}

/** Everything that a reader needs to judge the figures. */
export function markdownReport(machine: Machine, results: readonly NetResult[]): string {
  const peers = distinct(results.map(({ title, about }) => `- ${title}: ${about}`));
  const warning = "**The machine did other work meanwhile: these figures are rough.**";
  return [
    ...(isBusy(machine) ? [warning, ""] : []),
    speedTable(results),
    "",
    `Measured on ${machine.date}: ${machine.processor}, ${machine.cores} cores, ${machine.system}, ` +
      `Node ${machine.node} (V8 ${machine.v8}), load ${machine.load.toFixed(1)} before.`,
    "",
    ...peers,
    "",
    detailTable(results),
  ].join("\n");
}
